// Number lexemes: the byte automaton of the JSON spellings of a set of numbers, built digit by digit.
// Bounded sets take plain decimals of any length; only the set of all numbers takes exponents as well.
import {
  concatDfa,
  type Dfa,
  type DfaEdge,
  differenceDfa,
  FLAT_WORDS,
  FlatBuilder,
  type FlatDfa,
  flatOf,
  intersectDfa,
  isEmptyLanguage,
  literalsDfa,
  minimizeFlat,
  NO_LANGUAGE,
  unionDfa,
  unionOfAll,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { Decimal } from './decimal.js';
import { divisorAmong, leastCommonMultiple } from './decimal-multiples.js';
import { multiplesDfa, NO_FRACTION, ZEROS } from './number-multiples.js';
import { type EndlessExponents, spelledWithExponents } from './number-spellings.js';
import { type Bound, type NumberRange, type NumberShape, type NumberValues, numberRange } from './shape.js';

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const MINUS = 0x2d;
const encoder = new TextEncoder();

/** Finished automata of ranges, by their bounds: the same few ranges come back in nearly every schema. */
const CACHE_SIZE = 512;
const rangeCache = new Map<string, Dfa>();

export interface NumberLimits {
  /** Most digits of a bound or value. */
  readonly maxNumberDigits: number;
  /** Most remainders of a divisor. */
  readonly maxDivisor: number;
  /** `any`: every spelling, see number-spellings.ts. */
  readonly integers: 'plain' | 'any';
}

/**
 * The spellings of all numbers in the union of `shapes`.
 * @throws LimitError `maxNumberDigits` for a bound or value that has more digits than that; `maxDivisor`
 */
export function numberDfa(shapes: readonly NumberShape[], limits: NumberLimits): Dfa {
  const languages = shapes.map((shape) => {
    const { plain } = shape;
    const written: NumberLimits = plain ? { ...limits, integers: 'plain' } : limits;
    if (shape.kind === 'range') return rangeDfa(shape, written);
    return written.integers === 'any' ? anySpellings(shape, written) : valuesDfa(shape, written, plain);
  });
  return unionOfAll(languages);
}

/** Whether some number is in the set. */
export function holdsNumber(shape: NumberShape, limits: NumberLimits): boolean {
  if (shape.kind === 'values') return shape.values.length > 0;
  const { lower, upper, multiple, except } = shape;
  if (!lower && !upper && !multiple && except.length === 0) return true;
  return !isEmptyLanguage(numberDfa([shape], limits));
}

/** For one set of numbers after the other. */
const signedBuilder = new FlatBuilder();

/** The words of `positive`, and a minus with those of `negative` behind it: neither has a word that begins with a minus. */
function signed(positive: Dfa, negative: Dfa): Dfa {
  const parts = positive === negative ? [flatOf(positive)] : [flatOf(positive), flatOf(negative)];
  const builder = signedBuilder.clear();
  builder.edge(MINUS, MINUS, parts.length === 1 ? 1 : 1 + parts[0].accept.length);
  addState(builder, parts[0], 0, 1);
  let states = 1;
  for (const part of parts) {
    for (let state = 0; state < part.accept.length; state++) addState(builder, part, state, states);
    states += part.accept.length;
  }
  const accept = new Uint8Array(states);
  states = 1;
  for (const part of parts) {
    accept.set(part.accept, states);
    states += part.accept.length;
  }
  accept[0] = parts[0].accept[0];
  return minimizeFlat(builder.view(accept));
}

/** Adds a state whose edges lead to states that are numbered from `first` on. */
function addState(builder: FlatBuilder, { edgeStart, edges }: FlatDfa, state: number, first: number): void {
  for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS)
    builder.edge(edges[at], edges[at + 1], first + edges[at + 2]);
  builder.close();
}

