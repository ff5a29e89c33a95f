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
  FLAT_WORDS,
  FlatBuilder,
  flatOf,
  intersectDfa,
  renumberFlat,
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

/** Code points that normalization joins to the one before them. Decomposed all at once, each between two NULs. */
function composingMarks(): ReadonlySet<number> {
  const apart: string[] = [];
  for (let codePoint = 0xc0; codePoint <= 0xffff; codePoint++) {
    if (codePoint === 0xac00) codePoint = 0xe000; // Hangul syllables decompose to jamo; then surrogates
    apart.push(String.fromCharCode(codePoint));
  }
  const decomposed = apart.join('\0').normalize('NFD');
  const marks = new Set<number>();
  let isFirst = true;
  for (const character of decomposed) {
    if (character === '\0') isFirst = true;
    else if (isFirst) isFirst = false;
    else marks.add(character.codePointAt(0)!);
  }
  return marks;
}

/** The code points of the basic plane, each at its own place; NULs for surrogates. */
function basicPlane(): string {
  const units = Uint16Array.from({ length: 0x10000 }, (_, unit) =>
    unit >= 0xd800 && unit <= 0xdfff ? 0 : unit,
  );
  let text = '';
  for (let at = 0; at < units.length; at += 0x1000)
    text += String.fromCharCode(...units.subarray(at, at + 0x1000));
  return text;
}

/** Those of the basic plane's code points that a class contains: 1 for each. */
function membersOf(plane: string, { source }: RegExp): Uint8Array {
  const members = new Uint8Array(plane.length);
  for (const { index, 0: run } of plane.matchAll(new RegExp(`(?:${source})+`, 'gu')))
    members.fill(1, index, index + run.length);
  return members;
}

/** The kinds of the basic plane's code points beyond ASCII; undefined for those of none. */
function kindsBeyondAscii(composing: ReadonlySet<number>): (codePoint: number) => string | undefined {
  const plane = basicPlane();
  const of = (set: RegExp) => membersOf(plane, set);
  const allowed = of(LETTER_OR_DIGIT);
  const isMark = of(MARK);
  const rightToLeft = of(RIGHT_TO_LEFT);
  const japanese = of(JAPANESE_OR_HAN);
  const greek = of(/\p{Script=Greek}/u);
  for (const set of [UNSTABLE, DISALLOWED, LEFT_OUT])
    of(set).forEach((isIn, codePoint) => {
      if (isIn) allowed[codePoint] = 0;
    });
  for (const codePoint of composing) allowed[codePoint] = 0;
  return (codePoint) => {
    if (!allowed[codePoint]) return undefined;
    if (rightToLeft[codePoint]) return rightToLeftKind(String.fromCharCode(codePoint));
    if (isMark[codePoint]) return markKind(String.fromCharCode(codePoint));
    if (japanese[codePoint]) return 'K';
    return greek[codePoint] ? 'g' : 's';
  };
}

function rightToLeftKind(text: string): string | undefined {
  if (/\p{Mn}/u.test(text)) return 'w';
  if (!/\p{Lo}/u.test(text)) return undefined;
  if (/\p{Script=Hebrew}/u.test(text)) return 'h';
  return DUAL_JOINING.test(text) ? 'q' : 'r';
}

function markKind(mark: string): string {
  if (isVirama(mark)) return 'V';
  return isMoved(mark) ? 'n' : 'm';
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

function findKinds(composing: ReadonlySet<number>): Kinds {
  const beyondAscii = kindsBeyondAscii(composing);
  const exceptions = new Map<number, string>();
  for (const [kind, first, last = first] of EXCEPTIONS)
    for (let codePoint = first; codePoint <= last; codePoint++) exceptions.set(codePoint, kind);
  const found = new Map<string, [number, number][]>();
  for (let codePoint = 0; codePoint <= 0xffff; codePoint++) {
    const kind =
      codePoint < 0x80
        ? asciiKind(String.fromCharCode(codePoint))
        : (exceptions.get(codePoint) ?? beyondAscii(codePoint));
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
  const pieces: (readonly [lo: number, hi: number, kind: number])[] = separators.map(
    (codePoint) => [codePoint, codePoint, '.'.charCodeAt(0)] as const,
  );
  for (const [kind, set] of kindsOf(normalized))
    for (const [lo, hi] of set) pieces.push([lo, hi, kind.charCodeAt(0)]);
  pieces.sort((a, b) => a[0] - b[0]);
  const { edgeStart, edges, accept } = flatOf(dfa);
  const builder = new FlatBuilder();
  const targets = new Int32Array(0x80);
  for (let state = 0; state < accept.length; state++) {
    targets.fill(-1);
    for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS)
      targets.fill(edges[at + 2], edges[at], edges[at + 1] + 1);
    for (const [lo, hi, kind] of pieces) if (targets[kind] >= 0) builder.edge(lo, hi, targets[kind]);
    builder.close();
  }
  return renumberFlat(builder.view(accept));
}
