// The pushdown automaton and its binary form, the GrammarImage: what every grammar becomes and both matchers read.
// Written by grammar/to-pda.ts; read here by machine.ts and natively by native/grammar/image.cc.
import { CompileError } from '../errors.js';

/**
 * What an edge does. A configuration is a state and a stack of frames; a frame holds the state to return to and one
 * counter, which belongs to the rule that the frame was pushed for.
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
} as const;

export type EdgeKind = (typeof EdgeKind)[keyof typeof EdgeKind];

/** The state that the bottom frame returns to: the sentence is complete. It has no edges. */
export const ACCEPT_STATE = 0;

/** Int32 words per edge: kind, a, b, to. */
export const EDGE_WORDS = 4;

const MAGIC = 0x47505345;
const VERSION = 1;
const HEADER_WORDS = 16;
/** Two header words of content hash; they count as 0 in it. */
const HASH_WORD = 8;

/**
 * A pushdown automaton over bytes as flat arrays: state s has the edges edgeStart[s] .. edgeStart[s + 1] of `edges`,
 * {@link EDGE_WORDS} words each. State {@link ACCEPT_STATE} accepts.
 */
export interface Pda {
  readonly stateCount: number;
  readonly start: number;
  readonly edgeStart: Int32Array;
  readonly edges: Int32Array;
}

/**
 * The GrammarImage of an automaton: a little-endian buffer of Int32 words. Header (16 words): magic "ESPG", version,
 * number of states S, number of edges E, start state, total bytes, 0, 0, two words of content hash, 0 …; then
 * edgeStart[S + 1] and edges[4 E].
 */
export function encodePda(pda: Pda): Uint8Array {
  const edgeCount = pda.edges.length / EDGE_WORDS;
  const words = new Int32Array(HEADER_WORDS + pda.edgeStart.length + pda.edges.length);
  words.set([MAGIC, VERSION, pda.stateCount, edgeCount, pda.start, words.byteLength]);
  words.set(pda.edgeStart, HEADER_WORDS);
  words.set(pda.edges, HEADER_WORDS + pda.edgeStart.length);
  words.set(contentHash(words), HASH_WORD);
  return new Uint8Array(words.buffer);
}

/**
 * Reads a GrammarImage without copying where its alignment allows.
 * @throws CompileError `invalid_image` when it is damaged or of another version.
 */
export function openPda(image: Uint8Array): Pda {
  if (image.byteLength < HEADER_WORDS * 4 || image.byteLength % 4 !== 0) throw damaged('its length is wrong');
  const aligned = image.byteOffset % 4 === 0 ? image : image.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  const [magic, version, stateCount, edgeCount, start, byteLength] = words;
  if (magic !== MAGIC) throw damaged('it does not begin with the magic word');
  if (version !== VERSION) throw damaged(`it has version ${version}, this build reads ${VERSION}`);
  const expected = HEADER_WORDS + stateCount + 1 + edgeCount * EDGE_WORDS;
  if (stateCount < 1 || edgeCount < 0 || words.length !== expected || byteLength !== image.byteLength)
    throw damaged('its sections do not fit its length');
  const [low, high] = contentHash(words);
  if (words[HASH_WORD] !== low || words[HASH_WORD + 1] !== high)
    throw damaged('its content does not match its hash');
  const edgeStart = words.subarray(HEADER_WORDS, HEADER_WORDS + stateCount + 1);
  const pda = { stateCount, start, edgeStart, edges: words.subarray(HEADER_WORDS + stateCount + 1) };
  validate(pda, edgeCount);
  return pda;
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
  for (let at = 0; at < pda.edges.length; at += EDGE_WORDS) {
    const kind = pda.edges[at];
    if (kind < EdgeKind.bytes || kind > EdgeKind.check) throw damaged('it has an edge of unknown kind');
    if (
      kind === EdgeKind.bytes &&
      !(0 <= pda.edges[at + 1] && pda.edges[at + 1] <= pda.edges[at + 2] && pda.edges[at + 2] <= 255)
    )
      throw damaged('an edge reads more than bytes');
    if (!isState(pda.edges[at + 3]) || (kind === EdgeKind.call && !isState(pda.edges[at + 1])))
      throw damaged('an edge leads to a state that does not exist');
  }
}

/** Two 32-bit lanes of FNV-1a (Fowler, Noll, Vo) taken over words, the second with a rotation. */
function contentHash(words: Int32Array): [number, number] {
  let low = 0x811c9dc5 | 0;
  let high = 0x9747b28c | 0;
  for (let i = 0; i < words.length; i++) {
    const word = i === HASH_WORD || i === HASH_WORD + 1 ? 0 : words[i];
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(((high << 13) | (high >>> 19)) ^ word, 0x85ebca6b);
  }
  return [low, high];
}

function damaged(reason: string): CompileError {
  return new CompileError(
    'invalid_image',
    `this is not a usable GrammarImage: ${reason}; compile the grammar again`,
  );
}
