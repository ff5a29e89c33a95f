// How many different values a term has, as far as it is easily said: uniqueItems can ask for no more.
import { isArray, isObject } from './json-value.js';
import { fewKeys } from './key-sets.js';
import type { NumberShape, Shape, StringShape } from './shape.js';
import { wordCount } from './string-lengths.js';
import { stringsDfa } from './string-sets.js';
import type { Term } from './terms.js';

/** Sets of more values than this count as infinite. */
const MAX_VALUES = 1_000;
const MAX_DEPTH = 4;

/** The number of values; Infinity where there are many, or where it is not known. */
export function cardinality(term: Term, expand: (term: Term) => Shape, depth = 0): number {
  if (term.impossible) return 0;
  if (depth > MAX_DEPTH) return Number.POSITIVE_INFINITY;
  if (term.parts.some((part) => part.kind === 'constant' && !isArray(part.value) && !isObject(part.value)))
    return scalars(expand(term));
  const shape = expand(term);
  let count = scalars(shape);
  for (const { prefix, items, min, max } of shape.arrays) {
    const open = max > prefix.length && cardinality(items, expand, depth + 1) > 0;
    if (open || min !== max) return max === 0 ? count + 1 : Number.POSITIVE_INFINITY;
    count += prefix
      .slice(0, max)
      .reduce((product, item) => product * cardinality(item, expand, depth + 1), 1);
  }
  for (const { properties, required, additional, patterns, clauses, some } of shape.objects) {
    const possible = [...properties].filter(([, member]) => !member.impossible);
    const fixed = possible.every(([name]) => required.has(name)) && clauses.length + some.length === 0;
    if (!fixed || !additional.impossible || patterns.some((pattern) => !pattern.term.impossible))
      return Number.POSITIVE_INFINITY;
    count += possible.reduce((product, [, member]) => product * cardinality(member, expand, depth + 1), 1);
  }
  return count > MAX_VALUES ? Number.POSITIVE_INFINITY : count;
}

function scalars(shape: Shape): number {
  const booleans = (shape.booleans & 1) + (shape.booleans >> 1);
  return Number(shape.nulls) + booleans + numbers(shape.numbers) + strings(shape.strings);
}

function numbers(shapes: readonly NumberShape[]): number {
  let count = 0;
  for (const shape of shapes) {
    if (shape.kind === 'values') count += shape.values.length;
    else if (shape.only !== 'integers' || !shape.lower || !shape.upper) return Number.POSITIVE_INFINITY;
    else {
      const lower = shape.lower.value.toNumber();
      const upper = shape.upper.value.toNumber();
      const first = shape.lower.exclusive ? Math.floor(lower) + 1 : Math.ceil(lower);
      const last = shape.upper.exclusive ? Math.ceil(upper) - 1 : Math.floor(upper);
      count += Math.max(0, last - first + 1);
    }
  }
  return count > MAX_VALUES ? Number.POSITIVE_INFINITY : count;
}

function strings(shapes: readonly StringShape[]): number {
  let count = 0;
  for (const shape of shapes) {
    if (shape.kind === 'values') count += shape.values.length;
    else if (shape.language === undefined && shape.max > 0) return Number.POSITIVE_INFINITY;
    else if (shape.language === undefined) count += 1;
    else
      count +=
        wordCount(shape.language, shape.min, shape.max, MAX_VALUES) ??
        fewKeys(stringsDfa([shape], {}), MAX_VALUES)?.length ??
        Number.POSITIVE_INFINITY;
  }
  return count;
}
