// Lowers an array shape: items by position, then a counted repetition of the rest.
// One rule per position, each ending in a tail reference to the next, so that length costs neither stack nor copies.
import { bytes, choice, NEVER, type Node, repeat, sequence } from '../../grammar/index.js';
import { longestArray } from './emptiness.js';
import type { LoweringContext } from './lowering.js';
import type { ArrayShape } from './shape.js';

const OPEN = bytes('[');
const CLOSE = bytes(']');
const COMMA = bytes(',');

/** The node of all arrays of this shape; never, where there are none. */
export function arrayNode(shape: ArrayShape, name: string, context: LoweringContext): Node {
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
    const following = sequence(COMMA, space, context.node(items), space);
    rest = sequence(repeat(following, Math.max(0, min - counted), max - counted), CLOSE);
  }
  for (let index = counted - 1; index > 0; index--) {
    const after = sequence(COMMA, space, context.node(prefix[index]), space, rest);
    rest = builder.rule(`${name}[${index}]`, choice(after, index >= min ? CLOSE : NEVER));
  }
  return sequence(context.node(first), space, rest);
}