/** Every spelling of each value. */
function anySpellings({ values }: NumberValues, { maxNumberDigits }: NumberLimits): Dfa {
  for (const value of values) checkDigits(value, maxNumberDigits);
  const spelled = (some: readonly Decimal[]) =>
    spelledWithExponents((power) => plainTextsDfa(some.map((value) => timesTen(value, -power))));
  const positive = spelled(values.filter((value) => !value.negative));
  const negative = spelled(values.filter((value) => value.negative || value.digits === ''));
  return signed(positive, negative);
}

/** The magnitudes as plain decimals, with any zeros behind the last place. */
function plainTextsDfa(values: readonly Decimal[]): Dfa {
  const texts = (some: readonly Decimal[]) => {
    const digits = (value: Decimal) =>
      value.isInteger ? value.integerDigits() : `${value.integerDigits()}.${value.fractionDigits()}`;
    return literalsDfa(some.map((value) => encoder.encode(digits(value))));
  };
  const integers = concatDfa(texts(values.filter((value) => value.isInteger)), NO_FRACTION);
  return unionDfa(integers, concatDfa(texts(values.filter((value) => !value.isInteger)), ZEROS));
}

/** Each value as JSON.stringify writes it; a large integer also without exponent, or only so. */
function valuesDfa({ values }: NumberValues, { maxNumberDigits }: NumberLimits, onlyPlain = false): Dfa {
  const texts = values.flatMap((value) => {
    const text = value.toString();
    if (!value.isInteger || !text.includes('e')) return [text];
    checkDigits(value, maxNumberDigits);
    const digits = (value.negative ? '-' : '') + value.integerDigits();
    return onlyPlain ? [digits] : [text, digits];
  });
  return literalsDfa(texts.map((text) => encoder.encode(text)));
}

function rangeDfa(range: NumberRange, limits: NumberLimits): Dfa {
  const { only, lower, upper, multiple, except } = range;
  const key = `${limits.integers} ${only} ${boundKey(lower)} ${boundKey(upper)} ${multiple ?? ''} ${except.join()}`;
  const known = rangeCache.get(key);
  if (known) return known;
  for (const bound of [lower, upper]) if (bound) checkDigits(bound.value, limits.maxNumberDigits);
  const free = !lower && !upper && only === 'all' && !multiple && except.length === 0;
  const built = free ? JSON_NUMBER : boundedDfa(range, limits);
  if (rangeCache.size >= CACHE_SIZE) rangeCache.delete(rangeCache.keys().next().value!);
  rangeCache.set(key, built);
  return built;
}

function boundKey(bound: Bound | undefined): string {
  return bound ? `${bound.exclusive ? 'x' : ''}${bound.value}` : '';
}

function checkDigits(value: Decimal, maxNumberDigits: number): void {
  const digits = Math.max(value.magnitude, 0) + Math.max(-value.exponent, 0);
  if (digits > maxNumberDigits) {
    throw new LimitError('maxNumberDigits', maxNumberDigits, `the number ${value} has too many digits`);
  }
}

/** Magnitudes without sign, and magnitudes behind `-`; the latter only where negative numbers are in the range. */
function boundedDfa(range: NumberRange, limits: NumberLimits): Dfa {
  const { lower, upper } = range;
  const magnitudes = (least: Bound | undefined, most: Bound | undefined) => {
    const { only, multiple, except, plain } = range;
    const set = numberRange({ only, lower: least, upper: most, multiple, except, plain });
    return limits.integers === 'any'
      ? spelledWithExponents((power) => magnitudesDfa(timesTenTo(set, -power), limits, true), endless(set))
      : magnitudesDfa(set, limits, false);
  };
  const positive = magnitudes(lower?.value.negative ? undefined : lower, upper);
  if (!lower && !upper) return signed(positive, positive);
  if (lower && !lower.value.negative) return positive;
  const reachesZero = !upper || (!upper.value.negative && !(isZero(upper) && upper.exclusive));
  const negative = magnitudes(reachesZero ? undefined : negated(upper), lower && negated(lower));
  return signed(positive, negative);
}

