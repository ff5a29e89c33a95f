// Sets of objects: intersection, union and complement of object shapes, for algebra.ts.
// A shape is brought into one form first: what is known of single properties, then clauses, then `some` constraints.
import { dfaKey, isEmptyLanguage, isSubset, unionDfa } from '../../automata/index.js';
import {
  declaredKeys,
  EVERY_KEY,
  hasKey,
  hasOtherKey,
  type KeyLimits,
  keyClassesKey,
  meet,
  meetKeyClasses,
  subtract,
  termOfKey,
} from './key-sets.js';
import { type Clause, clauseOf, type Literal, simplifyPresence } from './presence.js';
import { anyObject, type ObjectShape, objectWith, type SomeProperty } from './shape.js';
import { implies, type Term, type TermTable } from './terms.js';

/** The term of a property. */
export function propertyTerm(shape: ObjectShape, name: string): Term {
  return shape.properties.get(name) ?? termOfKey(shape, name);
}

/** The set operations on object shapes, under one set of limits. */
export class ObjectAlgebra {
  readonly #terms: TermTable;
  readonly #limits: KeyLimits;
  /** What is outside of shapes, kept because each arm of a oneOf is taken out of all others. */
  readonly #outsides = new WeakMap<ObjectShape, readonly ObjectShape[]>();

  constructor(terms: TermTable, limits: KeyLimits) {
    this.#terms = terms;
    this.#limits = limits;
  }

