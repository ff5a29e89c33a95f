// The algebra of shapes: intersection, union and complement, on the alternatives of each type separately.
// canonical.ts folds keywords with it; numbers and strings are combined in number-sets.ts and string-sets.ts.
import { checkDeadline } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { ArrayAlgebra, arrayKey, isNoted } from './arrays.js';
import { joinObjects } from './joined-objects.js';
import type { KeyLimits } from './key-sets.js';
import { withoutInside } from './nested-objects.js';
import { intersectNumbers, numbersOutside, simplifyNumbers } from './number-sets.js';
import { ObjectAlgebra, objectKey, objectSketch, type Telling } from './objects.js';
import type { ArrayShape, NumberShape, ObjectShape, Shape, StringShape } from './shape.js';
import { intersectStrings, simplifyStrings, stringsOutside } from './string-sets.js';
import { commonTag } from './tags.js';
import type { TermTable } from './terms.js';

export interface AlgebraLimits extends KeyLimits {
  /** Most alternatives of one type in one shape. */
  readonly maxAlternatives: number;
}

/** Above this number, alternatives are not compared with each other any more. */
const MAX_COMPARED = 256;
/** Above this number, alternatives are not joined. */
const MAX_MERGED = 64;

/** What is done with alternatives of one type, in functions that all algebras share. */
interface Alternatives<T> {
  readonly meet: Meet<T>;
  /** `tag`: a property that tells objects apart. */
  readonly outside: (alternative: T, algebra: ShapeAlgebra, tag?: string) => readonly T[] | undefined;
  readonly simplify: (alternatives: T[], algebra: ShapeAlgebra) => readonly T[];
}

type Meet<T> = (a: T, b: T, algebra: ShapeAlgebra) => T | readonly T[] | undefined;

