// Shapes of literal values, from `const` and `enum`: scalars become value lists, arrays and objects become shapes
// whose children are constants, so that a literal meets its sibling keywords by the same intersection as all else.
import { Decimal } from './decimal.js';
import { isArray, isObject, type Json, pointerToken } from './json-value.js';
import {
  type ArrayShape,
  anyArray,
  anyObject,
  arrayWith,
  numberValues,
  type ObjectShape,
  objectWith,
  type Shape,
} from './shape.js';
import type { Term, TermTable } from './terms.js';

/** The shape that exactly these values satisfy. `pointer` locates them, `pointers[i]` each if given. */
export function valuesShape(
  values: readonly Json[],
  pointerOf: (index: number) => string,
  terms: TermTable,
): Shape {
  let nulls = false;
  let booleans = 0;
  const numbers = new Map<string, Decimal>();
  const strings = new Set<string>();
  const arrays: ArrayShape[] = [];
  const objects: ObjectShape[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === null) nulls = true;
    else if (typeof value === 'boolean') booleans |= value ? 2 : 1;
    else if (typeof value === 'string') strings.add(value);
    else if (value instanceof Decimal) numbers.set(value.toString(), value);
    else if (isArray(value)) arrays.push(arrayShape(value, pointerOf(index), terms));
    else if (isObject(value)) objects.push(objectShape(value, pointerOf(index), terms));
  }
  return {
    nulls,
    booleans,
    numbers: numbers.size > 0 ? [numberValues([...numbers.values()])] : [],
    strings: strings.size > 0 ? [{ kind: 'values', values: [...strings] }] : [],
    arrays,
    objects,
  };
}

function arrayShape(value: readonly Json[], pointer: string, terms: TermTable): ArrayShape {
  const prefix = value.map((item, index) => terms.constant(item, `${pointer}/${index}`));
  const { length } = value;
  return arrayWith(anyArray(terms), { prefix, items: terms.nothing, min: length, max: length });
}

function objectShape(value: ReadonlyMap<string, Json>, pointer: string, terms: TermTable): ObjectShape {
  const properties = new Map<string, Term>();
  for (const [name, member] of value) {
    properties.set(name, terms.constant(member, `${pointer}/${pointerToken(name)}`));
  }
  const required = new Set(value.keys());
  return objectWith(anyObject(terms), { properties, required, additional: terms.nothing });
}
