// A grammar as text, in the manner of GBNF: what passes did to it, for people, tests and logs.
import type { Dfa } from '../automata/index.js';
import type { Grammar, Node, RegisterOp, TokenSet } from './ir.js';

/**
 * One line a rule, the start last as `start ::= …`. Lexemes print as a byte class when they match single bytes, else
 * by the size of their automaton. Rules of one name are told apart by their ids: `name#3`.
 */
export function printGrammar(grammar: Grammar): string {
  const names = uniqueNames(grammar);
  const lines = grammar.rules.map(({ body }, rule) => `${names[rule]} ::= ${printNode(body, names)}`);
  return `${[...lines, `start ::= ${printNode(grammar.start, names)}`].join('\n')}\n`;
}

/** One node, given the names of rules by id. */
export function printNode(node: Node, names: readonly string[]): string {
  switch (node.kind) {
    case 'empty':
      return '""';
    case 'never':
      return 'never';
    case 'bytes':
      return `"${[...node.bytes].map((byte) => printByte(byte, '"\\')).join('')}"`;
    case 'regular':
      return printDfa(node.dfa);
    case 'sequence':
      return node.items.map((item) => grouped(item, names, 'choice')).join(' ');
    case 'choice':
      return node.options.map((option) => printNode(option, names)).join(' | ');
    case 'repeat':
      return grouped(node.item, names, 'choice', 'sequence', 'repeat') + printCount(node.min, node.max);
    case 'reference':
      return names[node.rule];
    case 'scope':
      return `{ ${printNode(node.body, names)} }`;
    case 'op':
      return printOp(node.op);
    case 'token':
      return printTokens(node.tokens);
  }
}

function printOp(op: RegisterOp): string {
  const { kind, ...operands } = op;
  return `@${kind}(${Object.values(operands).join()})`;
}

function printTokens({ except, tokens }: TokenSet): string {
  return `${except ? '!' : ''}<${tokens.map((one) => JSON.stringify(one)).join(' ')}>`;
}

function uniqueNames({ rules }: Grammar): string[] {
  const uses = new Map<string, number>();
  for (const { name } of rules) uses.set(name, (uses.get(name) ?? 0) + 1);
  return rules.map(({ name }, rule) => (uses.get(name) === 1 && name !== 'start' ? name : `${name}#${rule}`));
}

function grouped(node: Node, names: readonly string[], ...kinds: Node['kind'][]): string {
  const text = printNode(node, names);
  return kinds.includes(node.kind) ? `(${text})` : text;
}

function printCount(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function printDfa({ edges, accept }: Dfa): string {
  const isClass = edges.length === 2 && edges[1].length === 0 && accept[0] === 0;
  if (!isClass) {
    const count = edges.reduce((sum, state) => sum + state.length, 0);
    return `<lexeme: ${edges.length} ${edges.length === 1 ? 'state' : 'states'}, ${count} ${count === 1 ? 'edge' : 'edges'}>`;
  }
  const ranges = edges[0].map(({ lo, hi }) => {
    const first = printByte(lo, ']-\\^');
    return hi === lo ? first : `${first}-${printByte(hi, ']-\\^')}`;
  });
  return `[${ranges.join('')}]`;
}

function printByte(byte: number, escaped: string): string {
  if (byte < 0x20 || byte > 0x7e) return `\\x${byte.toString(16).padStart(2, '0')}`;
  const character = String.fromCharCode(byte);
  return escaped.includes(character) ? `\\${character}` : character;
}
