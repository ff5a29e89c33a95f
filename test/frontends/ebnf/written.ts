// Writes a grammar of the IR as GBNF text, for reading it back: literals, references, groups and counts; an automaton
// becomes right-linear rules.
import type { Grammar, Node } from '../../../src/grammar/index.js';

/** The grammar as a text whose start rule is `root`. */
export function writtenGbnf(grammar: Grammar): string {
  const extra: string[] = [];
  const rules = grammar.rules.map(({ body }, id) => `r${id} ::= ${write(body, extra)}`);
  return [`root ::= ${write(grammar.start, extra)}`, ...rules, ...extra].join('\n');
}

function write(node: Node, extra: string[]): string {
  switch (node.kind) {
    case 'empty':
      return '""';
    case 'never':
      return writeNever(extra);
    case 'bytes':
      return JSON.stringify(new TextDecoder().decode(node.bytes));
    case 'regular':
      return writeDfa(node, extra);
    case 'sequence':
      return `(${node.items.map((item) => write(item, extra)).join(' ')})`;
    case 'choice':
      return `(${node.options.map((option) => write(option, extra)).join(' | ')})`;
    case 'repeat':
      return `(${write(node.item, extra)}){${node.min},${Number.isFinite(node.max) ? node.max : ''}}`;
    case 'reference':
      return `r${node.rule}`;
    default:
      throw new Error(`GBNF has nothing for a node of kind ${node.kind}`);
  }
}

/** A rule without any sentence: it needs itself. */
function writeNever(extra: string[]): string {
  const name = `never-${extra.length}`;
  extra.push(`${name} ::= "x" ${name}`);
  return name;
}

function writeDfa({ dfa }: Node & { kind: 'regular' }, extra: string[]): string {
  const first = `dfa-${extra.length}`;
  dfa.edges.forEach((edges, state) => {
    const moves = edges.map(({ lo, hi, to }) => `[${hex(lo)}-${hex(hi)}] ${first}-${to}`);
    extra.push(
      `${first}-${state} ::= ${[...moves, ...(dfa.accept[state] ? ['""'] : [])].join(' | ') || writeNever(extra)}`,
    );
  });
  return `${first}-0`;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
