// What tells the arms of a oneOf apart at a glance: required properties whose values are a few strings.
import { propertyTerm } from './objects.js';
import type { ObjectShape, Shape } from './shape.js';
import { factsOf, type Term } from './terms.js';

/** By the name of a property, the strings that it may be. */
export type Tags = ReadonlyMap<string, ReadonlySet<string>>;

/** True where both have the same property with no value in common. */
export function tellApart(a: Tags, b: Tags): boolean {
  for (const [name, values] of a) {
    const others = b.get(name);
    if (others && !haveCommon(values, others)) return true;
  }
  return false;
}

function haveCommon(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  for (const value of a) if (b.has(value)) return true;
  return false;
}

export interface ShapesOfTerms {
  /** Undefined for terms whose shape is not known yet. */
  tryExpand(term: Term): Shape | undefined;
}

/**
 * The required properties of the shape's objects that are one of a few strings, and these; none where it holds other values
 * too.
 */
export function tagsOf(shape: Shape, terms: ShapesOfTerms): Tags {
  const { objects, arrays, strings, numbers, booleans, nulls } = shape;
  const tags = new Map<string, ReadonlySet<string>>();
  const scalars = arrays.length + strings.length + numbers.length + booleans;
  if (objects.length !== 1 || nulls || scalars > 0) return tags;
  for (const name of objects[0].required) {
    const value = terms.tryExpand(propertyTerm(objects[0], name));
    const values = value && onlyStrings(value);
    if (values) tags.set(name, values);
  }
  return tags;
}

function onlyStrings({
  strings,
  objects,
  arrays,
  numbers,
  booleans,
  nulls,
}: Shape): ReadonlySet<string> | undefined {
  const [only] = strings;
  const isOne = strings.length === 1 && only.kind === 'values' && !nulls && booleans === 0;
  return isOne && objects.length + arrays.length + numbers.length === 0 ? new Set(only.values) : undefined;
}

/** A property that all of several objects require, each with listed values of its own. */
export function commonTag(objects: readonly ObjectShape[]): string | undefined {
  if (objects.length < 2) return undefined;
  for (const name of objects[0].required) {
    if (objects.every(({ required }) => required.has(name)) && areApart(objects, name)) return name;
  }
  return undefined;
}

function areApart(objects: readonly ObjectShape[], name: string): boolean {
  const all = new Set<string>();
  let count = 0;
  for (const object of objects) {
    const { values } = factsOf(propertyTerm(object, name));
    if (!values) return false;
    for (const value of values) all.add(value);
    count += values.size;
    if (all.size < count) return false;
  }
  return true;
}
