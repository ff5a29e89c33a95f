// Shapes: the canonical form of a schema, a union of alternatives for each JSON type, closed under intersection.
// Every keyword becomes a shape; siblings, allOf and $ref intersect shapes, anyOf unites them; children stay terms.
import type { Dfa } from '../../automata/index.js';
import type { GrammarBuilder, Node } from '../../grammar/index.js';
import type { Decimal } from './decimal.js';
import type { KeyClasses } from './key-sets.js';
import type { Clause } from './presence.js';
import type { Term, TermTable } from './terms.js';

export interface Bound {
  readonly value: Decimal;
  readonly exclusive: boolean;
}

export interface NumberRange {
  readonly kind: 'range';
  readonly only: 'all' | 'integers' | 'fractions';
  readonly lower: Bound | undefined;
  readonly upper: Bound | undefined;
  /** A positive number that divides all of them. */
  readonly multiple: Decimal | undefined;
  /** Positive numbers none of which divides any of them. */
  readonly except: readonly Decimal[];
  /** Written without point and exponent, whatever the option `integers` says: what draft 4 calls an integer. */
  readonly plain: boolean;
}
export interface NumberValues {
  readonly kind: 'values';
  readonly values: readonly Decimal[];
  /** As in a range. */
  readonly plain: boolean;
}
export type NumberShape = NumberRange | NumberValues;

/**
 * Strings of `min` to `max` code points that are in `language`, a DFA over code points (undefined: any). `plain`: taken
 * as JSON.stringify writes them only, as formats are; else in every spelling.
 */
export interface StringClass {
  readonly kind: 'class';
  readonly min: number;
  readonly max: number;
  readonly language: Dfa | undefined;
  readonly plain: boolean;
  /** Stands for `language` as long as nothing else restricts the class. */
  readonly whole: WholeFormat | undefined;
}
/** What a format has beyond its automaton: strings that are in it for sure, by a grammar, and those that may be. */
export interface WholeFormat {
  /** All strings of the format, and others: what is outside of it is outside of the format for sure. */
  readonly within: Dfa;
  readonly grammar?: {
    test(text: string): boolean;
    /** The strings' JSON spellings, less the quotes; `spell` gives those of an automaton over code points. */
    node(spell: (language: Dfa) => Dfa, builder: GrammarBuilder): Node;
  };
}
export interface StringValues {
  readonly kind: 'values';
  readonly values: readonly string[];
}
export type StringShape = StringClass | StringValues;

/** Of the items from position `from` on, `min` to `max` satisfy `term`. */
export interface Contains {
  readonly term: Term;
  readonly min: number;
  readonly max: number;
  readonly from: number;
}

export interface ArrayShape {
  readonly prefix: readonly Term[];
  readonly items: Term;
  readonly min: number;
  readonly max: number;
  readonly contains: readonly Contains[];
  /** True: no two items are equal; false: some two are; undefined: either. */
  readonly unique: boolean | undefined;
  /** For unevaluatedItems: that many items are evaluated, and those that satisfy one of the terms. */
  readonly evaluated: number;
  readonly evaluatedBy: readonly Term[];
}

/** Some property has a name in `keys` and a value that satisfies `term`. */
export interface SomeProperty {
  readonly keys: Dfa;
  readonly term: Term;
}

/** The term of a property is that of its name if that is in `properties`, else of its key class, else `additional`. */
export interface ObjectShape extends KeyClasses {
  readonly properties: ReadonlyMap<string, Term>;
  readonly required: ReadonlySet<string>;
  /** What else holds of which properties there are. */
  readonly clauses: readonly Clause[];
  readonly min: number;
  readonly max: number;
  readonly some: readonly SomeProperty[];
  /** For unevaluatedProperties: the names that are evaluated; undefined: none. */
  readonly evaluated: Dfa | undefined;
}

/** A set of JSON values: for each type, the union of its alternatives; an empty list admits no value of the type. */
export interface Shape {
  readonly nulls: boolean;
  /** Bit 1: false, bit 2: true. */
  readonly booleans: number;
  readonly numbers: readonly NumberShape[];
  readonly strings: readonly StringShape[];
  readonly arrays: readonly ArrayShape[];
  readonly objects: readonly ObjectShape[];
}

const NO_NUMBERS: readonly Decimal[] = [];

