// What the adapters share: syntax tree nodes of single symbols, classes and assertions under given flags.
import { type Intervals, normalizeIntervals } from '../../automata/index.js';
import type { Assertion, RegexNode, Side } from './ast.js';
import { closeUnderCase } from './case-folding.js';
import { complement, DIGITS, dotSet, LINE_ENDS, propertySet, SPACES, wordCharacters } from './classes.js';
import type { Flags } from './flags.js';

/** What a set matches under the flags: under i also the partners of its members. */
export function matchedBy(set: Intervals, flags: Flags): Intervals {
  return flags.ignoreCase ? closeUnderCase(set, flags.unicode) : set;
}

export function characterNode(codePoint: number, flags: Flags): RegexNode {
  return { kind: 'set', set: matchedBy([[codePoint, codePoint]], flags) };
}

/** A named set as either parser describes it. */
export interface NamedSet {
  readonly kind: 'any' | 'digit' | 'space' | 'word' | 'property';
  readonly negate?: boolean;
  /** For a property: `Script=Greek`, `L`. */
  readonly property?: string;
}

/** The set as written, not yet widened under i. */
export function namedSet({ kind, negate, property }: NamedSet, flags: Flags): Intervals {
  const set = positiveSet(kind, property ?? '', flags);
  return negate ? complement(set) : set;
}

function positiveSet(kind: NamedSet['kind'], property: string, flags: Flags): Intervals {
  switch (kind) {
    case 'any':
      return dotSet(flags);
    case 'digit':
      return DIGITS;
    case 'space':
      return SPACES;
    case 'word':
      return wordCharacters(flags);
    case 'property':
      return propertySet(property);
  }
}

/** A class of flags u or none. `[^x]` is all that `[x]` does not match, so the complement is taken last. */
export function classNode(parts: readonly Intervals[], negate: boolean, flags: Flags): RegexNode {
  const set = matchedBy(normalizeIntervals(parts.flat()), flags);
  return { kind: 'set', set: negate ? complement(set) : set };
}

const ANYTHING: Side = { set: [[0, 0x10ffff]], edge: true };
const AT_EDGE: Side = { set: [], edge: true };
const AT_LINE_END: Side = { set: LINE_ENDS, edge: true };

export function beginNode(flags: Flags): Assertion {
  return { kind: 'assertion', sides: [[flags.multiline ? AT_LINE_END : AT_EDGE, ANYTHING]] };
}

/** Whether an assertion is `^` of the whole text. */
export function isTextStart({ sides }: Assertion): boolean {
  return sides.length === 1 && sides[0][0] === AT_EDGE && sides[0][1] === ANYTHING;
}

export function endNode(flags: Flags): Assertion {
  return { kind: 'assertion', sides: [[ANYTHING, flags.multiline ? AT_LINE_END : AT_EDGE]] };
}

/** \b, or \B where `negate`. */
export function wordBoundaryNode(negate: boolean, flags: Flags): Assertion {
  const set = wordCharacters(flags);
  const word: Side = { set, edge: false };
  const other: Side = { set: complement(set), edge: true };
  return {
    kind: 'assertion',
    sides: negate
      ? [
          [word, word],
          [other, other],
        ]
      : [
          [word, other],
          [other, word],
        ],
  };
}
