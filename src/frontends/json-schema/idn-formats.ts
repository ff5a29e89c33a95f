// Internationalized host names (IDNA2008: RFC 5890-5893) as far as they are regular. Every code point gets one of a few
// kinds, by the runtime's Unicode data; the rules are regular expressions over a letter for each kind, spread out to code
// points at the end. Left out, so that no invalid name is taken: encoded labels (`xn--`), whose Punycode is arithmetic;
// labels whose encoded form could pass 63 octets (more than 9 characters, any beyond U+FFFF);
// marks that normalization may compose or reorder; left-to-right labels beyond ASCII beside right-to-left ones;
// a katakana middle dot that is not beside Japanese or Han; names with such labels elsewhere than in the first two places.
import {
  concatDfa,
  type Dfa,
  differenceDfa,
  intersectDfa,
  normalizeIntervals,
  renumber,
  unionDfa,
} from '../../automata/index.js';
import { regexToDfa } from '../regex/index.js';

// The kinds: A a l 0 - of ASCII; Greek g, other letters and digits s, marks m, those that normalization moves n, viramas V;
// Japanese and Han K; right to left: Hebrew h, dual-joining q, other letters r, marks w; extended Arabic-Indic digits p,
// Arabic-Indic ones D; those that depend on neighbours b k e t J j; separators '.'.

/** RFC 5892, section 2.6, and the code points of appendix A, by their kind. */
const EXCEPTIONS: readonly (readonly [kind: string, first: number, last?: number])[] = [
  ['s', 0xdf],
  ['g', 0x3c2],
  ['r', 0x6fd, 0x6fe],
  ['s', 0xf0b],
  ['K', 0x3007],
  ['b', 0xb7],
  ['k', 0x375],
  ['e', 0x5f3, 0x5f4],
  ['t', 0x30fb],
  ['D', 0x660, 0x669],
  ['p', 0x6f0, 0x6f9],
  ['J', 0x200c],
  ['j', 0x200d],
];
const DISALLOWED = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
/** Conjoining jamo, and blocks of combining marks for symbols. */
const LEFT_OUT = /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb]|[\u{20d0}-\u{20ff}]/u;
const LETTER_OR_DIGIT = /[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]/u;
const UNSTABLE = /[\p{Changes_When_NFKC_Casefolded}\p{Default_Ignorable_Code_Point}\p{White_Space}]/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u;
/** Letters of Arabic and Persian that join on both sides. */
const DUAL_JOINING =
  /[\u0626\u0628\u062a-\u062e\u0633-\u063a\u0641-\u0647\u064a\u067e\u0686\u06a9\u06af\u06cc]/u;
const MARK = /\p{M}/u;
const JAPANESE_OR_HAN = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

/** Normalization swaps marks by their combining class; that of a virama, 9, is told by its neighbours 8 and 10. */
const swaps = (text: string) => text.normalize('NFD') !== text;
const isVirama = (mark: string) => swaps(`${mark}\u3099`) && swaps(`\u05b0${mark}`);
const isMoved = (mark: string) => swaps(`${mark}\u0334`) || swaps(`\u0345${mark}`);

/** Code points that normalization joins to the one before them. */
function composingMarks(): ReadonlySet<string> {
  const marks = new Set<string>();
  for (let codePoint = 0xc0; codePoint <= 0xffff; codePoint++) {
    if (codePoint >= 0xac00 && codePoint <= 0xdfff) continue;
    const [, ...rest] = String.fromCharCode(codePoint).normalize('NFD');
    for (const mark of rest) marks.add(mark);
  }
  return marks;
}

function kindOf(codePoint: number, composing: ReadonlySet<string>): string | undefined {
  const text = String.fromCharCode(codePoint);
  if (codePoint < 0x80) return asciiKind(text);
  const exception = EXCEPTIONS.find(([, first, last = first]) => first <= codePoint && codePoint <= last);
  if (exception) return exception[0];
  if (!LETTER_OR_DIGIT.test(text) || UNSTABLE.test(text) || DISALLOWED.test(text)) return undefined;
  if (LEFT_OUT.test(text) || composing.has(text)) return undefined;
  if (RIGHT_TO_LEFT.test(text)) {
    if (/\p{Mn}/u.test(text)) return 'w';
    if (!/\p{Lo}/u.test(text)) return undefined;
    if (/\p{Script=Hebrew}/u.test(text)) return 'h';
    return DUAL_JOINING.test(text) ? 'q' : 'r';
  }
  if (MARK.test(text)) {
    if (isVirama(text)) return 'V';
    return isMoved(text) ? 'n' : 'm';
  }
  if (JAPANESE_OR_HAN.test(text)) return 'K';
  return /\p{Script=Greek}/u.test(text) ? 'g' : 's';
}

function asciiKind(text: string): string | undefined {
  if (text === 'l' || text === '-') return text;
  if (/[a-z]/.test(text)) return 'a';
  if (/[A-Z]/.test(text)) return 'A';
  return /[0-9]/.test(text) ? '0' : undefined;
}

type Kinds = ReadonlyMap<string, readonly (readonly [number, number])[]>;
const kinds = new Map<boolean, Kinds>();