/** Whether the magnitudes of a range stay in it times ten, and divided by ten. */
function endless({ only, lower, upper, multiple, except }: NumberRange): EndlessExponents {
  if (except.length > 0 || only === 'fractions') return { up: false, down: false };
  return { up: !upper, down: only === 'all' && !multiple && (!lower || isZero(lower)) };
}

function timesTen({ negative, digits, exponent }: Decimal, power: number): Decimal {
  return new Decimal(negative, digits, exponent + power);
}

/** The same set in other units; `only` becomes a multiple, since integers do not stay integers. */
function timesTenTo(range: NumberRange, power: number): NumberRange {
  const scale = (value: Decimal) => timesTen(value, power);
  const bound = (side: Bound | undefined) => side && { ...side, value: scale(side.value) };
  const one = scale(Decimal.of(1));
  const multiple =
    range.only === 'integers' && range.multiple
      ? leastCommonMultiple(range.multiple, Decimal.of(1))
      : range.multiple;
  const except = [...range.except.map(scale), ...(range.only === 'fractions' ? [one] : [])];
  return numberRange({
    lower: bound(range.lower),
    upper: bound(range.upper),
    multiple: multiple ? scale(multiple) : range.only === 'integers' ? one : undefined,
    except,
  });
}

function isZero({ value }: Bound): boolean {
  return value.digits === '';
}

function negated({ value, exclusive }: Bound): Bound {
  return { value: value.negated(), exclusive };
}

/** The plain decimals without sign in the range; integers without point, unless `anyForm` asks for all forms. */
function magnitudesDfa(range: NumberRange, { maxDivisor }: NumberLimits, anyForm: boolean): Dfa {
  const { only, lower, upper, multiple, except } = range;
  if (upper?.value.negative) return NO_LANGUAGE;
  let dfa = anyForm ? PLAIN_DECIMAL : SYNTAX[only];
  if (lower)
    dfa = intersectDfa(dfa, comparisonDfa(lower.value, { less: 0, equal: lower.exclusive ? 0 : 1, more: 1 }));
  if (upper)
    dfa = intersectDfa(dfa, comparisonDfa(upper.value, { less: 1, equal: upper.exclusive ? 0 : 1, more: 0 }));
  // The multiples come last: theirs is the largest automaton.
  for (const divisor of except) {
    const excluded = multiple ? divisorAmong(divisor, multiple) : divisor;
    dfa = differenceDfa(dfa, multiplesDfa(excluded, maxDivisor));
  }
  if (multiple) dfa = intersectDfa(dfa, multiplesDfa(multiple, maxDivisor));
  return dfa;
}

/** Which outcomes of a comparison with a bound are accepted. */
interface Verdict {
  readonly less: 0 | 1;
  readonly equal: 0 | 1;
  readonly more: 0 | 1;
}

/**
 * An automaton that compares a decimal text (no sign, no leading zeros) with `bound`, digit by digit: while it reads
 * the integer part it keeps how many digits there were and how they compare, then the same along the fraction.
 */
