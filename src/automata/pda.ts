// The pushdown automaton and its binary form, the GrammarImage: what every grammar becomes and both matchers read.
// Written by grammar/to-pda.ts; read here by machine.ts and natively by native/grammar/image.cc.
import { CompileError } from '../errors.js';
import {
  EDGE_WORDS,
  EdgeKind,
  MAX_BITS,
  PACKED_WORDS,
  type PackedEdges,
  packEdges,
  readsByte,
  unpackEdges,
} from './edges.js';
import { decodeChecks, encodeChecks, type TextCheck } from './text-checks.js';

/** The state that the bottom frame returns to: the sentence is complete. It has no edges. */
export const ACCEPT_STATE = 0;

const MAGIC = 0x47505345;
const VERSION = 6;
const HEADER_WORDS = 16;
/** Two header words of content hash; they count as 0 in it. */
const HASH_WORD = 8;
const TOKEN_SETS_WORD = 6;
/** Number of checks, of their words, and of the operands beside the edges. */
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
}

/** Tokens by the text of a special token or by id; `except` stands for all tokens but these. */
export interface TokenSet {
  readonly except: boolean;
  readonly tokens: readonly (string | number)[];
}

/** An automaton in the memory of its image, which is written in place. Its edges are unpacked when somebody asks for them. */
export class PackedPda implements Pda {
  readonly stateCount: number;
  readonly start: number;
  readonly tokenSets: readonly TokenSet[];
  readonly checks: readonly TextCheck[];
  readonly edgeStart: Int32Array;
  readonly lexemeOf: Int32Array;
  /** The image, but for its hash. */
  readonly words: Int32Array<ArrayBuffer>;
  readonly #packed: PackedEdges;
  #edges: Int32Array | undefined;

  /** The lists are copied; those of lexemes are all 0, for the caller to write. */
  constructor(pda: Omit<Pda, 'edges' | 'lexemeOf'>, { packed, operands }: PackedEdges) {
    const { stateCount, start, edgeStart, tokenSets, checks } = pda;
    const tokens = encodeTokenSets(tokenSets);
    const checkWords = encodeChecks(checks);
    const edgeCount = packed.length / PACKED_WORDS;
    const layout = layoutOf(stateCount, edgeCount, operands.length);
    const checksAt = layout.tokensAt + tokens.length / 4;
    const words = new Int32Array(checksAt + checkWords.length);
    words.set([
      MAGIC,
      VERSION,
      stateCount,
      edgeCount,
      start,
      words.byteLength,
      tokenSets.length,
      tokens.length,
    ]);
    words.set([checks.length, checkWords.length, operands.length], CHECKS_WORD);
    words.set(edgeStart, HEADER_WORDS);
    words.set(packed, layout.edgesAt);
    words.set(operands, layout.operandsAt);
    new Uint8Array(words.buffer).set(tokens, layout.tokensAt * 4);
    words.set(checkWords, checksAt);
    this.stateCount = stateCount;
    this.start = start;
    this.tokenSets = tokenSets;
    this.checks = checks;
    this.words = words;
    this.edgeStart = words.subarray(HEADER_WORDS, layout.edgesAt);
    this.lexemeOf = words.subarray(layout.lexemesAt, layout.tokensAt);
    this.#packed = edgesIn(words, layout);
  }

  get edges(): Int32Array {
    this.#edges ??= unpackEdges(this.#packed)!;
    return this.#edges;
  }
}

/** Where the sections of an image begin, in words. */
interface Layout {
  readonly edgesAt: number;
  readonly operandsAt: number;
  readonly lexemesAt: number;
  readonly tokensAt: number;
}

function layoutOf(stateCount: number, edgeCount: number, operandCount: number): Layout {
  const edgesAt = HEADER_WORDS + stateCount + 1;
  const operandsAt = edgesAt + edgeCount * PACKED_WORDS;
  const lexemesAt = operandsAt + operandCount;
  return { edgesAt, operandsAt, lexemesAt, tokensAt: lexemesAt + stateCount };
}

function edgesIn(words: Int32Array, { edgesAt, operandsAt, lexemesAt }: Layout): PackedEdges {
  return { packed: words.subarray(edgesAt, operandsAt), operands: words.subarray(operandsAt, lexemesAt) };
}

function packedPda(pda: Pda): PackedPda {
  const packed = new PackedPda(pda, packEdges(pda.edges));
  packed.lexemeOf.set(pda.lexemeOf);
  return packed;
}

/**
 * The GrammarImage of an automaton: a little-endian buffer of Int32 words. Header (16 words): magic "ESPG", version,
 * number of states S, number of edges E, start state, total bytes, number of token sets, their bytes, two words of content
 * hash, number of checks, their words, number of operands N, 0 …; then edgeStart[S + 1], edges[2 E] and operands[N] (edges.ts),
 * lexemeOf[S], the token sets as JSON, padded with spaces to whole words, and the checks (text-checks.ts). It lies in the memory
 * of a {@link PackedPda}.
 */
export function encodePda(pda: Pda): Uint8Array {
  const { words } = pda instanceof PackedPda ? pda : packedPda(pda);
  const [low, high] = contentHash(words);
  words[HASH_WORD] = low;
  words[HASH_WORD + 1] = high;
  return new Uint8Array(words.buffer);
}

function encodeTokenSets(sets: readonly TokenSet[]): Uint8Array {
  if (sets.length === 0) return new Uint8Array();
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
 * Reads a GrammarImage; what is no edge is not copied where its alignment allows.
 * @throws CompileError `invalid_image` when it is damaged or of another version.
 */
export function openPda(image: Uint8Array): Pda {
  if (image.byteLength < HEADER_WORDS * 4 || image.byteLength % 4 !== 0) throw damaged('its length is wrong');
  const aligned = image.byteOffset % 4 === 0 ? image : image.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  const [magic, version, stateCount, edgeCount, start, byteLength, tokenSetCount, tokenBytes] = words;
  if (magic !== MAGIC) throw damaged('it does not begin with the magic word');
  if (version !== VERSION) throw damaged(`it has version ${version}, this build reads ${VERSION}`);
  const [checkCount, checkWords, operandCount] = words.subarray(CHECKS_WORD);
  const layout = layoutOf(stateCount, edgeCount, operandCount);
  const { edgesAt, lexemesAt, tokensAt } = layout;
  const counts = [stateCount - 1, edgeCount, operandCount, tokenSetCount, tokenBytes, checkCount, checkWords];
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
  const edges = unpackEdges(edgesIn(words, layout));
  if (!edges) throw damaged('its operands are not those of its edges');
  const pda = {
    stateCount,
    start,
    edgeStart: words.subarray(HEADER_WORDS, edgesAt),
    edges,
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
