// How single characters are written in a JSON string (RFC 8259, section 7).
// Read by the automata of literal strings and of property names other than the listed ones.

const encoder = new TextEncoder();
const QUOTE = 0x22;

const SHORT_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x2f, '\\/'],
  [0x5c, '\\\\'],
]);

/** A spelling of one character: the alternative bytes (the two cases of a hex digit) of each position. */
export type Spelling = readonly (readonly number[])[];

/**
 * The spellings of one character that are taken: for printable ASCII the one that JSON.stringify writes, and `\/`; for
 * any other character raw UTF-8, the short escape and every \u escape. A lone surrogate has an escape only.
 */
export function spellings(codePoint: number): readonly Spelling[] {
  let known = kept.get(codePoint);
  if (!known) {
    known = makeSpellings(codePoint);
    if (codePoint <= 0x7f || kept.size < MAX_KEPT) kept.set(codePoint, known);
  }
  return known;
}

const MAX_KEPT = 2_000;
const kept = new Map<number, readonly Spelling[]>();

function makeSpellings(codePoint: number): readonly Spelling[] {
  const found: Spelling[] = [];
  const short = SHORT_ESCAPES.get(codePoint);
  if (short) found.push(exactly(short));
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  const raw = codePoint >= 0x20 && codePoint !== QUOTE && codePoint !== 0x5c && !surrogate;
  if (raw) found.push(exactly(String.fromCodePoint(codePoint)));
  if (codePoint < 0x20 || codePoint > 0x7e) found.push(escapeSpelling(codePoint));
  return found;
}

function exactly(text: string): number[][] {
  return Array.from(encoder.encode(text), (byte) => [byte]);
}

/** The \u escape of a character, with hex digits of either case; two escapes beyond U+FFFF. */
export function escapeSpelling(codePoint: number): Spelling {
  const units = String.fromCodePoint(codePoint);
  const positions: number[][] = [];
  for (let i = 0; i < units.length; i++) {
    positions.push(...exactly('\\u'));
    for (const digit of units.charCodeAt(i).toString(16).padStart(4, '0')) {
      const upper = digit.toUpperCase();
      positions.push(upper === digit ? exactly(digit)[0] : [digit.charCodeAt(0), upper.charCodeAt(0)]);
    }
  }
  return positions;
}
