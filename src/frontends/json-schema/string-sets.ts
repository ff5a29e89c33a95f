// Sets of strings: classes by length and language, and value lists; their intersection, simplified union, complement.
// Languages are DFAs over code points, so that an escaped character counts as one and patterns combine exactly.
import {
  type AutomatonLimits,
  acceptsText,
  ascending,
  type Dfa,
  intersectDfa,
  literalsDfa,
  MAX_CODE_POINT,
  nextState,
  repeatDfa,
  starDfa,
  symbolsDfa,
  unionOfAll,
} from '../../automata/index.js';
import { EVERY_KEY, meet, subtract } from './key-sets.js';
import {
  ANY_STRING,
  codePoints,
  type StringClass,
  type StringShape,
  type StringValues,
  stringClass,
  type WholeFormat,
} from './shape.js';

/** @throws LimitError `maxStates` */
export function intersectStrings(
  a: StringShape,
  b: StringShape,
  limits: AutomatonLimits,
): StringShape | undefined {
  if (a.kind === 'values' || b.kind === 'values') {
    const [list, other] = a.kind === 'values' ? [a, b] : [b as StringValues, a];
    const values = other.kind === 'values' ? commonValues(list, other) : valuesIn(list, other);
    return values.length > 0 ? { kind: 'values', values } : undefined;
  }
  const min = Math.max(a.min, b.min);
  const max = Math.min(a.max, b.max);
  if (max < min) return undefined;
  const language =
    a.language && b.language ? meet(a.language, b.language, limits) : (a.language ?? b.language);
  return stringClass({ min, max, language, plain: a.plain || b.plain, whole: wholeOfBoth(a, b) });
}

function commonValues({ values }: StringValues, other: StringValues): readonly string[] {
  const known = new Set(other.values);
  return values.filter((value) => known.has(value));
}

/** Fewer values than this are looked at one by one. */
const MANY_VALUES = 16;

/** The values that are in a class. Where they are many, only those that begin as the language does are looked at. */
function valuesIn(list: StringValues, shape: StringClass): readonly string[] {
  const { values } = list;
  const { language, whole } = shape;
  if (values.length < MANY_VALUES || !language || whole?.grammar) return stringsIn(values, shape);
  const found: number[] = [];
  for (const { first, places } of placesByFirst(list)) {
    if (first >= 0 && nextState(language, 0, first) < 0) continue;
    for (const place of places) if (stringIsIn(values[place], shape)) found.push(place);
  }
  return found.sort(ascending).map((place) => values[place]);
}

function stringsIn(values: readonly string[], shape: StringClass): readonly string[] {
  const found: string[] = [];
  for (const value of values) if (stringIsIn(value, shape)) found.push(value);
  return found;
}

/** The places of the values of a list that begin with one character; -1 stands for none. */
interface Beginning {
  readonly first: number;
  readonly places: number[];
}

const beginnings = new WeakMap<StringValues, readonly Beginning[]>();

function placesByFirst(list: StringValues): readonly Beginning[] {
  const known = beginnings.get(list);
  if (known) return known;
  const byFirst = new Map<number, Beginning>();
  list.values.forEach((value, place) => {
    const first = value.codePointAt(0) ?? -1;
    const others = byFirst.get(first);
    if (others) others.places.push(place);
    else byFirst.set(first, { first, places: [place] });
  });
  const all = [...byFirst.values()];
  beginnings.set(list, all);
  return all;
}

/** A format stays whole beside a class of every string, and beside itself. */
function wholeOfBoth(a: StringClass, b: StringClass): WholeFormat | undefined {
  if (isEveryString(a) || a.whole === b.whole) return b.whole;
  return isEveryString(b) ? a.whole : undefined;
}

function isEveryString({ min, max, language }: StringClass): boolean {
  return language === undefined && min === 0 && max === Number.POSITIVE_INFINITY;
}

function stringIsIn(value: string, shape: StringClass): boolean {
  if (shape === ANY_STRING) return true;
  if (shape.whole?.grammar) return shape.whole.grammar.test(value);
  if (shape.language && !acceptsText(shape.language, value)) return false;
  if (shape.min === 0 && shape.max === Number.POSITIVE_INFINITY) return true;
  const { length } = codePoints(value);
  return length >= shape.min && length <= shape.max;
}

export function simplifyStrings(shapes: StringShape[]): readonly StringShape[] {
  if (shapes.length < 2) return shapes;
  if (shapes.some((shape) => shape.kind === 'class' && isEveryString(shape))) {
    return [ANY_STRING];
  }
  const lengths = shapes.filter(
    (shape) => shape.kind === 'class' && shape.language === undefined,
  ) as StringClass[];
  const classes = [...new Map(lengths.map((shape) => [`${shape.min},${shape.max}`, shape])).values()];
  const languages = distinctLanguages(shapes);
  const values = new Set<string>();
  for (const shape of shapes) {
    if (shape.kind === 'class') continue;
    for (const value of shape.values) {
      if (!classes.some((other) => stringIsIn(value, other))) values.add(value);
    }
  }
  const rest: StringShape[] = [...classes, ...languages];
  return values.size > 0 ? [...rest, { kind: 'values', values: [...values] }] : rest;
}

/** The classes with a language, each language with the same bounds once. */
function distinctLanguages(shapes: readonly StringShape[]): StringShape[] {
  const kept: StringClass[] = [];
  for (const shape of shapes) {
    if (shape.kind !== 'class' || !shape.language) continue;
    const { language, min, max, plain } = shape;
    const isKnown = kept.some(
      (other) =>
        other.language === language && other.min === min && other.max === max && other.plain === plain,
    );
    if (!isKnown) kept.push(shape);
  }
  return kept;
}

export function stringsOutside(shape: StringShape): StringShape[] {
  const outside: StringShape[] = [];
  if (shape.kind === 'values') {
    const language = subtract(EVERY_KEY, literalsDfa(shape.values.map(codePoints)), {});
    return [stringClass({ language })];
  }
  const { min, max, language, whole } = shape;
  const most = whole?.within ?? language;
  if (most) outside.push(stringClass({ language: subtract(EVERY_KEY, most, {}) }));
  if (min > 0) outside.push(stringClass({ max: min - 1 }));
  if (max !== Number.POSITIVE_INFINITY) outside.push(stringClass({ min: max + 1 }));
  return outside;
}

const ANY_CHARACTER = symbolsDfa([[0, MAX_CODE_POINT]]);

/** The strings of all shapes, over code points. @throws LimitError `maxStates` */
export function stringsDfa(shapes: readonly StringShape[], limits: AutomatonLimits): Dfa {
  const languages = shapes.map((shape) => {
    if (shape.kind === 'values') return literalsDfa(shape.values.map(codePoints));
    const { language, min, max } = shape;
    if (min === 0 && max === Number.POSITIVE_INFINITY) return language ?? starDfa(ANY_CHARACTER);
    const lengths = repeatDfa(ANY_CHARACTER, min, max, limits);
    return language ? intersectDfa(language, lengths, limits) : lengths;
  });
  return unionOfAll(languages, limits);
}