/** Set operations on shapes. */
export class ShapeAlgebra {
  static readonly #ofObjects: Alternatives<ObjectShape> = {
    meet: (a, b, algebra) => algebra.#objects.intersect(a, b),
    outside: (object, algebra, tag) => algebra.#objects.outside(object, tag),
    simplify: (alternatives, algebra) => algebra.#simplifyObjects(alternatives),
  };
  static readonly #ofArrays: Alternatives<ArrayShape> = {
    meet: (a, b, algebra) => algebra.#arrays.intersect(a, b),
    outside: (array, algebra) => algebra.#arrays.outside(array),
    simplify: (alternatives) => distinct(alternatives, arrayKey),
  };
  static readonly #meetStrings: Meet<StringShape> = (a, b, algebra) =>
    intersectStrings(a, b, algebra.#limits);

  readonly #objects: ObjectAlgebra;
  readonly #arrays: ArrayAlgebra;
  readonly #limits: AlgebraLimits;
  /** By its first member, a list of objects that {@link #simplifyObjects} has given. */
  readonly #simple = new Map<ObjectShape, readonly ObjectShape[]>();

  constructor(terms: TermTable, limits: AlgebraLimits) {
    this.#objects = new ObjectAlgebra(terms, limits);
    this.#arrays = new ArrayAlgebra(terms);
    this.#limits = limits;
  }

  /** @throws LimitError `maxAlternatives` when alternatives multiply beyond the limit. */
  intersect(a: Shape, b: Shape): Shape {
    return this.#intersection(a, b, this.#simplifyObjects(this.#objectsOfBoth(a, b)));
  }

  /**
   * The values of both, with the objects of each pair of alternatives by themselves: for those who only ask whether there are any.
   * @throws LimitError `maxAlternatives` when alternatives multiply beyond the limit.
   */
  common(a: Shape, b: Shape): Shape {
    return this.#intersection(a, b, this.#objectsOfBoth(a, b));
  }

  #objectsOfBoth(a: Shape, b: Shape): ObjectShape[] {
    return this.#product(a.objects, b.objects, ShapeAlgebra.#ofObjects.meet);
  }

  #intersection(a: Shape, b: Shape, objects: readonly ObjectShape[]): Shape {
    return {
      nulls: a.nulls && b.nulls,
      booleans: a.booleans & b.booleans,
      numbers: simplifyNumbers(this.#product(a.numbers, b.numbers, intersectNumbers)),
      strings: simplifyStrings(this.#product(a.strings, b.strings, ShapeAlgebra.#meetStrings)),
      arrays: distinct(this.#product(a.arrays, b.arrays, ShapeAlgebra.#ofArrays.meet), arrayKey),
      objects,
    };
  }

  /** @throws LimitError `maxAlternatives` when there are more alternatives than the limit. */
  unite(shapes: readonly Shape[]): Shape {
    if (shapes.length === 1) return shapes[0];
    let nulls = false;
    let booleans = 0;
    const numbers: NumberShape[] = [];
    const strings: StringShape[] = [];
    const arrays: ArrayShape[] = [];
    const objects: ObjectShape[] = [];
    for (const shape of shapes) {
      nulls ||= shape.nulls;
      booleans |= shape.booleans;
      for (const one of shape.numbers) numbers.push(one);
      for (const one of shape.strings) strings.push(one);
      for (const one of shape.arrays) arrays.push(one);
      for (const one of shape.objects) objects.push(one);
    }
    const anyArray = this.#anyArray(arrays);
    const anyObject = this.#anyObject(objects);
    return {
      nulls,
      booleans,
      numbers: simplifyNumbers(this.#bounded(numbers)),
      strings: simplifyStrings(this.#bounded(strings)),
      arrays: anyArray ? [anyArray] : distinct(this.#bounded(arrays), arrayKey),
      objects: anyObject ? [anyObject] : this.#simplifyObjects(this.#bounded(objects)),
    };
  }

  /** The first of them that holds every array; none where they note what is evaluated. */
  #anyArray(arrays: readonly ArrayShape[]): ArrayShape | undefined {
    let any: ArrayShape | undefined;
    for (const array of arrays) {
      if (isNoted(array)) return undefined;
      if (!any && this.#arrays.isAny(array)) any = array;
    }
    return any;
  }

  #anyObject(objects: readonly ObjectShape[]): ObjectShape | undefined {
    let any: ObjectShape | undefined;
    for (const object of objects) {
      if (object.evaluated !== undefined) return undefined;
      if (!any && this.#objects.isAny(object)) any = object;
    }
    return any;
  }

  /** The arrays of both; none where there are none. */
  intersectArrays(a: ArrayShape, b: ArrayShape): ArrayShape[] {
    const both = this.#arrays.intersect(a, b);
    return both ? [both] : [];
  }

  /** The values of `a` outside `b`, or undefined where that cannot be stated exactly. */
  subtract(a: Shape, b: Shape): Shape | undefined {
    const numbers = this.#outside(b.numbers, a.numbers, numbersOutside, intersectNumbers);
    const strings = this.#outside(b.strings, a.strings, stringsOutside, ShapeAlgebra.#meetStrings);
    const arrays = this.#without(a.arrays, b.arrays, ShapeAlgebra.#ofArrays);
    const objects = this.#without(a.objects, b.objects, ShapeAlgebra.#ofObjects, commonTag(b.objects));
    if (!numbers || !strings || !arrays || !objects) return undefined;
    return {
      nulls: a.nulls && !b.nulls,
      booleans: a.booleans & ~b.booleans,
      numbers: simplifyNumbers(numbers),
      strings: simplifyStrings(strings),
      arrays,
      objects,
    };
  }

  /** What is left of alternatives outside of others. One that has nothing in common with another stays as it is. */
  #without<T>(
    alternatives: readonly T[],
    others: readonly T[],
    { meet, outside, simplify }: Alternatives<T>,
    tag?: string,
  ): readonly T[] | undefined {
    let rest = alternatives;
    for (const other of others) {
      let complement: readonly T[] | undefined;
      const left: T[] = [];
      for (const one of rest) {
        if (isNone(meet(one, other, this))) left.push(one);
        else {
          complement ??= outside(other, this, tag);
          if (!complement) return undefined;
          for (const part of complement) pushAll(left, meet(one, part, this));
        }
        this.#bounded(left);
      }
      rest = simplify(left, this);
    }
    return rest;
  }

  /** De Morgan: outside a union is inside every complement of its members. */
  #outside<T>(
    alternatives: readonly T[],
    all: readonly T[],
    outside: (alternative: T) => T[] | undefined,
    meet: Meet<T>,
  ): T[] | undefined {
    let rest: T[] = [...all];
    for (const alternative of alternatives) {
      const complement = outside(alternative);
      if (!complement) return undefined;
      rest = this.#product(rest, complement, meet);
    }
    return rest;
  }

  #product<T>(as: readonly T[], bs: readonly T[], meet: Meet<T>): T[] {
    const met: T[] = [];
    for (const a of as) {
      for (const b of bs) pushAll(met, meet(a, b, this));
      this.#bounded(met);
    }
    return met;
  }

  #bounded<T>(alternatives: T[]): T[] {
    checkDeadline();
    if (alternatives.length > this.#limits.maxAlternatives) {
      throw new LimitError(
        'maxAlternatives',
        this.#limits.maxAlternatives,
        'combining anyOf, oneOf and allOf gives too many alternatives',
      );
    }
    return alternatives;
  }

  /**
   * Drops objects that lie inside another alternative, so that products of many small unions stay small. What comes of it
   * mostly comes again, from references and from unions with what has no objects, and is that list then.
   */
  #simplifyObjects(alternatives: readonly ObjectShape[]): readonly ObjectShape[] {
    if (alternatives.length < 2) return alternatives;
    const known = this.#simple.get(alternatives[0]);
    if (known && isSameList(known, alternatives)) return known;
    const candidates = distinctObjects(alternatives);
    const simple =
      candidates.length < 2 || candidates.length > MAX_COMPARED
        ? candidates
        : this.#mergeObjects(withoutInside(candidates));
    this.#simple.set(simple[0], simple);
    return simple;
  }

  /** Joins alternatives that differ only in which properties there are. */
  #mergeObjects(alternatives: readonly ObjectShape[]): readonly ObjectShape[] {
    if (alternatives.length > MAX_MERGED) return alternatives;
    const merged: ObjectShape[] = [];
    const telling: Telling = { name: undefined };
    for (const alternative of alternatives) {
      let joined = alternative;
      for (let index = 0; index < merged.length; index++) {
        const both = joinObjects(merged[index], joined, telling);
        const normal = both && this.#objects.normal(both);
        if (normal?.length !== 1) continue;
        joined = normal[0];
        merged.splice(index, 1);
        index = -1;
      }
      merged.push(joined);
    }
    return merged;
  }
}

