// Gives names to lexemes that a grammar uses again and again, so that print and diagrams show `ws` and not its automaton.
import { type Dfa, dfaKey } from '../automata/index.js';
import { type Grammar, lexemeText, mapSubnodes, type Node, type Rule, subnodes } from '../grammar/index.js';

/** Lexemes as short as this stay where they are. */
const SHORT = 8;

/** The same grammar, with a rule for each lexeme that stands in several places and is long to write. */
export function nameLexemes(grammar: Grammar): Grammar {
  const uses = new Map<string, { readonly dfa: Dfa; count: number }>();
  const nodes = [grammar.start, ...grammar.rules.map(({ body }) => body)];
  for (const node of nodes) countLexemes(node, uses);
  const added: Rule[] = [];
  const named = new Map<string, number>();
  const taken = new Set(grammar.rules.map(({ name }) => name));
  for (const [key, { dfa, count }] of uses) {
    if (count < 2 || (lexemeText(dfa)?.length ?? Number.POSITIVE_INFINITY) <= SHORT) continue;
    const name = freeName(isWhiteSpace(dfa) ? 'ws' : 'lexeme', taken);
    named.set(key, grammar.rules.length + added.push({ name, body: { kind: 'regular', dfa } }) - 1);
  }
  // A rule that is nothing but the lexeme keeps it: it is a name already.
  const rewritten = (node: Node) => (node.kind === 'regular' ? node : replace(node, named));
  return {
    rules: [...grammar.rules.map((rule) => ({ ...rule, body: rewritten(rule.body) })), ...added],
    start: rewritten(grammar.start),
  };
}

/** Whether a lexeme reads white space alone. */
export function isWhiteSpace(dfa: Dfa): boolean {
  const isWhite = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
  return dfa.edges.every((edges) => edges.every(({ lo, hi }) => isWhite(lo) && isWhite(hi) && hi - lo < 2));
}

function freeName(wish: string, taken: Set<string>): string {
  let name = wish;
  for (let number = 2; taken.has(name); number++) name = `${wish}-${number}`;
  taken.add(name);
  return name;
}

function countLexemes(root: Node, uses: Map<string, { readonly dfa: Dfa; count: number }>): void {
  const pending = [root];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.kind === 'regular') {
      const key = dfaKey(node.dfa);
      const known = uses.get(key);
      if (known) known.count++;
      else uses.set(key, { dfa: node.dfa, count: 1 });
    } else for (const inner of subnodes(node)) pending.push(inner);
  }
}

function replace(node: Node, named: ReadonlyMap<string, number>): Node {
  if (node.kind !== 'regular') return mapSubnodes(node, (inner) => replace(inner, named));
  const rule = named.get(dfaKey(node.dfa));
  return rule === undefined ? node : { kind: 'reference', rule };
}
