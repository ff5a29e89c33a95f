// How long an array with uniqueItems can be, and that writing it never gets stuck: the machine keeps an item from equalling
// an earlier one, which needs more values than there are earlier items that could have taken them.
import { cardinality } from './cardinality.js';
import type { ArrayShape, Shape } from './shape.js';
import type { Term, TermTable } from './terms.js';

export interface UniqueContext {
  readonly terms: TermTable;
  expand(term: Term): Shape;
  holdsValue(term: Term): boolean;
}

/**
 * The largest number of items; undefined where items of few values share some of them and not all, so that an earlier item
 * could take the last one.
 */
export function uniqueLimit(shape: ArrayShape, context: UniqueContext): number | undefined {
  const { prefix, items, max, contains } = shape;
  const size = (term: Term) => cardinality(term, (of) => context.expand(of));
  const positions = prefix.slice(0, max);
  const isShort = (term: Term, index: number) =>
    size(term) <= positions.slice(0, index).filter((other) => meets(term, other, context)).length;
  if (positions.some(isShort)) return undefined;
  const values = context.holdsValue(items) ? size(items) : 0;
  if (values === Number.POSITIVE_INFINITY && contains.every(({ term }) => size(term) > 1)) return max;
  if (contains.length > 0 && values > 0) return undefined;
  if (max <= prefix.length || values === 0) return max;
  const taken = positions.filter((term) => meets(term, items, context));
  if (taken.some((term) => size(context.terms.meet(term, items)) !== size(term))) return undefined;
  return Math.min(max, prefix.length + Math.max(0, values - taken.length));
}

function meets(a: Term, b: Term, context: UniqueContext): boolean {
  return context.holdsValue(context.terms.meet(a, b));
}
