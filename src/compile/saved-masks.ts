// Masks computed ahead, as data: which positions of a grammar have them, and their rows in the form that matchers remember.
// Made natively (native/grammar/precompute.h) for one tokenizer; a saved grammar may carry them.
import { CompileError } from '../errors.js';

/** Words of an entry: the entry whose position it is reached from (-1: none, the start), by what, base, number of tokens. */
export const ENTRY_WORDS = 4;
const HEADER_WORDS = 8;

/** The masks of one grammar for one tokenizer. */
export interface PrecomputedMasks {
  /** The content hash of the tokenizer's image. */
  readonly tokenizer: string;
  readonly vocabSize: number;
  /** Whether every position that the grammar has is there. */
  readonly isComplete: boolean;
  /**
   * Four words a mask: the number of an earlier mask from whose position this one's is reached (-1 for the start), the byte
   * that leads there, or 256 and a token's id; the number of the row that the mask begins with (-1: none), and how many
   * tokens it has beside.
   */
  readonly entries: Int32Array;
  /** The tokens beside, mask after mask. */
  readonly tokens: Int32Array;
  /** Rows of ceil(vocabSize / 32) words. */
  readonly bases: Int32Array;
}

/** How many masks there are. */
export function maskCount({ entries }: PrecomputedMasks): number {
  return entries.length / ENTRY_WORDS;
}

/** Hash (2 words), vocabulary, entries, tokens, bases, complete, 0; then the three lists. */
export function encodeMasks(masks: PrecomputedMasks): Int32Array {
  const { tokenizer, vocabSize, isComplete, entries, tokens, bases } = masks;
  const rowWords = Math.ceil(vocabSize / 32);
  const words = new Int32Array(HEADER_WORDS + entries.length + tokens.length + bases.length);
  const half = (from: number) => Number.parseInt(tokenizer.slice(from, from + 8), 16) | 0;
  const baseCount = rowWords === 0 ? 0 : bases.length / rowWords;
  words.set([half(8), half(0), vocabSize, entries.length / ENTRY_WORDS, tokens.length, baseCount]);
  words[6] = isComplete ? 1 : 0;
  words.set(entries, HEADER_WORDS);
  words.set(tokens, HEADER_WORDS + entries.length);
  words.set(bases, HEADER_WORDS + entries.length + tokens.length);
  return words;
}

/** @throws CompileError `invalid_image` */
export function decodeMasks(words: Int32Array): PrecomputedMasks {
  if (words.length < HEADER_WORDS) throw damaged('its header is cut off');
  const [low, high, vocabSize, entryCount, tokenCount, baseCount, complete, reserved] = words;
  const rowWords = Math.ceil(vocabSize / 32);
  const tokensAt = HEADER_WORDS + entryCount * ENTRY_WORDS;
  const basesAt = tokensAt + tokenCount;
  if (
    [vocabSize, entryCount, tokenCount, baseCount].some((count) => count < 0) ||
    words.length !== basesAt + baseCount * rowWords
  )
    throw damaged('its lists do not fit its length');
  if (complete >>> 1 !== 0 || reserved !== 0) throw damaged('its header is wrong');
  const masks = {
    tokenizer: hex(high) + hex(low),
    vocabSize,
    isComplete: complete === 1,
    entries: words.slice(HEADER_WORDS, tokensAt),
    tokens: words.slice(tokensAt, basesAt),
    bases: words.slice(basesAt),
  };
  checkMasks(masks);
  return masks;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** Every number within its range, every bit within the vocabulary, no token twice in a mask. */
function checkMasks({ vocabSize, entries, tokens, bases }: PrecomputedMasks): void {
  const rowWords = Math.ceil(vocabSize / 32);
  const spare = vocabSize % 32;
  const beyond = spare === 0 ? 0 : -1 << spare;
  for (let end = rowWords; end <= bases.length; end += rowWords)
    if ((bases[end - 1] & beyond) !== 0) throw damaged('a row allows a token outside the vocabulary');
  const seenIn = new Int32Array(vocabSize).fill(-1);
  let at = 0;
  for (let entry = 0; entry * ENTRY_WORDS < entries.length; entry++) {
    const [parent, step, base, count] = entries.subarray(entry * ENTRY_WORDS);
    if (entry === 0 ? parent !== -1 : parent < 0 || parent >= entry)
      throw damaged('a position comes from nowhere');
    if (step < 0 || step >= 256 + vocabSize) throw damaged('a position is reached by no byte and no token');
    if (base < -1 || base * rowWords >= bases.length)
      throw damaged('a mask begins with a row that is not there');
    if (count < 0 || count > tokens.length - at) throw damaged('a mask has more tokens than there are');
    for (const token of tokens.subarray(at, at + count)) {
      if (token < 0 || token >= vocabSize) throw damaged('a mask allows a token outside the vocabulary');
      const inBase = base >= 0 && ((bases[base * rowWords + (token >>> 5)] >>> (token & 31)) & 1) === 1;
      if (seenIn[token] === entry || inBase) throw damaged('a mask has a token twice');
      seenIn[token] = entry;
    }
    at += count;
  }
  if (at !== tokens.length) throw damaged('there are more tokens than the masks have');
}

function damaged(reason: string): CompileError {
  return new CompileError('invalid_image', `the masks of a saved grammar are not usable: ${reason}`);
}
