// Railroad diagrams of a grammar: its rules become shapes, and these an SVG image or an HTML page.
import { LimitError } from '../../errors.js';
import { type Grammar, lexemeText, type Node, printNode, ruleNames } from '../../grammar/index.js';
import { box, inSequence, loop, oneOf, type Shape, SKIP, track } from './diagram.js';
import { escapeXml } from './xml.js';

export interface RailroadOptions {
  /** `svg` (default): one image. `html`: a page with a diagram a rule. */
  readonly format?: 'svg' | 'html';
  /** The page's and the image's title; default `Grammar`. */
  readonly title?: string;
  /** Most elements of all diagrams; default 20,000. */
  readonly maxElements?: number;
}

/** Characters of a box; longer texts end in an ellipsis. */
const MAX_TEXT = 64;
/** Most nodes of a grammar inside each other. */
const MAX_DEPTH = 400;

/** @throws LimitError `maxElements`, `MAX_DEPTH` */
export function railroad(grammar: Grammar, options: RailroadOptions = {}): string {
  const { format = 'svg', title = 'Grammar', maxElements = 20_000 } = options;
  const shapes = new Shapes(grammar, maxElements);
  const names = ruleNames(grammar);
  const diagrams = [
    ...(grammar.start.kind === 'reference' ? [] : [{ id: 'start', name: 'start', body: grammar.start }]),
    ...grammar.rules.map(({ body }, rule) => ({ id: `rule-${rule}`, name: names[rule], body })),
  ].map(({ id, name, body }) => ({ id, name, shape: shapes.of(body, 0) }));
  return format === 'html' ? page(title, diagrams) : image(title, diagrams);
}

interface Diagram {
  readonly id: string;
  readonly name: string;
  readonly shape: Shape;
}

class Shapes {
  readonly #names: readonly string[];
  readonly #maxElements: number;
  #elements = 0;

  constructor(grammar: Grammar, maxElements: number) {
    this.#names = ruleNames(grammar);
    this.#maxElements = maxElements;
  }

  of(node: Node, depth: number): Shape {
    if (++this.#elements > this.#maxElements)
      throw new LimitError('maxElements', this.#maxElements, 'the diagrams have too many elements');
    if (depth > MAX_DEPTH)
      throw new LimitError('MAX_DEPTH', MAX_DEPTH, 'the grammar nests too deeply to be drawn');
    const inside = (child: Node) => this.of(child, depth + 1);
    switch (node.kind) {
      case 'empty':
        return SKIP;
      case 'never':
        return box('never', 'never');
      case 'bytes':
        return box(shortened(printNode(node, [])), 'literal');
      case 'regular':
        return box(
          shortened(lexemeText(node.dfa) ?? `a lexeme of ${node.dfa.edges.length} states`),
          'lexeme',
        );
      case 'sequence':
        return inSequence(node.items.map(inside));
      case 'choice':
        return oneOf(emptyFirst(node.options).map(inside));
      case 'repeat':
        return repeated(node, inside(node.item));
      case 'reference':
        return box(shortened(this.#names[node.rule]), 'rule', `#rule-${node.rule}`);
      case 'scope':
        return inside(node.body);
      case 'op':
      case 'token':
        return box(shortened(printNode(node, [])), 'token');
    }
  }
}

/** What may be left out is drawn below the line that leaves it out. */
function emptyFirst(options: readonly Node[]): readonly Node[] {
  const isEmpty = ({ kind }: Node) => kind === 'empty';
  return [...options.filter(isEmpty), ...options.filter((option) => !isEmpty(option))];
}

function repeated({ min, max }: Node & { kind: 'repeat' }, item: Shape): Shape {
  if (max === 1) return min === 0 ? oneOf([SKIP, item]) : item;
  const looped = loop(item, howOften(min, max));
  return min === 0 ? oneOf([SKIP, looped]) : looped;
}

function howOften(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min <= 1 ? '' : `${min} or more`;
  if (min === 0) return `up to ${max} times`;
  return min === max ? `${min} times` : `${min} to ${max} times`;
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > MAX_TEXT ? `${characters.slice(0, MAX_TEXT - 1).join('')}…` : text;
}

const STYLE = `svg{font:13px ui-monospace,monospace}
path{fill:none;stroke:#555;stroke-width:1.5}
rect{stroke:#555;stroke-width:1.5;fill:#fff}
text{text-anchor:middle;fill:#111;white-space:pre}
text.name{text-anchor:start;font-weight:bold}
text.label{font-size:11px;fill:#555}
.literal rect{fill:#e5f3e5}.lexeme rect{fill:#fdf3d8}.rule rect{fill:#e4ecfb}.token rect{fill:#f6e4f6}.never rect{fill:#fbe4e4}`;

const NAME_HEIGHT = 20;
const SPACE = 14;

function image(title: string, diagrams: readonly Diagram[]): string {
  let top = 0;
  let width = 0;
  const drawn = diagrams.map(({ id, name, shape }) => {
    const laid = track(shape);
    const part =
      `<g id="${id}"><text class="name" x="1" y="${top + 14}">${escapeXml(shortened(name))}</text>` +
      `${laid.draw(top + NAME_HEIGHT)}</g>`;
    top += NAME_HEIGHT + laid.height + SPACE;
    width = Math.max(width, laid.width, [...shortened(name)].length * 9);
    return part;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${top}" width="${Math.ceil(width)}" height="${top}">` +
    `<title>${escapeXml(title)}</title><style>${STYLE}</style>${drawn.join('\n')}</svg>\n`
  );
}

function page(title: string, diagrams: readonly Diagram[]): string {
  const sections = diagrams.map(({ id, name, shape }) => {
    const { width, height, draw } = track(shape);
    return (
      `<section id="${id}"><h2>${escapeXml(name)}</h2>` +
      `<svg viewBox="0 0 ${Math.ceil(width)} ${height}" width="${Math.ceil(width)}" height="${height}">${draw(0)}</svg></section>`
    );
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>
body{font:15px system-ui,sans-serif;margin:2rem}
h2{font:bold 14px ui-monospace,monospace;margin:1.5rem 0 .3rem}
section{overflow-x:auto}
section:target h2{background:#fdf3d8}
${STYLE}
</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
${sections.join('\n')}
</body>
</html>
`;
}