export const NOTHING: Shape = {
  nulls: false,
  booleans: 0,
  numbers: [],
  strings: [],
  arrays: [],
  objects: [],
};
export const ANY_NUMBER: NumberRange = numberRange({});
export const ANY_STRING: StringClass = stringClass({});

// Shapes of one kind are written out field by field in one place, so that all of them have one hidden class: code that looks at
// them is compiled again for every class that it meets.

/** Numbers without any restriction but these. */
export function numberRange(given: Partial<Omit<NumberRange, 'kind'>>): NumberRange {
  return {
    kind: 'range',
    only: given.only ?? 'all',
    lower: given.lower,
    upper: given.upper,
    multiple: given.multiple,
    except: given.except ?? NO_NUMBERS,
    plain: given.plain ?? false,
  };
}

export function numberValues(values: readonly Decimal[], plain = false): NumberValues {
  return { kind: 'values', values, plain };
}

/** Strings without any restriction but these. */
export function stringClass(given: Partial<Omit<StringClass, 'kind'>>): StringClass {
  return {
    kind: 'class',
    min: given.min ?? 0,
    max: given.max ?? Number.POSITIVE_INFINITY,
    language: given.language,
    plain: given.plain ?? false,
    whole: given.whole,
  };
}

/** The shape of every JSON value. */
export function anything(terms: TermTable): Shape {
  return {
    nulls: true,
    booleans: 3,
    numbers: [ANY_NUMBER],
    strings: [ANY_STRING],
    arrays: [anyArray(terms)],
    objects: [anyObject(terms)],
  };
}

/** The shapes without any restriction, one of each for the terms of a schema. */
const unrestricted = new WeakMap<TermTable, { readonly array: ArrayShape; readonly object: ObjectShape }>();

function unrestrictedOf(terms: TermTable): { readonly array: ArrayShape; readonly object: ObjectShape } {
  let shapes = unrestricted.get(terms);
  if (!shapes) {
    shapes = {
      array: {
        prefix: [],
        items: terms.any,
        min: 0,
        max: Number.POSITIVE_INFINITY,
        contains: [],
        unique: undefined,
        evaluated: 0,
        evaluatedBy: [],
      },
      object: {
        properties: new Map(),
        patterns: [],
        additional: terms.any,
        required: new Set(),
        clauses: [],
        min: 0,
        max: Number.POSITIVE_INFINITY,
        some: [],
        evaluated: undefined,
      },
    };
    unrestricted.set(terms, shapes);
  }
  return shapes;
}

export function anyArray(terms: TermTable): ArrayShape {
  return unrestrictedOf(terms).array;
}

export function anyObject(terms: TermTable): ObjectShape {
  return unrestrictedOf(terms).object;
}

/** A set of values with other objects in it. */
export function withObjects(
  { nulls, booleans, numbers, strings, arrays }: Shape,
  objects: readonly ObjectShape[],
): Shape {
  return { nulls, booleans, numbers, strings, arrays, objects };
}

/** A shape with some fields changed. */
export function arrayWith(base: ArrayShape, changes: Partial<ArrayShape>): ArrayShape {
  return {
    prefix: changes.prefix ?? base.prefix,
    items: changes.items ?? base.items,
    min: changes.min ?? base.min,
    max: changes.max ?? base.max,
    contains: changes.contains ?? base.contains,
    unique: 'unique' in changes ? changes.unique : base.unique,
    evaluated: changes.evaluated ?? base.evaluated,
    evaluatedBy: changes.evaluatedBy ?? base.evaluatedBy,
  };
}

/** A shape with some fields changed. */
export function objectWith(base: ObjectShape, changes: Partial<ObjectShape>): ObjectShape {
  return {
    properties: changes.properties ?? base.properties,
    patterns: changes.patterns ?? base.patterns,
    additional: changes.additional ?? base.additional,
    required: changes.required ?? base.required,
    clauses: changes.clauses ?? base.clauses,
    min: changes.min ?? base.min,
    max: changes.max ?? base.max,
    some: changes.some ?? base.some,
    evaluated: changes.evaluated ?? base.evaluated,
  };
}

/** The code points of a string; a lone surrogate counts as one. */
export function codePoints(text: string): number[] {
  const symbols: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const symbol = text.codePointAt(at)!;
    if (symbol > 0xffff) at++;
    symbols.push(symbol);
  }
  return symbols;
}