  /** The alternatives that the two have in common: none, mostly one, several where `some` constraints have few takers. */
  intersect(a: ObjectShape, b: ObjectShape): ObjectShape[] {
    if (this.isAny(b) && !b.evaluated) return [a];
    if (this.isAny(a) && !a.evaluated) return [b];
    if (this.#excludesRequired(a, b) || this.#excludesRequired(b, a)) return [];
    const properties = this.#meetProperties(a, b);
    const { patterns, additional } = meetKeyClasses(a, b, this.#terms, this.#limits);
    return this.normal({
      properties,
      patterns,
      additional,
      required: union(a.required, b.required),
      clauses: [...a.clauses, ...b.clauses],
      min: Math.max(a.min, b.min),
      max: Math.min(a.max, b.max),
      some: [...a.some, ...b.some],
      evaluated:
        a.evaluated && b.evaluated
          ? unionDfa(a.evaluated, b.evaluated, this.#limits)
          : (a.evaluated ?? b.evaluated),
    });
  }

  /** Whether a property that `a` requires has no value that both allow: asked first, because most pairs differ in one. */
  #excludesRequired(a: ObjectShape, b: ObjectShape): boolean {
    for (const name of a.required) {
      const other = propertyTerm(b, name);
      if (other.impossible || this.#terms.meet(propertyTerm(a, name), other).impossible) return true;
    }
    return false;
  }

  /** The properties that either declares, those of `a` first; the map of `a` itself where `b` changes none of them. */
  #meetProperties(a: ObjectShape, b: ObjectShape): ReadonlyMap<string, Term> {
    if (b.patterns.length > 0 || b.additional !== this.#terms.any) {
      const properties = new Map<string, Term>();
      for (const [name, term] of a.properties)
        properties.set(name, this.#terms.meet(term, propertyTerm(b, name)));
      for (const [name, term] of b.properties)
        if (!a.properties.has(name)) properties.set(name, this.#terms.meet(termOfKey(a, name), term));
      return properties;
    }
    let changed: Map<string, Term> | undefined;
    for (const [name, term] of b.properties) {
      const own = a.properties.get(name);
      const both = this.#terms.meet(own ?? termOfKey(a, name), term);
      if (both === own) continue;
      changed ??= new Map(a.properties);
      changed.set(name, both);
    }
    return changed ?? a.properties;
  }

  /** The shape in normal form; no alternative where it contradicts itself. */
  normal(shape: ObjectShape): ObjectShape[] {
    if (shape.clauses.length === 0 && shape.some.length === 0) {
      for (const name of shape.required) if (propertyTerm(shape, name).impossible) return [];
      return shape.max < Math.max(shape.min, shape.required.size) ? [] : [shape];
    }
    const mentioned = new Set(shape.required);
    for (const { literals } of shape.clauses) for (const { name } of literals) mentioned.add(name);
    for (const name of mentioned) if (!propertyTerm(shape, name).impossible) mentioned.delete(name);
    const presence = simplifyPresence(shape.required, mentioned, shape.clauses);
    if (!presence || shape.max < Math.max(shape.min, presence.required.size)) return [];
    let { properties } = shape;
    for (const name of presence.absent) {
      if (propertyTerm(shape, name).impossible) continue;
      if (properties === shape.properties) properties = new Map(properties);
      (properties as Map<string, Term>).set(name, this.#terms.nothing);
    }
    const { required, clauses } = presence;
    const simple = objectWith(shape, { properties, required, clauses, some: [] });
    return this.#withSome(simple, distinctSome(shape.some));
  }

  /** Adds `some` constraints; one that only few declared properties can meet becomes alternatives. */
  #withSome(shape: ObjectShape, some: readonly SomeProperty[]): ObjectShape[] {
    let alternatives = [shape];
    for (const one of some) alternatives = alternatives.flatMap((shape) => this.#withOne(shape, one));
    return alternatives;
  }

  #withOne(shape: ObjectShape, one: SomeProperty): ObjectShape[] {
    const { keys, term } = one;
    const takers = [...new Set([...shape.properties.keys(), ...shape.required])].filter((name) =>
      hasKey(keys, name),
    );
    if (takers.some((name) => shape.required.has(name) && implies(propertyTerm(shape, name), term)))
      return [shape];
    if (this.#hasOtherTakers(shape, one)) return [objectWith(shape, { some: [...shape.some, one] })];
    return takers.flatMap((name) => {
      const both = this.#terms.meet(propertyTerm(shape, name), term);
      if (both.impossible) return [];
      const properties = new Map(shape.properties).set(name, both);
      return this.normal(objectWith(shape, { properties, required: new Set([...shape.required, name]) }));
    });
  }

  #hasOtherTakers(shape: ObjectShape, { keys, term }: SomeProperty): boolean {
    const takes = (other: Term) => !this.#terms.meet(other, term).impossible;
    const { properties, patterns, additional } = shape;
    let rest = keys;
    for (const pattern of patterns) {
      if (
        takes(pattern.term) &&
        hasOtherKey(meet(rest, pattern.keys, this.#limits), properties, this.#limits)
      )
        return true;
      rest = subtract(rest, pattern.keys, this.#limits);
    }
    return takes(additional) && hasOtherKey(rest, properties, this.#limits);
  }

  /**
   * Every object outside the shape. With a `tag`, a required property, the alternatives are first that it is not there or
   * another, then what else is wrong while it is as the shape says.
   */
  outside(shape: ObjectShape, tag?: string): readonly ObjectShape[] {
    if (tag === undefined) {
      let known = this.#outsides.get(shape);
      if (!known) this.#outsides.set(shape, (known = this.#outside(shape)));
      return known;
    }
    const any = anyObject(this.#terms);
    const term = propertyTerm(shape, tag);
    const other = new Map([[tag, this.#terms.complement(term)]]);
    const same = objectWith(any, { properties: new Map([[tag, term]]), required: new Set([tag]) });
    const properties = new Map(shape.properties).set(tag, this.#terms.any);
    const required = new Set(shape.required);
    required.delete(tag);
    const wrong = this.#outside(objectWith(shape, { properties, required }));
    return [
      objectWith(any, { properties: other }),
      ...wrong.flatMap((alternative) => this.intersect(same, alternative)),
    ];
  }

  /** A property that is required and of any value is absent; a required one with a term is absent or not of the term. */
  #outside(shape: ObjectShape): ObjectShape[] {
    const any = anyObject(this.#terms);
    const outside: ObjectShape[] = [];
    const absent: Literal[] = [];
    for (const name of shape.required)
      if ((shape.properties.get(name) ?? this.#terms.any) === this.#terms.any)
        absent.push({ name, present: false });
    if (absent.length > 0) outside.push(objectWith(any, { clauses: [clauseOf(absent)!] }));
    for (const { literals } of shape.clauses) {
      const clauses: Clause[] = [];
      for (const { name, present } of literals) clauses.push(clauseOf([{ name, present: !present }])!);
      outside.push(objectWith(any, { clauses }));
    }
    for (const [name, term] of shape.properties) {
      if (term === this.#terms.any) continue;
      const properties = new Map([[name, this.#terms.complement(term)]]);
      const required = new Set(shape.required.has(name) ? [] : [name]);
      outside.push(objectWith(any, { properties, required }));
    }
    if (shape.min > 0) outside.push(objectWith(any, { max: shape.min - 1 }));
    if (shape.max !== Number.POSITIVE_INFINITY) outside.push(objectWith(any, { min: shape.max + 1 }));
    for (const { keys, term } of shape.some)
      outside.push(objectWith(any, { patterns: [{ keys, term: this.#terms.complement(term) }] }));
    for (const some of this.#wrongOthers(shape)) outside.push(objectWith(any, { some: [some] }));
    return this.#allNormal(outside);
  }

  #allNormal(shapes: readonly ObjectShape[]): ObjectShape[] {
    const all: ObjectShape[] = [];
    for (const shape of shapes) for (const normal of this.normal(shape)) all.push(normal);
    return all;
  }

  /** What a property that is not declared would have to be, to be wrong. */
  *#wrongOthers({ properties, patterns, additional }: ObjectShape): Iterable<SomeProperty> {
    const { any } = this.#terms;
    for (const { keys, term } of patterns) {
      if (term === any) continue;
      const wrong = subtract(keys, declaredKeys(properties), this.#limits);
      if (!isEmptyLanguage(wrong)) yield { keys: wrong, term: this.#terms.complement(term) };
    }
    if (additional === any) return;
    let rest = subtract(EVERY_KEY, declaredKeys(properties), this.#limits);
    for (const { keys } of patterns) rest = subtract(rest, keys, this.#limits);
    if (!isEmptyLanguage(rest)) yield { keys: rest, term: this.#terms.complement(additional) };
  }

  isAny(shape: ObjectShape): boolean {
    return (
      shape.properties.size === 0 &&
      shape.patterns.length === 0 &&
      shape.additional === this.#terms.any &&
      shape.required.size + shape.clauses.length + shape.some.length + shape.min === 0 &&
      shape.max === Number.POSITIVE_INFINITY
    );
  }
}

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (b.size === 0) return a;
  return a.size === 0 ? b : new Set([...a, ...b]);
}

/** The property that told two objects apart last: where many are compared, the next two mostly differ there too. */
export interface Telling {
  name: string | undefined;
}

/** True only if every object of `inner` is one of `outer`: by names and by the parts of terms, not by what they mean. */
export function isInside(inner: ObjectShape, outer: ObjectShape, telling: Telling): boolean {
  const likely = telling.name;
  if (likely !== undefined && !implies(propertyTerm(inner, likely), propertyTerm(outer, likely)))
    return false;
  if (inner.min < outer.min || inner.max > outer.max) return false;
  if (outer.required.size > inner.required.size) return false;
  for (const name of outer.required) if (!inner.required.has(name)) return false;
  if (!implies(inner.additional, outer.additional)) return false;
  const { properties } = outer;
  for (const name of properties.keys()) {
    if (implies(propertyTerm(inner, name), properties.get(name)!)) continue;
    telling.name = name;
    return false;
  }
  for (const name of inner.properties.keys()) {
    if (properties.has(name) || implies(inner.properties.get(name)!, termOfKey(outer, name))) continue;
    telling.name = name;
    return false;
  }
  if (!evaluatesNoMore(inner, outer)) return false;
  const sameKeys = outer.patterns.length > 0 || inner.patterns.length > 0;
  if (sameKeys && keyClassesKey(inner.patterns) !== keyClassesKey(outer.patterns)) return false;
  for (const clause of outer.clauses) if (!holds(clause, inner)) return false;
  return hasEach(inner.some, outer.some);
}

export function sameEvaluated({ evaluated: a }: ObjectShape, { evaluated: b }: ObjectShape): boolean {
  return a === b || (a !== undefined && b !== undefined && dfaKey(a) === dfaKey(b));
}

function evaluatesNoMore({ evaluated: a }: ObjectShape, { evaluated: b }: ObjectShape): boolean {
  return a === undefined || a === b || (b !== undefined && isSubset(a, b));
}

function holds(clause: Clause, shape: ObjectShape): boolean {
  if (shape.clauses.some(({ key }) => key === clause.key)) return true;
  return clause.literals.some(({ name, present }) =>
    present ? shape.required.has(name) : propertyTerm(shape, name).impossible,
  );
}

function hasEach(inner: readonly SomeProperty[], outer: readonly SomeProperty[]): boolean {
  if (outer.length === 0) return true;
  const known = new Set(inner.map(oneKey));
  return outer.every((one) => known.has(oneKey(one)));
}

/** A number that equal shapes have in common. */
export function objectSketch({ properties, required, additional, min, clauses, some }: ObjectShape): number {
  let sketch = additional.id;
  for (const term of properties.values()) sketch = Math.imul(sketch ^ term.id, 0x01000193);
  const counts = properties.size + 31 * (required.size + 31 * (clauses.length + 31 * some.length));
  return Math.imul(Math.imul(sketch ^ counts, 0x01000193) ^ min, 0x01000193);
}

export function objectKey(shape: ObjectShape): string {
  const { properties, required, additional, min, max, clauses, patterns, some, evaluated } = shape;
  let key = `${additional.id},${min},${max}`;
  for (const name of properties.keys()) key += `|${name.length}:${name}${properties.get(name)!.id}`;
  key += '|!';
  for (const name of required.size > 1 ? [...required].sort() : required) key += `${name.length}:${name}`;
  const parts = [keyClassesKey(patterns), someKey(some)];
  for (const clause of clauses) parts.push(clause.key);
  if (clauses.length > 1) parts.splice(2, clauses.length, ...parts.slice(2).sort());
  if (evaluated) parts.push(dfaKey(evaluated));
  for (const part of parts) key += `|${part.length}:${part}`;
  return key;
}

/** Equal for equal constraints, in any order. */
export function someKey(some: readonly SomeProperty[]): string {
  if (some.length === 0) return '';
  return some.map(oneKey).sort().join('|');
}

function oneKey({ keys, term }: SomeProperty): string {
  return `${term.id}:${dfaKey(keys)}`;
}

function distinctSome(some: readonly SomeProperty[]): readonly SomeProperty[] {
  return some.length < 2 ? some : [...new Map(some.map((one) => [oneKey(one), one])).values()];
}
