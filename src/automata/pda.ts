// The pushdown automaton and its binary form, the GrammarImage: what every grammar becomes and both matchers read.
// Written by grammar/to-pda.ts; read here by machine.ts and natively by native/grammar/image.cc.
import { CompileError } from '../errors.js';
import { decodeChecks, encodeChecks, type TextCheck } from './text-checks.js';

/**
 * What an edge does. A configuration is a state and a stack of frames; a frame holds the state to return to and the
 * registers of the rule that it was pushed for: a counter, a set of marked bits, and the values that `distinct` has seen.
 */
export const EdgeKind = {
  /** Reads one byte in [a, b]. */
  bytes: 0,
  /** Reads nothing. */
  epsilon: 1,
  /** Pushes a frame that returns to `to`, with counter 0, and goes to state a. */
  call: 2,
  /** Pops a frame and goes to the state that it names. `to` is unused. */
  return: 3,
  /** Adds 1 to the counter. With b = 0 it is possible only while the counter is below a; with b = 1 it stops at a. */
  count: 4,
  /** Possible only when the counter is at least a; sets it back to 0. */
  check: 5,
  /** Reads one byte in [a, b] that is no part of a tracked value. */
  quiet: 6,
  /** Possible only when the counter is at least a. */
  atLeast: 7,
  /** Marks bit a; possible only when it is not marked. */
  mark: 8,
  /** Possible only when some bit in [a, b) is not marked. */
  room: 9,
  /** Possible only when every bit in [a, b) is marked. */
  marked: 10,
  /** Begins to track a value: a new one for `distinct`, or with a = 1 one for `known`. */
  begin: 11,
  /** Ends the value tracked last; possible only when it is a new one, which the frame then holds. */
  distinct: 12,
  /** Reads one token of token set a, whatever its bytes. */
  token: 13,
  /** Begins to read a text for check a. */
  capture: 14,
  /** Ends the text captured last; possible only when check a passes it. */
  verify: 15,
  /** Ends the value tracked last; possible only when it is spelled as one that the frame holds. */
  known: 16,
} as const;

export type EdgeKind = (typeof EdgeKind)[keyof typeof EdgeKind];

/** The state that the bottom frame returns to: the sentence is complete. It has no edges. */
export const ACCEPT_STATE = 0;

/** Int32 words per edge: kind, a, b, to. */
export const EDGE_WORDS = 4;

const MAGIC = 0x47505345;
const VERSION = 5;
const HEADER_WORDS = 16;
/** Bits that a frame can mark. */
export const MAX_BITS = 1 << 16;
/** Two header words of content hash; they count as 0 in it. */
const HASH_WORD = 8;
const TOKEN_SETS_WORD = 6;
/** Number of checks and of their words. */
const CHECKS_WORD = 10;

/**
 * A pushdown automaton over bytes as flat arrays: state s has the edges edgeStart[s] .. edgeStart[s + 1] of `edges`,
 * {@link EDGE_WORDS} words each. State {@link ACCEPT_STATE} accepts.
 */
export interface Pda {
  readonly stateCount: number;
  readonly start: number;
  readonly edgeStart: Int32Array;
  readonly edges: Int32Array;
  /**
   * For each state, which copy of a lexeme it belongs to, from 1; 0 for the others. A mask may treat a copy's states as an
   * automaton of its own, the same in every grammar that has the lexeme; the language does not depend on it.
   */
  readonly lexemeOf: Int32Array;
  /** What `token` edges name. */
  readonly tokenSets: readonly TokenSet[];
  /** What `capture` and `verify` edges name. */
  readonly checks: readonly TextCheck[];
  /** The memory of the three arrays, where they lie as an image has them. */
  readonly words?: Int32Array;
}

/** Arrays for so many states and edges, with room before them for the header: their image is then written in place. */
export function newPdaArrays(
  stateCount: number,
  edgeCount: number,
): Required<Pick<Pda, 'edgeStart' | 'edges' | 'lexemeOf' | 'words'>> {
  const edgesAt = HEADER_WORDS + stateCount + 1;
  const lexemesAt = edgesAt + edgeCount * EDGE_WORDS;
  const words = new Int32Array(lexemesAt + stateCount);
  return {
    edgeStart: words.subarray(HEADER_WORDS, edgesAt),
    edges: words.subarray(edgesAt, lexemesAt),
    lexemeOf: words.subarray(lexemesAt),
    words,
  };
}

/** Tokens by the text of a special token or by id; `except` stands for all tokens but these. */
export interface TokenSet {
  readonly except: boolean;
  readonly tokens: readonly (string | number)[];
}

/** Whether an edge of this kind reads a byte. */
export function readsByte(kind: number): boolean {
  return kind === EdgeKind.bytes || kind === EdgeKind.quiet;
}

