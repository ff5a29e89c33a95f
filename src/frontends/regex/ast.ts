// The small syntax tree that both parsers' adapters write and the automaton is built from. Flags are already resolved in
// it: classes are sets of code points, and an assertion says what it wants to see on either side.
import type { Intervals } from '../../automata/index.js';

export type RegexNode =
  /** One code point of the set. */
  | { readonly kind: 'set'; readonly set: Intervals }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  /** `max` may be Infinity. */
  | { readonly kind: 'repeat'; readonly item: RegexNode; readonly min: number; readonly max: number }
  | Assertion
  | Look;

/** Lookaround: reads nothing; holds where a match of the body begins (or, `behind`, ends), or where none does. */
export interface Look {
  readonly kind: 'look';
  readonly behind: boolean;
  readonly negate: boolean;
  readonly body: RegexNode;
}

/** Reads nothing; holds where one of the pairs describes the symbols before and after the position. */
export interface Assertion {
  readonly kind: 'assertion';
  readonly sides: readonly (readonly [before: Side, after: Side])[];
}

/** A symbol of the set or, when `edge` is true, the edge of the text. */
export interface Side {
  readonly set: Intervals;
  readonly edge: boolean;
}

export const EMPTY_NODE: RegexNode = { kind: 'sequence', items: [] };

export function sequenceNode(items: readonly RegexNode[]): RegexNode {
  return items.length === 1 ? items[0] : { kind: 'sequence', items };
}

export function choiceNode(options: readonly RegexNode[]): RegexNode {
  return options.length === 1 ? options[0] : { kind: 'choice', options };
}

/** Whether some part of the tree asks what stands around it. */
export function hasAssertion(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.items.some(hasAssertion);
    case 'choice':
      return node.options.some(hasAssertion);
    case 'repeat':
      return hasAssertion(node.item);
    default:
      return true;
  }
}
