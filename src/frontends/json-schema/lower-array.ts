// Lowers an array shape: items by position, then a counted repetition of the rest; with `contains` rules, one rule for
// each state of their counts. With uniqueItems each item is compared with those before it.
import {
  bytes,
  choice,
  type GrammarBuilder,
  NEVER,
  type Node,
  op,
  repeat,
  scope,
  sequence,
} from '../../grammar/index.js';
import { ArrayGraph, type ArrayState } from './array-plan.js';
import { longestArray } from './emptiness.js';
import type { LoweringContext } from './lowering.js';
import { type ArrayShape, arrayWith } from './shape.js';
import type { Term } from './terms.js';
import { uniqueLimit } from './unique.js';

const OPEN = bytes('[');
const CLOSE = bytes(']');
const COMMA = bytes(',');

/** The node of all arrays of this shape; never, where there are none. */
export function arrayNode(shape: ArrayShape, name: string, context: LoweringContext): Node {
  const bounded = writable(shape, context);
  const node =
    bounded.contains.length > 0 ? withContains(bounded, name, context) : plainArray(bounded, name, context);
  return bounded.unique ? scope(node) : node;
}

/** The shape with the length that its different items allow; without uniqueItems where that is refused and left out. */
function writable(shape: ArrayShape, context: LoweringContext): ArrayShape {
  if (shape.unique === undefined) return shape;
  const max = shape.unique ? uniqueLimit(shape, context) : undefined;
  if (max !== undefined) return arrayWith(shape, { max });
  context.refuse(
    'uniqueItems',
    shape.unique
      ? 'is not supported where positions of few values share only some of them'
      : "is not supported under 'not', nor where oneOf or if asks for arrays in which two items are equal",
  );
  return arrayWith(shape, { unique: undefined });
}

/** One item; compared with the others of its array where these must differ. */
function itemNode(term: Term, shape: ArrayShape, context: LoweringContext): Node {
  const item = context.node(term);
  return shape.unique ? sequence(op({ kind: 'begin' }), item, op({ kind: 'distinct' })) : item;
}

function plainArray(shape: ArrayShape, name: string, context: LoweringContext): Node {
  const { space } = context;
  const max = longestArray(shape, (term) => context.holdsValue(term));
  if (max < shape.min) return NEVER;
  const empty = shape.min === 0 ? CLOSE : NEVER;
  if (max === 0) return sequence(OPEN, space, CLOSE);
  return sequence(OPEN, space, choice(itemsFrom(shape, max, name, context), empty));
}

/** The first item and all after it, up to and with the closing bracket. */
function itemsFrom(shape: ArrayShape, max: number, name: string, context: LoweringContext): Node {
  const { space, builder } = context;
  const { prefix, items, min } = shape;
  const positions = Math.min(prefix.length, max);
  const first = positions > 0 ? prefix[0] : items;
  const counted = Math.max(positions, 1);
  let rest: Node = CLOSE;
  if (max > counted) {
    const following = sequence(COMMA, space, itemNode(items, shape, context), space);
    rest = shape.unique
      ? countedTail(following, min - counted, max - counted, name, context)
      : sequence(repeat(following, Math.max(0, min - counted), max - counted), CLOSE);
  }
  for (let index = counted - 1; index > 0; index--) {
    const after = sequence(COMMA, space, itemNode(prefix[index], shape, context), space, rest);
    rest = builder.rule(`${name}[${index}]`, choice(after, index >= min ? CLOSE : NEVER));
  }
  return sequence(itemNode(first, shape, context), space, rest);
}

/** A repetition that stays in the frame of its scope, where the items are remembered, and counts there. */
function countedTail(item: Node, min: number, max: number, name: string, context: LoweringContext): Node {
  const tail = context.builder.declare(`${name}[…]`);
  const isOpen = max === Number.POSITIVE_INFINITY;
  const counts = !isOpen || min > 0;
  const count = counts ? op({ kind: 'count', limit: isOpen ? min : max, saturates: isOpen }) : sequence();
  const enough = min > 0 ? op({ kind: 'atLeast', min }) : sequence();
  context.builder.define(tail, choice(sequence(count, item, tail), sequence(enough, CLOSE)));
  return tail;
}

function withContains(shape: ArrayShape, name: string, context: LoweringContext): Node {
  const { space, builder } = context;
  const plan = { ...context.arrays.of(shape), max: shape.max };
  const { states } = new ArrayGraph(plan, (term) => context.holdsValue(term), context.limits);
  if (!states[0].live) return NEVER;
  const rules: (ReturnType<GrammarBuilder['declare']> | undefined)[] = [];
  for (let id = 0; id < states.length; id++)
    rules.push(states[id].live && id > 0 ? builder.declare(`${name}[${id}]`) : undefined);
  for (let id = 0; id < states.length; id++) {
    const rule = rules[id];
    if (rule) builder.define(rule, after(states[id], sequence(COMMA, space), rules, shape, context));
  }
  return sequence(OPEN, space, after(states[0], sequence(), rules, shape, context));
}

/** What comes at a state: one more item and the rest, or the end. */
function after(
  { edges, closes }: ArrayState,
  comma: Node,
  rules: readonly (Node | undefined)[],
  shape: ArrayShape,
  context: LoweringContext,
): Node {
  const items: Node[] = [];
  for (const { term, to } of edges) {
    const rule = rules[to];
    if (rule) items.push(sequence(itemNode(term, shape, context), context.space, rule));
  }
  return choice(sequence(comma, choice(...items)), closes ? CLOSE : NEVER);
}
