// Sets of numbers: ranges and value lists, their intersection, simplified union and complement.
// Works on exact decimals; the automata of these sets are built in number-lexemes.ts.

import { compareDecimals, type Decimal } from './decimal.js';
import { isMultipleOf, leastCommonMultiple } from './decimal-multiples.js';
import {
  type Bound,
  type NumberRange,
  type NumberShape,
  type NumberValues,
  numberRange,
  numberValues,
} from './shape.js';

/** @throws LimitError `maxDivisor` */
export function intersectNumbers(a: NumberShape, b: NumberShape): NumberShape | undefined {
  if (a.kind === 'values' || b.kind === 'values') {
    const values = a.kind === 'values' ? valuesIn(a.values, b) : valuesIn((b as NumberValues).values, a);
    return values.length > 0 ? numberValues(values, a.plain || b.plain) : undefined;
  }
  const lower = tighter(a.lower, b.lower, 1);
  const upper = tighter(a.upper, b.upper, -1);
  if (lower && upper) {
    const order = compareDecimals(lower.value, upper.value);
    if (order > 0 || (order === 0 && (lower.exclusive || upper.exclusive))) return undefined;
  }
  if (a.only !== 'all' && b.only !== 'all' && a.only !== b.only) return undefined;
  const only = a.only === 'all' ? b.only : a.only;
  const multiple =
    a.multiple && b.multiple ? leastCommonMultiple(a.multiple, b.multiple) : (a.multiple ?? b.multiple);
  const except = a.except.length + b.except.length === 0 ? a.except : [...a.except, ...b.except];
  if (multiple && isMultipleOfAny(multiple, except)) return undefined;
  return numberRange({
    only,
    lower,
    upper,
    multiple,
    except: withoutMultiples(except, multiple),
    plain: a.plain || b.plain,
  });
}

/** Those of the values that are in a set, too. */
function valuesIn(values: readonly Decimal[], set: NumberShape): Decimal[] {
  const found: Decimal[] = [];
  if (set.kind === 'values') {
    const known = new Set<string>();
    for (const value of set.values) known.add(value.toString());
    for (const value of values) if (known.has(value.toString())) found.push(value);
  } else for (const value of values) if (isInRange(value, set)) found.push(value);
  return found;
}

function isMultipleOfAny(value: Decimal, divisors: readonly Decimal[]): boolean {
  for (const divisor of divisors) if (isMultipleOf(value, divisor)) return true;
  return false;
}

/** What is no multiple of a number is none of its multiples either; among the multiples of `multiple`, if there is one. */
function withoutMultiples(divisors: readonly Decimal[], multiple: Decimal | undefined): readonly Decimal[] {
  if (divisors.length < 2) return divisors;
  const excluded = (divisor: Decimal) => (multiple ? leastCommonMultiple(multiple, divisor) : divisor);
  const distinct = new Map(divisors.map((divisor) => [excluded(divisor).toString(), divisor]));
  const kept = [...distinct.values()].map((divisor) => ({ divisor, least: excluded(divisor) }));
  return kept
    .filter((one) => !kept.some((other) => other !== one && isMultipleOf(one.least, other.least)))
    .map(({ divisor }) => divisor);
}

/** The stricter of two bounds; `direction` is 1 for lower bounds, -1 for upper ones. */
export function tighter(a: Bound | undefined, b: Bound | undefined, direction: 1 | -1): Bound | undefined {
  if (!a || !b) return a ?? b;
  const order = compareDecimals(a.value, b.value) * direction;
  if (order !== 0) return order > 0 ? a : b;
  return a.exclusive ? a : b;
}

function isInRange(value: Decimal, shape: NumberRange): boolean {
  if (shape.only !== 'all' && value.isInteger !== (shape.only === 'integers')) return false;
  if (shape.lower) {
    const order = compareDecimals(value, shape.lower.value);
    if (order < 0 || (order === 0 && shape.lower.exclusive)) return false;
  }
  if (shape.upper) {
    const order = compareDecimals(value, shape.upper.value);
    if (order > 0 || (order === 0 && shape.upper.exclusive)) return false;
  }
  if (shape.multiple && !isMultipleOf(value, shape.multiple)) return false;
  return !isMultipleOfAny(value, shape.except);
}

