// What objects in either order of properties are written with: the tokens, how counts are kept, and a single property.
// Read by lower-object.ts (schema order) and lower-unordered.ts (any order).
import { bytes, type Node, op, sequence } from '../../grammar/index.js';
import type { LoweringContext } from './lowering.js';
import type { ObjectPlan } from './object-plan.js';
import type { Term } from './terms.js';

export const OPEN = bytes('{');
export const CLOSE = bytes('}');
export const COMMA = bytes(',');
const COLON = bytes(':');

/** How minProperties and maxProperties are kept: not at all, in the states of the graph, or in a counter. */
export type Counting = 'none' | 'states' | 'counter';

/** At least one property is no count: an empty object is just not offered. */
export function countingOf({ min, max, required, clauses, claims }: ObjectPlan): Counting {
  if (max === Number.POSITIVE_INFINITY && min <= Math.max(1, required)) return 'none';
  return clauses.length > 0 || claims > 0 ? 'states' : 'counter';
}

/** Where the number of different names matters, or which value of one name counts, names not listed are compared. */
export function comparesNames({ min, required, claims, rest }: ObjectPlan): boolean {
  return rest.length > 0 && (claims > 0 || min > Math.max(1, required));
}

/** Counts a property that is not required, within what the required ones leave of `max`. */
export function countOptional({ min, max, required }: ObjectPlan): Node {
  if (max !== Number.POSITIVE_INFINITY) return op({ kind: 'count', limit: max - required });
  return op({ kind: 'count', limit: Math.max(0, min - required), saturates: true });
}

export function atLeast(min: number): Node {
  return min > 0 && min !== Number.POSITIVE_INFINITY ? op({ kind: 'atLeast', min }) : sequence();
}

/** A property: what comes `before` the colon, the value, and `then`. */
export function memberNode(before: Node, term: Term, then: Node, context: LoweringContext): Node {
  const { space } = context;
  return sequence(before, space, COLON, space, context.node(term), space, then);
}

/** A name that is not listed. */
export function otherName(plan: ObjectPlan, index: number, context: LoweringContext): Node {
  const { keys } = plan.rest[index];
  const name = keys ? context.keys.in(keys) : context.keys.allBut(plan.listed);
  return comparesNames(plan) ? sequence(op({ kind: 'begin' }), name, op({ kind: 'distinct' })) : name;
}
