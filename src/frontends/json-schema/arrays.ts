// Sets of arrays: intersection and complement of array shapes, for algebra.ts.
// `contains` rules that say something about every item, or about the length alone, are turned into that.
import { type ArrayShape, anyArray, arrayWith, type Contains } from './shape.js';
import type { Term, TermTable } from './terms.js';

/** The set operations on array shapes. */
export class ArrayAlgebra {
  readonly #terms: TermTable;

  constructor(terms: TermTable) {
    this.#terms = terms;
  }

  /** Undefined where they have nothing in common by their counts. */
  intersect(a: ArrayShape, b: ArrayShape): ArrayShape | undefined {
    if (this.isAny(b) && !isNoted(b)) return a;
    if (this.isAny(a) && !isNoted(a)) return b;
    if (a.unique !== undefined && b.unique !== undefined && a.unique !== b.unique) return undefined;
    const prefix: Term[] = [];
    for (let i = 0; i < Math.max(a.prefix.length, b.prefix.length); i++)
      prefix.push(this.#terms.meet(a.prefix[i] ?? a.items, b.prefix[i] ?? b.items));
    return this.normal({
      prefix,
      items: this.#terms.meet(a.items, b.items),
      min: Math.max(a.min, b.min),
      max: Math.min(a.max, b.max),
      contains: [...a.contains, ...b.contains],
      unique: a.unique ?? b.unique,
      evaluated: Math.max(a.evaluated, b.evaluated),
      evaluatedBy: [...new Set([...a.evaluatedBy, ...b.evaluatedBy])],
    });
  }

  /** The shape in normal form; undefined where its counts exclude each other. */
  normal(shape: ArrayShape): ArrayShape | undefined {
    return shape.contains.length === 0 ? withinCounts(shape) : this.#withContains(shape);
  }

  #withContains(shape: ArrayShape): ArrayShape | undefined {
    const rules = new Map<string, Contains>();
    let { prefix, items, min, max } = shape;
    for (const rule of shape.contains) {
      if (rule.term === this.#terms.any) {
        if (rule.min > 0) min = Math.max(min, rule.from + rule.min);
        max = Math.min(max, rule.from + rule.max);
      } else if (rule.max === 0) {
        const never = this.#terms.complement(rule.term);
        prefix = Array.from({ length: Math.max(prefix.length, rule.from) }, (_, i) => {
          const term = prefix[i] ?? items;
          return i < rule.from ? term : this.#terms.meet(term, never);
        });
        items = this.#terms.meet(items, never);
        if (rule.min > 0) return undefined;
      } else {
        const key = `${rule.term.id},${rule.from}`;
        const known = rules.get(key);
        const least = Math.max(rule.min, known?.min ?? 0);
        const most = Math.min(rule.max, known?.max ?? Number.POSITIVE_INFINITY);
        if (least > 0 && rule.term.impossible) return undefined;
        if (least > most) return undefined;
        if (!rule.term.impossible)
          rules.set(key, { term: rule.term, min: least, max: most, from: rule.from });
      }
    }
    const contains = [...rules.values()].filter(
      (rule) => rule.min > 0 || rule.max !== Number.POSITIVE_INFINITY,
    );
    for (const rule of contains) if (rule.min > 0) min = Math.max(min, rule.from + rule.min);
    return withinCounts(arrayWith(shape, { prefix, items, min, max, contains }));
  }

  /** Every array outside the shape. */
  outside(shape: ArrayShape): ArrayShape[] {
    const { prefix, items, min, max } = shape;
    const { any } = this.#terms;
    const all = anyArray(this.#terms);
    const most = items.impossible ? Math.min(max, prefix.length) : max;
    const outside: ArrayShape[] = [];
    const add = (restriction: Partial<ArrayShape>) => {
      const normal = this.normal(arrayWith(all, restriction));
      if (normal) outside.push(normal);
    };
    if (min > 0) add({ max: min - 1 });
    if (most !== Number.POSITIVE_INFINITY) add({ min: most + 1 });
    prefix.forEach((term, index) => {
      if (term === any) return;
      const before: Term[] = new Array(index).fill(any);
      add({ prefix: [...before, this.#terms.complement(term)], min: index + 1 });
    });
    if (items !== any && !items.impossible && max > prefix.length) {
      const term = this.#terms.complement(items);
      add({ contains: [{ term, min: 1, max: Number.POSITIVE_INFINITY, from: prefix.length }] });
    }
    for (const { term, min, max, from } of shape.contains) {
      if (min > 0) add({ contains: [{ term, min: 0, max: min - 1, from }] });
      if (max !== Number.POSITIVE_INFINITY)
        add({ contains: [{ term, min: max + 1, max: Number.POSITIVE_INFINITY, from }] });
    }
    if (shape.unique !== undefined) add({ unique: !shape.unique });
    return outside;
  }

  isAny(shape: ArrayShape): boolean {
    return (
      shape.prefix.length === 0 &&
      shape.items === this.#terms.any &&
      shape.min === 0 &&
      shape.max === Number.POSITIVE_INFINITY &&
      shape.contains.length === 0 &&
      shape.unique === undefined
    );
  }
}

/** A shape whose counts fit what it says of uniqueness; undefined where they exclude each other. */
function withinCounts(shape: ArrayShape): ArrayShape | undefined {
  const { max, unique } = shape;
  const min = unique === false ? Math.max(shape.min, 2) : shape.min;
  if (max < min) return undefined;
  if (unique && max < 2) return arrayWith(shape, { unique: undefined });
  return min === shape.min ? shape : arrayWith(shape, { min });
}

/** Whether it says which items are evaluated. */
export function isNoted({ evaluated, evaluatedBy }: ArrayShape): boolean {
  return evaluated > 0 || evaluatedBy.length > 0;
}

export function arrayKey(shape: ArrayShape): string {
  const { prefix, items, min, max, contains, unique, evaluated, evaluatedBy } = shape;
  const noted = `${evaluated};${evaluatedBy.map((term) => term.id).join()}`;
  const rules = contains.map((rule) => `${rule.term.id}.${rule.from}.${rule.min}.${rule.max}`).sort();
  return `${prefix.map((term) => term.id).join()};${items.id};${min};${max};${rules.join()};${unique};${noted}`;
}