function comparisonDfa(bound: Decimal, verdict: Verdict): Dfa {
  const whole = bound.integerDigits();
  const fraction = bound.fractionDigits();
  const { length } = whole;
  const edges: DfaEdge[][] = [];
  const accept: number[] = [];
  // States 0..3*length: integer part, three per digit read, by how they compare; then `longer`, `less`, `more`, and one per
  // fraction digit.
  const longer = 3 * length + 1;
  const less = longer + 1;
  const more = longer + 2;
  const tied = longer + 3;
  const exact = fraction === '' ? verdict.equal : verdict.less;
  for (let read = 0; read < length; read++) {
    const next = 3 * read + 1;
    if (read > 0) {
      edges.push([point(less), anyDigit(next)]);
      accept.push(verdict.less);
    }
    edges.push(digitEdges([point(less)], whole[read], next, next + 1, next + 2));
    accept.push(verdict.less);
    if (read > 0) {
      edges.push([point(less), anyDigit(next + 2)]);
      accept.push(verdict.less);
    }
  }
  if (length > 0) {
    edges.push([point(less), anyDigit(longer)]);
    accept.push(verdict.less);
  }
  edges.push([point(tied), anyDigit(longer)]);
  accept.push(exact);
  if (length > 0) {
    edges.push([point(more), anyDigit(longer)]);
    accept.push(verdict.more);
  }
  edges.push([point(more), anyDigit(longer)], [anyDigit(less)], [anyDigit(more)]);
  accept.push(verdict.more, verdict.less, verdict.more);
  for (let read = 0; read < fraction.length; read++) {
    edges.push(digitEdges([], fraction[read], less, tied + read + 1, more));
    accept.push(verdict.less);
  }
  edges.push(digitEdges([], '0', less, tied + fraction.length, more));
  accept.push(verdict.equal);
  return { edges, accept: Uint8Array.from(accept) };
}

function point(to: number): DfaEdge {
  return { lo: POINT, hi: POINT, to };
}

function anyDigit(to: number): DfaEdge {
  return { lo: ZERO, hi: NINE, to };
}

/** Adds edges over the ten digits: those below `pivot`, the digit itself, and those above it. */
function digitEdges(edges: DfaEdge[], pivot: string, less: number, equal: number, more: number): DfaEdge[] {
  const at = pivot.charCodeAt(0);
  if (at > ZERO) edges.push({ lo: ZERO, hi: at - 1, to: less });
  edges.push({ lo: at, hi: at, to: equal });
  if (at < NINE) edges.push({ lo: at + 1, hi: NINE, to: more });
  return edges;
}

// The grammars of decimals, written out as automata. State 0 is the start of each.

const digits = (lo: string, to: number, hi = '9'): DfaEdge => ({
  lo: lo.charCodeAt(0),
  hi: hi.charCodeAt(0),
  to,
});
const character = (text: string, to: number): DfaEdge => digits(text, to, text);

/** 0 | [1-9][0-9]* */
const PLAIN_INTEGER: Dfa = {
  edges: [[character('0', 1), digits('1', 2)], [], [digits('0', 2)]],
  accept: Uint8Array.of(0, 1, 1),
};

/** (0 | [1-9][0-9]*) (. [0-9]+)? */
const PLAIN_DECIMAL: Dfa = {
  edges: [
    [character('0', 1), digits('1', 2)],
    [character('.', 3)],
    [character('.', 3), digits('0', 2)],
    [digits('0', 4)],
    [digits('0', 4)],
  ],
  accept: Uint8Array.of(0, 1, 1, 0, 1),
};

/** A plain decimal with a digit other than 0 after its point. */
const PLAIN_FRACTION: Dfa = {
  edges: [
    [character('0', 1), digits('1', 2)],
    [character('.', 3)],
    [character('.', 3), digits('0', 2)],
    [character('0', 3), digits('1', 4)],
    [digits('0', 4)],
  ],
  accept: Uint8Array.of(0, 0, 0, 0, 1),
};

const SYNTAX = { all: PLAIN_DECIMAL, integers: PLAIN_INTEGER, fractions: PLAIN_FRACTION };

/** RFC 8259, section 6. */
const JSON_NUMBER: Dfa = {
  edges: [
    [character('-', 1), character('0', 2), digits('1', 3)],
    [character('0', 2), digits('1', 3)],
    [character('.', 4), character('E', 5), character('e', 5)],
    [character('.', 4), digits('0', 3), character('E', 5), character('e', 5)],
    [digits('0', 6)],
    [character('+', 7), character('-', 7), digits('0', 8)],
    [digits('0', 6), character('E', 5), character('e', 5)],
    [digits('0', 8)],
    [digits('0', 8)],
  ],
  accept: Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 0, 1),
};
