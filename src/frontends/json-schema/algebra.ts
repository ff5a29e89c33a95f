// The algebra of shapes: intersection, union and complement, on the alternatives of each type separately.
// canonical.ts folds keywords with it; numbers and strings are combined in number-sets.ts and string-sets.ts.
import type { AutomatonLimits } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { intersectNumbers, numbersOutside, simplifyNumbers } from './number-sets.js';
import { type ArrayShape, anything, type ObjectShape, type Shape, type StringShape } from './shape.js';
import { intersectStrings, simplifyStrings, stringsOutside } from './string-sets.js';
import type { Term, TermTable } from './terms.js';

export interface AlgebraLimits extends AutomatonLimits {
  /** Most alternatives of one type in one shape. */
  readonly maxAlternatives: number;
}

/** Above this number, alternatives are not compared with each other any more. */
const MAX_COMPARED = 256;

/** Set operations on shapes. */
export class ShapeAlgebra {
  readonly #terms: TermTable;
  readonly #maxAlternatives: number;
  readonly #meetStrings: (a: StringShape, b: StringShape) => StringShape | undefined;

  constructor(terms: TermTable, limits: AlgebraLimits) {
    this.#terms = terms;
    this.#maxAlternatives = limits.maxAlternatives;
    this.#meetStrings = (a, b) => intersectStrings(a, b, limits);
  }

