// Shapes: the canonical form of a schema, a union of alternatives for each JSON type, closed under intersection.
// Every keyword becomes a shape; siblings, allOf and $ref intersect shapes, anyOf unites them; children stay terms.
import type { Dfa } from '../../automata/index.js';
import type { Decimal } from './decimal.js';
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
  readonly multiple?: Decimal | undefined;
  /** Positive numbers none of which divides any of them. */
  readonly except?: readonly Decimal[];
}
export interface NumberValues {
  readonly kind: 'values';
  readonly values: readonly Decimal[];
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
}
export interface StringValues {
  readonly kind: 'values';
  readonly values: readonly string[];
}
export type StringShape = StringClass | StringValues;

export interface ArrayShape {
  readonly prefix: readonly Term[];
  readonly items: Term;
  readonly min: number;
  readonly max: number;
}

export interface ObjectShape {
  readonly properties: ReadonlyMap<string, Term>;
  readonly required: ReadonlySet<string>;
  readonly additional: Term;
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

export const NOTHING: Shape = {
  nulls: false,
  booleans: 0,
  numbers: [],
  strings: [],
  arrays: [],
  objects: [],
};
export const ANY_NUMBER: NumberRange = { kind: 'range', only: 'all', lower: undefined, upper: undefined };
export const ANY_STRING: StringClass = {
  kind: 'class',
  min: 0,
  max: Number.POSITIVE_INFINITY,
  language: undefined,
  plain: false,
};

/** The shape of every JSON value. */
export function anything(terms: TermTable): Shape {
  return {
    nulls: true,
    booleans: 3,
    numbers: [ANY_NUMBER],
    strings: [ANY_STRING],
    arrays: [{ prefix: [], items: terms.any, min: 0, max: Number.POSITIVE_INFINITY }],
    objects: [{ properties: new Map(), required: new Set(), additional: terms.any }],
  };
}

/** The code points of a string; a lone surrogate counts as one. */
export function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}
