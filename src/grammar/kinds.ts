// Which kinds of node a grammar has, found in one walk: most grammars can do without the passes that look for one kind.
import type { Grammar, Node } from './ir.js';

const REPEAT = 1;
const SCOPE = 2;

/** Passes ask in a row, mostly of the same grammar. */
const known = new WeakMap<Grammar, number>();

/** True when some node of the grammar is a repeat. */
export function hasRepeats(grammar: Grammar): boolean {
  return (kindsIn(grammar) & REPEAT) !== 0;
}

/** True when some node of the grammar is a scope: then it uses registers. */
export function hasScopes(grammar: Grammar): boolean {
  return (kindsIn(grammar) & SCOPE) !== 0;
}

function kindsIn(grammar: Grammar): number {
  let kinds = known.get(grammar);
  if (kinds === undefined) {
    kinds = kindsOf(grammar.start);
    for (const { body } of grammar.rules) kinds |= kindsOf(body);
    known.set(grammar, kinds);
  }
  return kinds;
}

function kindsOf(node: Node): number {
  let kinds = 0;
  switch (node.kind) {
    case 'sequence':
      for (const item of node.items) kinds |= kindsOf(item);
      return kinds;
    case 'choice':
      for (const option of node.options) kinds |= kindsOf(option);
      return kinds;
    case 'repeat':
      return REPEAT | kindsOf(node.item);
    case 'scope':
      return SCOPE | kindsOf(node.body);
    default:
      return kinds;
  }
}