  /** @throws LimitError `maxAlternatives` when alternatives multiply beyond the limit. */
  intersect(a: Shape, b: Shape): Shape {
    return {
      nulls: a.nulls && b.nulls,
      booleans: a.booleans & b.booleans,
      numbers: simplifyNumbers(this.#product(a.numbers, b.numbers, intersectNumbers)),
      strings: simplifyStrings(this.#product(a.strings, b.strings, this.#meetStrings)),
      arrays: distinct(
        this.#product(a.arrays, b.arrays, (x, y) => this.#intersectArrays(x, y)),
        arrayKey,
      ),
      objects: this.#simplifyObjects(
        this.#product(a.objects, b.objects, (x, y) => this.#intersectObjects(x, y)),
      ),
    };
  }

  /** @throws LimitError `maxAlternatives` when there are more alternatives than the limit. */
  unite(shapes: readonly Shape[]): Shape {
    if (shapes.length === 1) return shapes[0];
    const arrays = shapes.flatMap((shape) => shape.arrays);
    const objects = shapes.flatMap((shape) => shape.objects);
    const anyArray = arrays.find((shape) => this.#isAnyArray(shape));
    const anyObject = objects.find((shape) => this.#isAnyObject(shape));
    return {
      nulls: shapes.some((shape) => shape.nulls),
      booleans: shapes.reduce((bits, shape) => bits | shape.booleans, 0),
      numbers: simplifyNumbers(this.#bounded(shapes.flatMap((shape) => shape.numbers))),
      strings: simplifyStrings(this.#bounded(shapes.flatMap((shape) => shape.strings))),
      arrays: anyArray ? [anyArray] : distinct(this.#bounded(arrays), arrayKey),
      objects: anyObject ? [anyObject] : this.#simplifyObjects(this.#bounded(objects)),
    };
  }

  /** Every value outside `shape`, or undefined where that cannot be stated exactly. */
  complement(shape: Shape): Shape | undefined {
    const all = anything(this.#terms);
    const numbers = this.#outside(shape.numbers, all.numbers, numbersOutside, intersectNumbers);
    const strings = this.#outside(shape.strings, all.strings, stringsOutside, this.#meetStrings);
    const arrays = this.#outside(
      shape.arrays,
      all.arrays,
      (array) => arraysOutside(array, this.#terms),
      (a, b) => this.#intersectArrays(a, b),
    );
    const objects = this.#outside(
      shape.objects,
      all.objects,
      (object) => objectsOutside(object, this.#terms),
      (a, b) => this.#intersectObjects(a, b),
      (alternatives) => this.#simplifyObjects(alternatives),
    );
    if (!numbers || !strings || !arrays || !objects) return undefined;
    return {
      nulls: !shape.nulls,
      booleans: 3 & ~shape.booleans,
      numbers: simplifyNumbers(numbers),
      strings: simplifyStrings(strings),
      arrays: distinct(arrays, arrayKey),
      objects: this.#simplifyObjects(objects),
    };
  }

  /** De Morgan: outside a union is inside every complement of its members. */
  #outside<T>(
    alternatives: readonly T[],
    all: readonly T[],
    outside: (alternative: T) => T[] | undefined,
    meet: (a: T, b: T) => T | undefined,
    simplify: (alternatives: T[]) => T[] = (alternatives) => alternatives,
  ): T[] | undefined {
    let rest: T[] = [...all];
    for (const alternative of alternatives) {
      const complement = outside(alternative);
      if (!complement) return undefined;
      rest = simplify(this.#product(rest, complement, meet));
    }
    return rest;
  }

  #product<T>(as: readonly T[], bs: readonly T[], meet: (a: T, b: T) => T | undefined): T[] {
    const met: T[] = [];
    for (const a of as) {
      for (const b of bs) {
        const both = meet(a, b);
        if (both !== undefined) met.push(both);
      }
      this.#bounded(met);
    }
    return met;
  }

  #bounded<T>(alternatives: T[]): T[] {
    if (alternatives.length > this.#maxAlternatives) {
      throw new LimitError(
        'maxAlternatives',
        this.#maxAlternatives,
        'combining anyOf, oneOf and allOf gives too many alternatives',
      );
    }
    return alternatives;
  }

  #intersectArrays(a: ArrayShape, b: ArrayShape): ArrayShape | undefined {
    const min = Math.max(a.min, b.min);
    const max = Math.min(a.max, b.max);
    if (max < min) return undefined;
    const prefix: Term[] = [];
    for (let i = 0; i < Math.max(a.prefix.length, b.prefix.length); i++) {
      prefix.push(this.#terms.meet(a.prefix[i] ?? a.items, b.prefix[i] ?? b.items));
    }
    return { prefix, items: this.#terms.meet(a.items, b.items), min, max };
  }

  /** Drops objects that lie inside another alternative, so that products of many small unions stay small. */
  #simplifyObjects(alternatives: ObjectShape[]): ObjectShape[] {
    const candidates = distinct(alternatives, objectKey);
    if (candidates.length < 2 || candidates.length > MAX_COMPARED) return candidates;
    const kept: ObjectShape[] = [];
    for (const candidate of candidates) {
      if (kept.some((other) => isInside(candidate, other))) continue;
      const outside = kept.filter((other) => !isInside(other, candidate));
      kept.splice(0, kept.length, ...outside, candidate);
    }
    return kept;
  }

  /** Undefined where a required property has no possible value. */
  #intersectObjects(a: ObjectShape, b: ObjectShape): ObjectShape | undefined {
    const properties = new Map<string, Term>();
    for (const [name, term] of a.properties) {
      properties.set(name, this.#terms.meet(term, b.properties.get(name) ?? b.additional));
    }
    for (const [name, term] of b.properties) {
      if (!a.properties.has(name)) properties.set(name, this.#terms.meet(a.additional, term));
    }
    const required = new Set([...a.required, ...b.required]);
    const additional = this.#terms.meet(a.additional, b.additional);
    for (const name of required) if ((properties.get(name) ?? additional).impossible) return undefined;
    return { properties, required, additional };
  }

  #isAnyArray(shape: ArrayShape): boolean {
    return (
      shape.prefix.length === 0 &&
      shape.items === this.#terms.any &&
      shape.min === 0 &&
      shape.max === Infinity
    );
  }

  #isAnyObject(shape: ObjectShape): boolean {
    return shape.properties.size === 0 && shape.required.size === 0 && shape.additional === this.#terms.any;
  }
}

/** Some item is wrong, or there are too few or too many: exact unless all further items have a rule. */
function arraysOutside(shape: ArrayShape, terms: TermTable): ArrayShape[] | undefined {
  const { prefix, items, min, max } = shape;
  if (items !== terms.any && max > prefix.length && !items.impossible) return undefined;
  const any = { prefix: [], items: terms.any, min: 0, max: Number.POSITIVE_INFINITY };
  const most = items.impossible ? Math.min(max, prefix.length) : max;
  const outside: ArrayShape[] = [];
  if (min > 0) outside.push({ ...any, max: min - 1 });
  if (most !== Number.POSITIVE_INFINITY) outside.push({ ...any, min: most + 1 });
  prefix.forEach((term, index) => {
    const before: Term[] = new Array(index).fill(terms.any);
    if (term !== terms.any)
      outside.push({ ...any, prefix: [...before, terms.complement(term)], min: index + 1 });
  });
  return outside;
}

/** Some required property is missing, or some property is wrong: exact unless other properties have a rule. */
function objectsOutside(shape: ObjectShape, terms: TermTable): ObjectShape[] | undefined {
  if (shape.additional !== terms.any) return undefined;
  const outside: ObjectShape[] = [];
  for (const name of shape.required) {
    outside.push({
      properties: new Map([[name, terms.nothing]]),
      required: new Set(),
      additional: terms.any,
    });
  }
  for (const [name, term] of shape.properties) {
    if (term === terms.any) continue;
    const properties = new Map([[name, terms.complement(term)]]);
    outside.push({ properties, required: new Set([name]), additional: terms.any });
  }
  return outside;
}

/** True only if every object of `inner` is one of `outer`: by names and by the parts of terms, not by what they mean. */
function isInside(inner: ObjectShape, outer: ObjectShape): boolean {
  for (const name of outer.required) if (!inner.required.has(name)) return false;
  if (!implies(inner.additional, outer.additional)) return false;
  for (const [name, term] of outer.properties) {
    if (!implies(inner.properties.get(name) ?? inner.additional, term)) return false;
  }
  for (const [name, term] of inner.properties) {
    if (!outer.properties.has(name) && !implies(term, outer.additional)) return false;
  }
  return true;
}

function implies(inner: Term, outer: Term): boolean {
  if (inner === outer || inner.impossible) return true;
  return !outer.impossible && outer.parts.every((part) => inner.parts.includes(part));
}

function arrayKey(shape: ArrayShape): string {
  return `${shape.prefix.map((term) => term.id).join()};${shape.items.id};${shape.min};${shape.max}`;
}

function objectKey(shape: ObjectShape): string {
  const properties = [...shape.properties].map(([name, term]) => [name, term.id]);
  return JSON.stringify([properties, [...shape.required].sort(), shape.additional.id]);
}

function distinct<T>(alternatives: T[], key: (alternative: T) => string): T[] {
  if (alternatives.length < 2) return alternatives;
  return [...new Map(alternatives.map((alternative) => [key(alternative), alternative])).values()];
}
