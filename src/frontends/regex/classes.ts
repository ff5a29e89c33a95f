// The named sets of code points: \d \w \s, the dot, line ends and Unicode properties. Properties are asked of the
// runtime's own RegExp, once per property, so they are those of its Unicode version.
import {
  complementIntervals,
  type Intervals,
  MAX_CODE_POINT,
  normalizeIntervals,
} from '../../automata/index.js';
import { closeUnderCase } from './case-folding.js';
import type { Flags } from './flags.js';

export const ALL: Intervals = [[0, MAX_CODE_POINT]];
export const DIGITS: Intervals = [[0x30, 0x39]];
/** ECMA-262 §12.3 LineTerminator. */
export const LINE_ENDS: Intervals = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
/** ECMA-262 §12.2 WhiteSpace and LineTerminator. */
export const SPACES: Intervals = normalizeIntervals([
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);
const WORD: Intervals = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

export function complement(set: Intervals): Intervals {
  return complementIntervals(set, MAX_CODE_POINT);
}

/** WordCharacters (ECMA-262 §22.2.2.9.3): flags iu add the code points that fold into ASCII letters. */
export function wordCharacters(flags: Flags): Intervals {
  return flags.ignoreCase && flags.unicode ? closeUnderCase(WORD, true) : WORD;
}

export function dotSet(flags: Flags): Intervals {
  return flags.dotAll ? ALL : complement(LINE_ENDS);
}

const properties = new Map<string, Intervals>();

/**
 * The code points of `\p{expression}`.
 * @throws SyntaxError when the runtime does not know the property.
 */
export function propertySet(expression: string): Intervals {
  let set = properties.get(expression);
  if (!set) {
    set = scan(expression);
    properties.set(expression, set);
  }
  return set;
}

let scalars: string | undefined;

function scan(expression: string): Intervals {
  scalars ??= allScalars();
  const found: [number, number][] = [];
  const runs = new RegExp(`\\p{${expression}}+`, 'gu');
  for (let match = runs.exec(scalars); match; match = runs.exec(scalars))
    found.push([scalarAt(match.index), scalarAt(runs.lastIndex - 1)]);
  const one = new RegExp(`\\p{${expression}}`, 'u');
  const split = found.flatMap(([lo, hi]): [number, number][] =>
    lo < 0xd800 && hi > 0xdfff
      ? [
          [lo, 0xd7ff],
          [0xe000, hi],
        ]
      : [[lo, hi]],
  );
  for (let unit = 0xd800; unit <= 0xdfff; unit++)
    if (one.test(String.fromCharCode(unit))) split.push([unit, unit]);
  return normalizeIntervals(split);
}

/** Every code point but the surrogates, ascending; about 4 MB while any property is in use. */
function allScalars(): string {
  const parts: string[] = [];
  for (let first = 0; first <= MAX_CODE_POINT; first += 0x800)
    if (first !== 0xd800)
      parts.push(String.fromCodePoint(...Array.from({ length: 0x800 }, (_, i) => first + i)));
  return parts.join('');
}

/** The code point that holds a UTF-16 offset of {@link allScalars}. */
function scalarAt(offset: number): number {
  if (offset < 0xd800) return offset;
  return offset < 0xf800 ? offset + 0x800 : 0x10000 + ((offset - 0xf800) >> 1);
}
