// The shapes of a railroad diagram and their layout: every shape is entered at its left and left at its right, on one line.
// `up` and `down` are the pixels that it takes above and below that line. Draws SVG; knows no grammar.
import { escapeXml } from './xml.js';

export interface Shape {
  readonly width: number;
  readonly up: number;
  readonly down: number;
  /** SVG elements with the line's left end at (x, y). */
  draw(x: number, y: number): string;
}

const RADIUS = 10;
const GAP = 10;
const ROW_GAP = 8;
const BOX_HALF = 12;
/** Of a monospaced font of 13 pixels. */
const CHARACTER_WIDTH = 7.9;
const LABEL_HEIGHT = 14;

export type BoxStyle = 'literal' | 'lexeme' | 'rule' | 'token' | 'never';

/** Text in a box; `href` makes it a link. */
export function box(text: string, style: BoxStyle, href?: string): Shape {
  const width = Math.ceil([...text].length * CHARACTER_WIDTH) + 20;
  const rounded = style === 'rule' ? 0 : BOX_HALF;
  return {
    width,
    up: BOX_HALF,
    down: BOX_HALF,
    draw(x, y) {
      const drawn =
        `<g class="${style}"><rect x="${x}" y="${y - BOX_HALF}" width="${width}" height="${2 * BOX_HALF}" rx="${rounded}"/>` +
        `<text x="${x + width / 2}" y="${y + 4}">${escapeXml(text)}</text></g>`;
      return href === undefined ? drawn : `<a href="${escapeXml(href)}">${drawn}</a>`;
    },
  };
}

/** Nothing to read: the line goes on. */
export const SKIP: Shape = { width: 0, up: 0, down: 0, draw: () => '' };

export function inSequence(items: readonly Shape[]): Shape {
  if (items.length === 0) return SKIP;
  const width = items.reduce((sum, item) => sum + item.width, 0) + GAP * (items.length - 1);
  return {
    width,
    up: Math.max(...items.map(({ up }) => up)),
    down: Math.max(...items.map(({ down }) => down)),
    draw(x, y) {
      let at = x;
      const drawn = items.map((item, index) => {
        const between = index === 0 ? '' : line(at, at + GAP, y);
        if (index > 0) at += GAP;
        const shape = item.draw(at, y);
        at += item.width;
        return between + shape;
      });
      return drawn.join('');
    },
  };
}

/** One of the options: the first on the line, the others below it. */
export function oneOf(options: readonly Shape[]): Shape {
  if (options.length === 1) return options[0];
  const inner = Math.max(...options.map(({ width }) => width));
  const offsets: number[] = [0];
  for (let i = 1; i < options.length; i++) {
    const least = i === 1 ? RADIUS * 2 : RADIUS;
    offsets.push(offsets[i - 1] + Math.max(least, options[i - 1].down + ROW_GAP + options[i].up));
  }
  const last = options.length - 1;
  return {
    width: inner + 4 * RADIUS,
    up: options[0].up,
    down: offsets[last] + options[last].down,
    draw(x, y) {
      return options
        .map((option, i) => {
          const left = x + 2 * RADIUS;
          const right = left + inner;
          const row = y + offsets[i];
          const start = left + Math.floor((inner - option.width) / 2);
          const run = line(left, start, row) + line(start + option.width, right, row);
          const way =
            i === 0
              ? line(x, left, y) + line(right, right + 2 * RADIUS, y)
              : path(
                  `M${x} ${y}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} ${RADIUS}V${row - RADIUS}a${RADIUS} ${RADIUS} 0 0 0 ${RADIUS} ${RADIUS}`,
                ) +
                path(
                  `M${right} ${row}a${RADIUS} ${RADIUS} 0 0 0 ${RADIUS} ${-RADIUS}V${y + RADIUS}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} ${-RADIUS}`,
                );
          return way + run + option.draw(start, row);
        })
        .join('');
    },
  };
}

/** The item, and a way back below it; `label` says how often. */
export function loop(item: Shape, label: string): Shape {
  const inner = Math.max(item.width, Math.ceil([...label].length * CHARACTER_WIDTH));
  const below = Math.max(2 * RADIUS, item.down + ROW_GAP);
  return {
    width: inner + 2 * RADIUS,
    up: item.up,
    down: below + (label === '' ? 0 : LABEL_HEIGHT),
    draw(x, y) {
      const left = x + RADIUS;
      const right = left + inner;
      const start = left + Math.floor((inner - item.width) / 2);
      const words =
        label === ''
          ? ''
          : `<text class="label" x="${(left + right) / 2}" y="${y + below + LABEL_HEIGHT - 2}">${escapeXml(label)}</text>`;
      return (
        line(x, start, y) +
        line(start + item.width, right + RADIUS, y) +
        path(
          `M${right} ${y}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} ${RADIUS}V${y + below - RADIUS}a${RADIUS} ${RADIUS} 0 0 1 ${-RADIUS} ${RADIUS}` +
            `H${left}a${RADIUS} ${RADIUS} 0 0 1 ${-RADIUS} ${-RADIUS}V${y + RADIUS}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} ${-RADIUS}`,
        ) +
        item.draw(start, y) +
        words
      );
    },
  };
}

const END = 20;

/** A whole diagram at (0, top): a start mark, the shape, an end mark. */
export function track(shape: Shape): {
  readonly width: number;
  readonly height: number;
  draw(top: number): string;
} {
  return {
    width: shape.width + 2 * END + 2,
    height: shape.up + shape.down + 4,
    draw(top) {
      const y = top + shape.up + 2;
      const right = END + shape.width;
      return (
        path(`M1 ${y - 8}v16M1 ${y}H${END}`) +
        shape.draw(END, y) +
        path(`M${right} ${y}H${right + END}M${right + END} ${y - 8}v16`)
      );
    },
  };
}

function line(from: number, to: number, y: number): string {
  return from === to ? '' : path(`M${from} ${y}H${to}`);
}

function path(steps: string): string {
  return `<path d="${steps}"/>`;
}