function isNone<T>(met: T | readonly T[] | undefined): boolean {
  return met === undefined || (Array.isArray(met) && met.length === 0);
}

/** Adds what two alternatives have in common: none, one or several. */
function pushAll<T>(all: T[], met: T | readonly T[] | undefined): void {
  if (Array.isArray(met)) for (const one of met as readonly T[]) all.push(one);
  else if (met !== undefined) all.push(met as T);
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function distinct<T>(alternatives: T[], key: (alternative: T) => string): T[] {
  if (alternatives.length < 2) return alternatives;
  const byKey = new Map<string, T>();
  for (const alternative of alternatives) byKey.set(key(alternative), alternative);
  return byKey.size === alternatives.length ? alternatives : [...byKey.values()];
}

/** Distinct objects. What is cheap to compare comes first: a key of everything is made only for those alike in that. */
function distinctObjects(alternatives: readonly ObjectShape[]): readonly ObjectShape[] {
  if (alternatives.length < 2) return alternatives;
  const alike = new Map<number, ObjectShape[]>();
  for (const alternative of alternatives) {
    const sketch = objectSketch(alternative);
    const others = alike.get(sketch);
    if (others) others.push(alternative);
    else alike.set(sketch, [alternative]);
  }
  if (alike.size === alternatives.length) return alternatives;
  const kept = new Set<ObjectShape>();
  for (const group of alike.values()) for (const one of distinct(group, objectKey)) kept.add(one);
  return alternatives.filter((alternative) => kept.has(alternative));
}
