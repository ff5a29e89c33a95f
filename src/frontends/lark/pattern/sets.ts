// Sets of characters by name and under flags, as Python's `re` has them, and as Rust's regex has them for llguidance.
import {
  complementIntervals,
  type Intervals,
  MAX_CODE_POINT,
  normalizeIntervals,
  unionIntervals,
} from '../../../automata/index.js';
import { closeUnderCase, propertySet as runtimeProperty } from '../../regex/index.js';

/** Whose classes and escapes hold: Python's `re`, Python's `regex` module, or Rust's regex crate. */
export type RegexDialect = 'python' | 'python-regex' | 'rust';

export interface SetFlags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  /** Python's flag `a`: `\d`, `\s` and `\w` are ASCII. */
  readonly ascii: boolean;
  readonly dialect: RegexDialect;
}

export const ANY: Intervals = [[0, MAX_CODE_POINT]];
export const NEWLINE: Intervals = [[0x0a, 0x0a]];

/** Characters that `str.isspace` takes beyond those of Unicode's White_Space. */
const PYTHON_SEPARATORS: Intervals = [[0x1c, 0x1f]];
const ASCII_SPACES: Intervals = [
  [0x09, 0x0d],
  [0x20, 0x20],
];
const DIGITS: Intervals = [[0x30, 0x39]];
const UNDERSCORE: Intervals = [[0x5f, 0x5f]];
const ASCII_WORD: Intervals = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
/** Python alone folds these four into one: the two dotted and the two dotless letters i. */
const TURKIC_I = [0x49, 0x69, 0x130, 0x131];

export function complement(set: Intervals): Intervals {
  return complementIntervals(set, MAX_CODE_POINT);
}

export function dot(flags: SetFlags): Intervals {
  return flags.dotAll ? ANY : complement(NEWLINE);
}

/** `\d`, `\s`, `\w`; in upper case what they leave out. */
export function namedSet(letter: string, flags: SetFlags): Intervals {
  const set = positiveSet(letter.toLowerCase(), flags);
  return letter === letter.toLowerCase() ? set : complement(set);
}

/** `\p{…}`; undefined when there is no such property. */
export function propertySet(name: string, flags: SetFlags): Intervals | undefined {
  try {
    return folded(runtimeProperty(name), flags);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What a set matches under flag i. */
export function folded(set: Intervals, flags: SetFlags): Intervals {
  if (!flags.ignoreCase) return set;
  const closed = closeUnderCase(set, true);
  if (flags.dialect === 'rust') return closed;
  const touchesI = TURKIC_I.some((letter) => closed.some(([lo, hi]) => lo <= letter && letter <= hi));
  return touchesI ? normalizeIntervals([...closed, ...TURKIC_I.map((i) => [i, i] as const)]) : closed;
}

function positiveSet(letter: string, flags: SetFlags): Intervals {
  switch (letter) {
    case 'd':
      return flags.ascii ? DIGITS : runtimeProperty('Nd');
    case 's':
      if (flags.ascii) return ASCII_SPACES;
      return flags.dialect === 'rust'
        ? runtimeProperty('White_Space')
        : unionIntervals(runtimeProperty('White_Space'), PYTHON_SEPARATORS);
    default:
      if (flags.ascii) return ASCII_WORD;
      return wordCharacters(flags.dialect);
  }
}

/** `str.isalnum` and the underscore; the others follow Unicode's annex 18 and take marks too. */
function wordCharacters(dialect: RegexDialect): Intervals {
  if (dialect === 'python')
    return normalizeIntervals([...runtimeProperty('L'), ...runtimeProperty('N'), ...UNDERSCORE]);
  return normalizeIntervals([
    ...runtimeProperty('Alphabetic'),
    ...runtimeProperty('M'),
    ...runtimeProperty('Nd'),
    ...runtimeProperty('Pc'),
    ...(dialect === 'rust' ? runtimeProperty('Join_Control') : []),
  ]);
}
