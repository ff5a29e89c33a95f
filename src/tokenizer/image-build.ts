// Builds a TokenizerImage from a vocabulary's bytes and flags: tokens are sorted by their bytes, and the trie's preorder
// falls out of each token's common prefix with the one before. tokenizer.ts and other engines' adapters call it.
import { TokenizerError } from '../errors.js';
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
 * Builds the image of a vocabulary, in O(total bytes + tokens log tokens).
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
  const texts = collectTexts(source, new Set(eos), flags);
  const trie = buildTrie(texts);
  let byteCount = 0;
  for (const text of texts) byteCount += text?.length ?? 0;
  const counts: ImageCounts = {
    vocabSize,
    nodes: trie.skip.length,
    nodeTokens: trie.tokens.length,
    bytes: byteCount,
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

/** Fills `flags` and returns each text token's bytes; a hole stands for special, absent and zero-length tokens. */
function collectTexts(
  source: TokenSource,
  eos: ReadonlySet<number>,
  flags: Uint8Array,
): (Uint8Array | undefined)[] {
  const texts: (Uint8Array | undefined)[] = new Array(source.vocabSize);
  for (let id = 0; id < source.vocabSize; id++) {
    const flag = eos.has(id) ? TOKEN_SPECIAL : source.flag(id);
    flags[id] = flag;
    if (flag !== TOKEN_TEXT) continue;
    const bytes = source.bytes(id);
    if (bytes && bytes.length > 0) texts[id] = bytes;
  }
  return texts;
}

interface Trie {
  readonly skip: Int32Array;
  readonly tokenStart: Int32Array;
  readonly tokens: Int32Array;
  readonly byte: Uint8Array;
}

function buildTrie(texts: readonly (Uint8Array | undefined)[]): Trie {
  const tokens = sortByBytes(texts);
  let most = 1;
  for (const id of tokens) most += texts[id]!.length;
  const skip = new Int32Array(most);
  const tokenStart = new Int32Array(most + 1);
  const byte = new Uint8Array(most);
  /** path[d] is the node at depth d of the previous token. */
  const path = [0];
  let nodes = 1;
  let previous = new Uint8Array(0);
  const closeTo = (depth: number) => {
    while (path.length > depth + 1) skip[path.pop()!] = nodes;
  };
  tokens.forEach((id, position) => {
    const text = texts[id]!;
    const shared = commonPrefix(previous, text);
    closeTo(shared);
    for (let depth = shared; depth < text.length; depth++) {
      byte[nodes] = text[depth]!;
      tokenStart[nodes] = position;
      path.push(nodes++);
    }
    previous = text as Uint8Array<ArrayBuffer>;
  });
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

/** Ids of the tokens that have text, by bytes (a prefix before what it starts), equal bytes by id. */
function sortByBytes(texts: readonly (Uint8Array | undefined)[]): Int32Array {
  const ids: number[] = [];
  /** The first six bytes as one number: most comparisons end there. */
  const keys = new Float64Array(texts.length);
  texts.forEach((text, id) => {
    if (!text) return;
    ids.push(id);
    let key = 0;
    for (let k = 0; k < 6; k++) key = key * 256 + (text[k] ?? 0);
    keys[id] = key;
  });
  ids.sort((a, b) => keys[a]! - keys[b]! || compareBytes(texts[a]!, texts[b]!) || a - b);
  return Int32Array.from(ids);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = commonPrefix(a, b);
  return shared === a.length || shared === b.length ? a.length - b.length : a[shared]! - b[shared]!;
}

function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

function writeImage(
  counts: ImageCounts,
  trie: Trie,
  texts: readonly (Uint8Array | undefined)[],
  flags: Uint8Array,
  eos: readonly number[],
): TokenizerImage {
  const { total } = layoutImage(counts);
  if (total > MAX_IMAGE_BYTES)
    throw new TokenizerError(
      'invalid_vocabulary',
      `the vocabulary needs an image of ${total} bytes; an image holds at most ${MAX_IMAGE_BYTES}`,
    );
  const buffer = new ArrayBuffer(total);
  const view = viewImage(buffer, counts, '');
  view.nodeSkip.set(trie.skip);
  view.nodeTokenStart.set(trie.tokenStart);
  view.nodeTokens.set(trie.tokens);
  view.nodeByte.set(trie.byte);
  view.tokenFlags.set(flags);
  view.eos.set(eos);
  let offset = 0;
  for (let id = 0; id < counts.vocabSize; id++) {
    view.tokenByteStart[id] = offset;
    const text = texts[id];
    if (!text) continue;
    view.tokenBytes.set(text, offset);
    offset += text.length;
  }
  view.tokenByteStart[counts.vocabSize] = offset;
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