/** The kinds for names in normalization form C, or for names in any form, in which marks may stand that compose. */
function kindsOf(normalized: boolean): Kinds {
  let known = kinds.get(normalized);
  if (!known) {
    known = findKinds(normalized ? composingMarks() : new Set());
    kinds.set(normalized, known);
  }
  return known;
}

function findKinds(composing: ReadonlySet<string>): Kinds {
  const found = new Map<string, [number, number][]>();
  for (let codePoint = 0; codePoint <= 0xffff; codePoint++) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
    const kind = kindOf(codePoint, composing);
    if (kind === undefined) continue;
    const set = found.get(kind);
    const last = set?.[set.length - 1];
    if (last?.[1] === codePoint - 1) last[1] = codePoint;
    else if (set) set.push([codePoint, codePoint]);
    else found.set(kind, [[codePoint, codePoint]]);
  }
  return found;
}

const HYPHENS = '-.*|.*-|..--.*';
const LENGTHS = '.{1,9}';

/** The rules of labels beyond ASCII, as automata over kinds, and the code points of each kind. */
export interface LabelRules {
  readonly leftToRight: Dfa;
  readonly rightToLeft: Dfa;
  readonly symbols: Kinds;
}

/** The rules of single labels in normalization form C, whatever their length. */
export function labelRules(): LabelRules {
  return { ...unicodeLabels(true), symbols: kindsOf(true) };
}

/** Labels beyond ASCII: from left to right, and from right to left. */
function unicodeLabels(normalized: boolean): { readonly leftToRight: Dfa; readonly rightToLeft: Dfa } {
  const left = regexToDfa('[al0gsKmnVJjbktp\\-]*');
  const wrongLeft = [
    HYPHENS,
    '[al0\\-]*',
    normalized ? '[mnV].*|.*[nV]{2}.*' : '[mnV].*',
    '(?:.*[^V])?[Jj].*',
    '(?:.*[^l])?b.*|.*b(?:[^l].*)?',
    '.*k(?:[^g].*)?',
    '(?:.*[^K])?t(?:[^K].*)?',
  ];
  const right = regexToDfa('[hrq][hrqw0pDeJ\\-]*(?<=[hrqe0pD]w?)');
  const wrongRight = [
    HYPHENS,
    ...(normalized ? ['.*w{2}.*'] : []),
    '.*[0p].*D.*|.*D.*[0p].*',
    '(?:.*[^h])?e.*',
    '(?:.*[^q])?J.*|.*J(?:[^q].*)?',
  ];
  const without = (all: Dfa, wrong: readonly string[]) => differenceDfa(all, regexToDfa(wrong.join('|')));
  return { leftToRight: without(left, wrongLeft), rightToLeft: without(right, wrongRight) };
}

/**
 * Internationalized host names.
 * @param label the pattern of an ASCII label of at most so many letters and digits of the class given
 * @param separators the code points that stand between two labels
 * @param normalized whether labels are in Unicode's normalization form C
 */
export function idnHostnameDfa(
  label: (longest: number, alphanumeric: string) => string,
  separators: readonly number[],
  normalized: boolean,
): Dfa {
  const rules = unicodeLabels(normalized);
  const lengths = regexToDfa(LENGTHS);
  const leftToRight = intersectDfa(rules.leftToRight, lengths);
  const rightToLeft = intersectDfa(rules.rightToLeft, lengths);
  const dot = regexToDfa('\\.');
  const ascii = (longest: number) => label(longest, 'Aal0');
  const then = (...parts: readonly Dfa[]) => parts.reduce((all, part) => concatDfa(all, part));
  const left = unionDfa(regexToDfa(ascii(63)), leftToRight);
  const more = regexToDfa(`(?:\\.${ascii(24)}){0,5}`);
  const right = unionDfa(rightToLeft, regexToDfa(`(?=[Aal])(?:${ascii(63)})`));
  const names = [then(unionDfa(left, then(left, dot, left)), more), unionDfa(right, then(right, dot, right))];
  return spread(
    names.reduce((a, b) => unionDfa(a, b)),
    separators,
    normalized,
  );
}

/** An automaton over kinds as one over code points; kinds share no code point, so it stays minimal. */
function spread(dfa: Dfa, separators: readonly number[], normalized: boolean): Dfa {
  const all: Kinds = new Map([
    ...kindsOf(normalized),
    ['.', separators.map((codePoint) => [codePoint, codePoint] as const)],
  ]);
  const edges = dfa.edges.map((list) => {
    const byTarget = new Map<number, [number, number][]>();
    for (const { lo, hi, to } of list)
      for (let kind = lo; kind <= hi; kind++) {
        const set = byTarget.get(to) ?? [];
        byTarget.set(to, set);
        for (const [first, last] of all.get(String.fromCodePoint(kind)) ?? []) set.push([first, last]);
      }
    return [...byTarget]
      .flatMap(([to, set]) => normalizeIntervals(set).map(([lo, hi]) => ({ lo, hi, to })))
      .sort((a, b) => a.lo - b.lo);
  });
  return renumber({ edges, accept: dfa.accept });
}