/**
 * The GrammarImage of an automaton: a little-endian buffer of Int32 words. Header (16 words): magic "ESPG", version,
 * number of states S, number of edges E, start state, total bytes, number of token sets, their bytes, two words of content
 * hash, number of checks, their words, 0 …; then edgeStart[S + 1], edges[4 E], lexemeOf[S], the token sets as JSON, padded with
 * spaces to whole words, and the checks (text-checks.ts). It may lie in the memory of the automaton's arrays.
 */
export function encodePda(pda: Pda): Uint8Array {
  const tokens = pda.tokenSets.length === 0 ? NO_TOKENS : encodeTokenSets(pda.tokenSets);
  const checks = pda.checks.length === 0 ? NO_CHECKS : encodeChecks(pda.checks);
  const hasMore = tokens.length + checks.length > 0;
  const words = pda.words && !hasMore ? pda.words : copiedWords(pda, tokens, checks);
  words[0] = MAGIC;
  words[1] = VERSION;
  words[2] = pda.stateCount;
  words[3] = pda.edges.length / EDGE_WORDS;
  words[4] = pda.start;
  words[5] = words.byteLength;
  words[TOKEN_SETS_WORD] = pda.tokenSets.length;
  words[TOKEN_SETS_WORD + 1] = tokens.length;
  words[CHECKS_WORD] = pda.checks.length;
  words[CHECKS_WORD + 1] = checks.length;
  const [low, high] = contentHash(words);
  words[HASH_WORD] = low;
  words[HASH_WORD + 1] = high;
  return new Uint8Array(words.buffer);
}

const NO_TOKENS = new Uint8Array();
const NO_CHECKS = new Int32Array();

/** The sections of an image in memory of their own. */
function copiedWords(pda: Pda, tokens: Uint8Array, checks: Int32Array): Int32Array<ArrayBuffer> {
  const edgesAt = HEADER_WORDS + pda.edgeStart.length;
  const lexemesAt = edgesAt + pda.edges.length;
  const tokensAt = lexemesAt + pda.stateCount;
  const checksAt = tokensAt + tokens.length / 4;
  const words = new Int32Array(checksAt + checks.length);
  words.set(pda.edgeStart, HEADER_WORDS);
  words.set(pda.edges, edgesAt);
  words.set(pda.lexemeOf, lexemesAt);
  words.set(checks, checksAt);
  new Uint8Array(words.buffer).set(tokens, tokensAt * 4);
  return words;
}

function encodeTokenSets(sets: readonly TokenSet[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(sets));
  const padded = new Uint8Array(Math.ceil(text.length / 4) * 4).fill(0x20);
  padded.set(text);
  return padded;
}

function decodeTokenSets(bytes: Uint8Array, count: number): readonly TokenSet[] {
  if (count === 0) return [];
  try {
    const sets = JSON.parse(new TextDecoder().decode(bytes)) as readonly TokenSet[];
    const isToken = (token: unknown) => typeof token === 'string' || Number.isInteger(token);
    const isSet = (set: TokenSet) => typeof set.except === 'boolean' && set.tokens.every(isToken);
    if (Array.isArray(sets) && sets.length === count && sets.every(isSet)) return sets;
  } catch {
    // Told below: what is not the JSON that encodeTokenSets writes is damaged.
  }
  throw damaged('its token sets cannot be read');
}

/**
 * Reads a GrammarImage without copying where its alignment allows.
 * @throws CompileError `invalid_image` when it is damaged or of another version.
 */
export function openPda(image: Uint8Array): Pda {
  if (image.byteLength < HEADER_WORDS * 4 || image.byteLength % 4 !== 0) throw damaged('its length is wrong');
  const aligned = image.byteOffset % 4 === 0 ? image : image.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  const [magic, version, stateCount, edgeCount, start, byteLength, tokenSetCount, tokenBytes] = words;
  if (magic !== MAGIC) throw damaged('it does not begin with the magic word');
  if (version !== VERSION) throw damaged(`it has version ${version}, this build reads ${VERSION}`);
  const edgesAt = HEADER_WORDS + stateCount + 1;
  const lexemesAt = edgesAt + edgeCount * EDGE_WORDS;
  const tokensAt = lexemesAt + stateCount;
  const [checkCount, checkWords] = words.subarray(CHECKS_WORD);
  const counts = [stateCount - 1, edgeCount, tokenSetCount, tokenBytes, checkCount, checkWords];
  if (
    counts.some((count) => count < 0) ||
    words.length !== tokensAt + tokenBytes / 4 + checkWords ||
    byteLength !== image.byteLength
  )
    throw damaged('its sections do not fit its length');
  const [low, high] = contentHash(words);
  if (words[HASH_WORD] !== low || words[HASH_WORD + 1] !== high)
    throw damaged('its content does not match its hash');
  const checksAt = tokensAt + tokenBytes / 4;
  const checks = decodeChecks(words.subarray(checksAt), checkCount);
  if (!checks) throw damaged('its checks cannot be read');
  const pda = {
    stateCount,
    start,
    edgeStart: words.subarray(HEADER_WORDS, edgesAt),
    edges: words.subarray(edgesAt, lexemesAt),
    lexemeOf: words.subarray(lexemesAt, tokensAt),
    tokenSets: decodeTokenSets(aligned.subarray(tokensAt * 4, checksAt * 4), tokenSetCount),
    checks,
  };
  validate(pda, edgeCount);
  return pda;
}