function contains(outer: NumberRange, inner: NumberRange): boolean {
  if (outer.only !== 'all' && outer.only !== inner.only) return false;
  if (outer.plain && !inner.plain) return false;
  const lower = !outer.lower || (inner.lower && tighter(outer.lower, inner.lower, 1) === inner.lower);
  const upper = !outer.upper || (inner.upper && tighter(outer.upper, inner.upper, -1) === inner.upper);
  return Boolean(lower && upper) && multiplesContain(outer, inner);
}

function multiplesContain(outer: NumberRange, inner: NumberRange): boolean {
  if (outer.multiple && !(inner.multiple && isMultipleOf(inner.multiple, outer.multiple))) return false;
  return outer.except.every((one) => inner.except.some((other) => isMultipleOf(one, other)));
}

export function simplifyNumbers(shapes: NumberShape[]): readonly NumberShape[] {
  if (shapes.length < 2) return shapes;
  const kept: NumberRange[] = [];
  for (const shape of shapes) {
    if (shape.kind === 'values' || isContained(shape, kept)) continue;
    let size = 0;
    for (const other of kept) if (!contains(shape, other)) kept[size++] = other;
    kept.length = size;
    kept.push(shape);
  }
  const inEveryForm = listed(shapes, (value) =>
    kept.some((range) => !range.plain && isInRange(value, range)),
  );
  const plain = listed(
    shapes,
    (value, key) => inEveryForm.has(key) || kept.some((range) => isInRange(value, range)),
    true,
  );
  const all: NumberShape[] = [...kept];
  if (inEveryForm.size > 0) all.push(numberValues([...inEveryForm.values()]));
  if (plain.size > 0) all.push(numberValues([...plain.values()], true));
  return all;
}

function isContained(inner: NumberRange, others: readonly NumberRange[]): boolean {
  for (const outer of others) if (contains(outer, inner)) return true;
  return false;
}

/** The listed values, plain ones or the others, by their texts, but those that are held otherwise. */
function listed(
  shapes: readonly NumberShape[],
  isHeld: (value: Decimal, key: string) => boolean,
  plain = false,
): ReadonlyMap<string, Decimal> {
  const values = new Map<string, Decimal>();
  for (const shape of shapes) {
    if (shape.kind === 'range' || shape.plain !== plain) continue;
    for (const value of shape.values) {
      const key = value.toString();
      if (!isHeld(value, key)) values.set(key, value);
    }
  }
  return values;
}

/** More values than this leave too many gaps between them. */
const MAX_GAPS = 256;

export function numbersOutside(shape: NumberShape): NumberShape[] | undefined {
  if (shape.kind === 'values') {
    const values = [...shape.values].sort(compareDecimals);
    if (values.length > MAX_GAPS) return undefined;
    const ends = values.map((value): Bound => ({ value, exclusive: true }));
    return [undefined, ...ends].map((lower, index) => numberRange({ lower, upper: ends[index] }));
  }
  const outside: NumberRange[] = [];
  if (shape.only !== 'all')
    outside.push(
      numberRange({
        only: shape.only === 'integers' ? 'fractions' : 'integers',
        // What is no integer of draft 4 has such integers as its own complement.
        plain: shape.plain,
      }),
    );
  if (shape.lower) outside.push(numberRange({ upper: opposite(shape.lower) }));
  if (shape.upper) outside.push(numberRange({ lower: opposite(shape.upper) }));
  if (shape.multiple) outside.push(numberRange({ except: [shape.multiple] }));
  for (const divisor of shape.except) outside.push(numberRange({ multiple: divisor }));
  return outside;
}

function opposite({ value, exclusive }: Bound): Bound {
  return { value, exclusive: !exclusive };
}
