// Builds a TokenizerImage from a vocabulary's bytes and flags: tokens are sorted by their bytes, and the trie's preorder
// falls out of each token's common prefix with the one before. tokenizer.ts and other engines' adapters call it.
import { TokenizerError } from '../errors.js';
import { type PackedStrings, sortByBytes } from './byte-sort.js';
import { fnv1a64, hashToHex } from './fnv.js';
import {
  HEADER_BYTES,
  HEADER_WORDS,
  IMAGE_MAGIC,
  IMAGE_VERSION,
  type ImageCounts,
  layoutImage,
  TOKEN_ABSENT,
  TOKEN_SPECIAL,
  TOKEN_TEXT,
  type TokenFlag,
  type TokenizerImage,
  viewImage,
} from './image.js';

/** A vocabulary as the image needs it. */
export interface TokenSource {
  /** A text token's exact bytes; not asked of special and absent ids. */
  bytes(id: number): Uint8Array | undefined;
  flag(id: number): TokenFlag;
  readonly vocabSize: number;
  /** End-of-sequence ids. They become special whatever their flag says: ending is not text. */
  readonly eos: readonly number[];
}

/** Header word 7 is a signed 32-bit byte length. */
const MAX_IMAGE_BYTES = 0x7fffffff;

/**
 * Builds the image of a vocabulary, in O(total bytes).
 * @throws TokenizerError `invalid_vocabulary` for an end-of-sequence id outside it or a size that no image can hold
 */
export function buildTokenizerImage(source: TokenSource): TokenizerImage {
  const { vocabSize } = source;
  const eos = [...new Set(source.eos)];
  for (const id of eos)
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize)
      throw new TokenizerError(
        'invalid_vocabulary',
        `end-of-sequence id ${id} is outside the vocabulary of ${vocabSize} tokens`,
      );
  const flags = new Uint8Array(vocabSize);
  const texts = packTexts(source, new Set(eos), flags);
  const trie = buildTrie(texts);
  const counts: ImageCounts = {
    vocabSize,
    nodes: trie.skip.length,
    nodeTokens: trie.tokens.length,
    bytes: texts.bytes.length,
    eos: eos.length,
  };
  return writeImage(counts, trie, texts, flags, eos);
}

/**
 * The image of a list of tokens: `null` stands for an id without text, absent unless it is an end-of-sequence id.
 * @throws TokenizerError as {@link buildTokenizerImage}
 */
export function buildImageFromBytes(
  tokens: readonly (Uint8Array | null)[],
  eos: readonly number[],
): TokenizerImage {
  return buildTokenizerImage({
    bytes: (id) => tokens[id] ?? undefined,
    flag: (id) => (tokens[id] ? TOKEN_TEXT : TOKEN_ABSENT),
    vocabSize: tokens.length,
    eos,
  });
}

/** Fills `flags` and returns each text token's bytes; special, absent and zero-length tokens have none. */
function packTexts(source: TokenSource, eos: ReadonlySet<number>, flags: Uint8Array): PackedStrings {
  const start = new Int32Array(source.vocabSize + 1);
  let bytes = new Uint8Array(8 * source.vocabSize);
  let end = 0;
  for (let id = 0; id < source.vocabSize; id++) {
    const flag = eos.has(id) ? TOKEN_SPECIAL : source.flag(id);
    flags[id] = flag;
    const text = flag === TOKEN_TEXT ? source.bytes(id) : undefined;
    if (text) {
      const needed = end + text.length;
      if (needed > MAX_IMAGE_BYTES) tooLarge(needed);
      if (needed > bytes.length) {
        const larger = new Uint8Array(2 * needed);
        larger.set(bytes.subarray(0, end));
        bytes = larger;
      }
      bytes.set(text, end);
      end = needed;
    }
    start[id + 1] = end;
  }
  return { start, bytes: bytes.subarray(0, end) };
}

interface Trie {
  readonly skip: Int32Array;
  readonly tokenStart: Int32Array;
  readonly tokens: Int32Array;
  readonly byte: Uint8Array;
}

function buildTrie({ start, bytes }: PackedStrings): Trie {
  const tokens = textIds(start);
  sortByBytes(tokens, { start, bytes });
  const most = bytes.length + 1;
  const skip = new Int32Array(most);
  const tokenStart = new Int32Array(most + 1);
  const byte = new Uint8Array(most);
  /** path[d] is the node at depth d of the previous token. */
  const path = [0];
  let nodes = 1;
  const closeTo = (depth: number) => {
    while (path.length > depth + 1) skip[path.pop()!] = nodes;
  };
  for (let position = 0; position < tokens.length; position++) {
    const begin = start[tokens[position]!]!;
    const length = start[tokens[position]! + 1]! - begin;
    let depth = 0;
    while (depth < length && depth + 1 < path.length && byte[path[depth + 1]!] === bytes[begin + depth])
      depth++;
    closeTo(depth);
    for (; depth < length; depth++) {
      byte[nodes] = bytes[begin + depth]!;
      tokenStart[nodes] = position;
      path.push(nodes++);
    }
  }
  closeTo(0);
  skip[0] = nodes;
  tokenStart[nodes] = tokens.length;
  return {
    skip: skip.subarray(0, nodes),
    tokenStart: tokenStart.subarray(0, nodes + 1),
    tokens,
    byte: byte.subarray(0, nodes),
  };
}

/** The ids that have text, ascending. */
function textIds(start: Int32Array): Int32Array {
  const ids = new Int32Array(start.length - 1);
  let count = 0;
  for (let id = 0; id < ids.length; id++) if (start[id + 1]! > start[id]!) ids[count++] = id;
  return ids.subarray(0, count);
}

function writeImage(
  counts: ImageCounts,
  trie: Trie,
  texts: PackedStrings,
  flags: Uint8Array,
  eos: readonly number[],
): TokenizerImage {
  const { total } = layoutImage(counts);
  if (total > MAX_IMAGE_BYTES) tooLarge(total);
  const buffer = new ArrayBuffer(total);
  const view = viewImage(buffer, counts, '');
  view.nodeSkip.set(trie.skip);
  view.nodeTokenStart.set(trie.tokenStart);
  view.nodeTokens.set(trie.tokens);
  view.nodeByte.set(trie.byte);
  view.tokenFlags.set(flags);
  view.eos.set(eos);
  view.tokenByteStart.set(texts.start);
  view.tokenBytes.set(texts.bytes);
  const hash = fnv1a64(new Uint8Array(buffer, HEADER_BYTES));
  new Int32Array(buffer, 0, HEADER_WORDS).set([
    IMAGE_MAGIC,
    IMAGE_VERSION,
    counts.vocabSize,
    counts.nodes,
    counts.nodeTokens,
    counts.bytes,
    counts.eos,
    total,
    hash.low | 0,
    hash.high | 0,
  ]);
  return { ...view, hash: hashToHex(hash) };
}

function tooLarge(bytes: number): never {
  throw new TokenizerError(
    'invalid_vocabulary',
    `the vocabulary needs an image of ${bytes} bytes or more; an image holds at most ${MAX_IMAGE_BYTES}`,
  );
}