/** The token sets of a GrammarImage; nothing else of it is looked at where it has none. */
export function tokenSetsOf(image: Uint8Array): readonly TokenSet[] {
  return wordAt(image, TOKEN_SETS_WORD) === 0 ? [] : openPda(image).tokenSets;
}

/** A word of an image, wherever it lies in memory. */
export function wordAt(image: Uint8Array, word: number): number {
  const at = 4 * word;
  return image[at] | (image[at + 1] << 8) | (image[at + 2] << 16) | (image[at + 3] << 24);
}

/** A short name of an image's content, for caches; equal names are confirmed by comparing the images. */
export function imageHash(image: Uint8Array): string {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const hex = (offset: number) => view.getUint32(offset, true).toString(16).padStart(8, '0');
  return hex(36) + hex(32);
}

function validate(pda: Pda, edgeCount: number): void {
  const isState = (state: number) => state >= 0 && state < pda.stateCount;
  if (!isState(pda.start)) throw damaged('its start state does not exist');
  if (pda.edgeStart[0] !== 0 || pda.edgeStart[pda.stateCount] !== edgeCount)
    throw damaged('its edge index is wrong');
  for (let state = 0; state < pda.stateCount; state++)
    if (pda.edgeStart[state] > pda.edgeStart[state + 1]) throw damaged('its edge index is not sorted');
  const { edges } = pda;
  for (let at = 0; at < edges.length; at += EDGE_WORDS) {
    const problem = edgeProblem(pda, edges[at], edges[at + 1], edges[at + 2], edges[at + 3]);
    if (problem) throw damaged(problem);
  }
}

function edgeProblem(pda: Pda, kind: number, a: number, b: number, to: number): string | undefined {
  const isState = (state: number) => state >= 0 && state < pda.stateCount;
  if (kind < EdgeKind.bytes || kind > EdgeKind.known) return 'it has an edge of unknown kind';
  if (readsByte(kind) && !(0 <= a && a <= b && b <= 255)) return 'an edge reads more than bytes';
  if (!isState(to) || (kind === EdgeKind.call && !isState(a)))
    return 'an edge leads to a state that does not exist';
  if (readsByte(kind) || kind < EdgeKind.count) return undefined;
  if (a < 0 || b < 0) return 'an operand is negative';
  if (kind === EdgeKind.token && a >= pda.tokenSets.length)
    return 'an edge names a token set that does not exist';
  if ((kind === EdgeKind.capture || kind === EdgeKind.verify) && a >= pda.checks.length)
    return 'an edge names a check that does not exist';
  if ((kind === EdgeKind.room || kind === EdgeKind.marked) && (a > b || b > MAX_BITS))
    return 'a range of bits is wrong';
  return kind === EdgeKind.mark && a >= MAX_BITS ? 'a bit is too high' : undefined;
}

/**
 * Two words of hash of all words but the two in {@link HASH_WORD}, which count as 0. Four lanes take every fourth word each, so
 * that none waits for the one before it; what is left over goes to the first. A single word that differs always shows.
 */
export function contentHash(words: Int32Array): [number, number] {
  let a = 0x811c9dc5 | 0;
  let b = 0x9747b28c | 0;
  let c = 0x3c6ef372;
  let d = 0xa54ff53a | 0;
  const whole = words.length - (words.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const isHash = i === HASH_WORD;
    a = hashed(a, isHash ? 0 : words[i]);
    b = hashed(b, isHash ? 0 : words[i + 1]);
    c = hashed(c, words[i + 2]);
    d = hashed(d, words[i + 3]);
  }
  for (let i = whole; i < words.length; i++) a = hashed(a, words[i]);
  return [hashed(hashed(hashed(a, b), c), d), hashed(hashed(hashed(d, c), b), a)];
}

function hashed(hash: number, word: number): number {
  return Math.imul(((hash << 13) | (hash >>> 19)) ^ word, 0x85ebca6b);
}

function damaged(reason: string): CompileError {
  return new CompileError(
    'invalid_image',
    `this is not a usable GrammarImage: ${reason}; compile the grammar again`,
  );
}
