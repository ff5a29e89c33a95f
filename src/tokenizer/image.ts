// The TokenizerImage: a vocabulary's bytes, flags and trie in one little-endian buffer, read alike by the portable
// matcher and the native one. This file holds its layout and opens a buffer, trusting nothing in it;
// image-build.ts makes one from a vocabulary.
import { TokenizerError } from '../errors.js';
import { fnv1a64, hashToHex } from './fnv.js';

export const IMAGE_MAGIC = 0x54505345;
export const IMAGE_VERSION = 1;
export const HEADER_WORDS = 16;
export const HEADER_BYTES = HEADER_WORDS * 4;

/** What a token id is: text with exact bytes, a special (control) token, or an id that no token has. */
export type TokenFlag = 0 | 1 | 2;
export const TOKEN_TEXT = 0;
export const TOKEN_SPECIAL = 1;
export const TOKEN_ABSENT = 2;

/**
 * A vocabulary as typed views of one buffer. The trie's nodes are in depth-first preorder, children by ascending byte;
 * node 0 is the root. Special, absent and zero-length tokens are not in the trie.
 */
export interface TokenizerImage {
  readonly buffer: ArrayBuffer;
  readonly vocabSize: number;
  readonly nodeCount: number;
  /** Content hash, 16 hexadecimal digits. */
  readonly hash: string;
  /** Per node, the index of the first node after its subtree. */
  readonly nodeSkip: Int32Array;
  /** Node n's tokens are `nodeTokens[nodeTokenStart[n]]` up to `nodeTokens[nodeTokenStart[n + 1] - 1]`. */
  readonly nodeTokenStart: Int32Array;
  readonly nodeTokens: Int32Array;
  /** Token t's bytes are `tokenBytes.subarray(tokenByteStart[t], tokenByteStart[t + 1])`. */
  readonly tokenByteStart: Int32Array;
  /** The end-of-sequence ids; each is special. */
  readonly eos: Int32Array;
  /** Per node, the byte on the edge from its parent; the root has 0. */
  readonly nodeByte: Uint8Array;
  /** Per token, a {@link TokenFlag}. */
  readonly tokenFlags: Uint8Array;
  readonly tokenBytes: Uint8Array;
}

/** Numbers of elements in an image's sections. */
export interface ImageCounts {
  readonly vocabSize: number;
  readonly nodes: number;
  readonly nodeTokens: number;
  readonly bytes: number;
  readonly eos: number;
}

export interface ImageLayout {
  readonly nodeSkip: number;
  readonly nodeTokenStart: number;
  readonly nodeTokens: number;
  readonly tokenByteStart: number;
  readonly eos: number;
  readonly nodeByte: number;
  readonly tokenFlags: number;
  readonly tokenBytes: number;
  readonly total: number;
}

/** Byte offsets of the sections of an image with these counts; every section is padded to 4 bytes. */
export function layoutImage(counts: ImageCounts): ImageLayout {
  let offset = HEADER_BYTES;
  const place = (byteLength: number) => {
    const start = offset;
    offset += Math.ceil(byteLength / 4) * 4;
    return start;
  };
  return {
    nodeSkip: place(counts.nodes * 4),
    nodeTokenStart: place((counts.nodes + 1) * 4),
    nodeTokens: place(counts.nodeTokens * 4),
    tokenByteStart: place((counts.vocabSize + 1) * 4),
    eos: place(counts.eos * 4),
    nodeByte: place(counts.nodes),
    tokenFlags: place(counts.vocabSize),
    tokenBytes: place(counts.bytes),
    total: offset,
  };
}

/** Typed views of a buffer's sections; `buffer` must be as long as the layout of `counts` says. */
export function viewImage(buffer: ArrayBuffer, counts: ImageCounts, hash: string): TokenizerImage {
  const at = layoutImage(counts);
  return {
    buffer,
    vocabSize: counts.vocabSize,
    nodeCount: counts.nodes,
    hash,
    nodeSkip: new Int32Array(buffer, at.nodeSkip, counts.nodes),
    nodeTokenStart: new Int32Array(buffer, at.nodeTokenStart, counts.nodes + 1),
    nodeTokens: new Int32Array(buffer, at.nodeTokens, counts.nodeTokens),
    tokenByteStart: new Int32Array(buffer, at.tokenByteStart, counts.vocabSize + 1),
    eos: new Int32Array(buffer, at.eos, counts.eos),
    nodeByte: new Uint8Array(buffer, at.nodeByte, counts.nodes),
    tokenFlags: new Uint8Array(buffer, at.tokenFlags, counts.vocabSize),
    tokenBytes: new Uint8Array(buffer, at.tokenBytes, counts.bytes),
  };
}

/**
 * Opens an image, checking its header, hash and whole structure, so that a reader may follow its indices unchecked.
 * @throws TokenizerError `invalid_image`
 */
export function openTokenizerImage(buffer: ArrayBuffer): TokenizerImage {
  const image = viewTokenizerImage(buffer);
  const hash = fnv1a64(new Uint8Array(buffer, HEADER_BYTES));
  if (hashToHex(hash) !== image.hash) refuse('its content hash does not match');
  checkTokens(image);
  checkTrie(image);
  return image;
}

/**
 * An image that a reader has checked already, as the native one does, or that comes from the builder: its header alone
 * is looked at.
 * @throws TokenizerError `invalid_image`
 */
export function viewTokenizerImage(buffer: ArrayBuffer): TokenizerImage {
  if (buffer.byteLength < HEADER_BYTES)
    refuse(`it has ${buffer.byteLength} bytes, fewer than its header of ${HEADER_BYTES}`);
  const header = new Int32Array(buffer, 0, HEADER_WORDS);
  if (header[0] !== IMAGE_MAGIC)
    refuse('it does not start with the magic number (or has another byte order)');
  if (header[1] !== IMAGE_VERSION) refuse(`it has version ${header[1]}, this reader knows ${IMAGE_VERSION}`);
  const counts: ImageCounts = {
    vocabSize: header[2]!,
    nodes: header[3]!,
    nodeTokens: header[4]!,
    bytes: header[5]!,
    eos: header[6]!,
  };
  for (const [name, count] of Object.entries(counts))
    if (count < 0) refuse(`its header has a negative count (${name})`);
  if (counts.nodes < 1) refuse('its trie has no root');
  const expected = layoutImage(counts).total;
  if (header[7] !== expected || buffer.byteLength !== expected)
    refuse(`its sections need ${expected} bytes, its header says ${header[7]}, it has ${buffer.byteLength}`);
  if (header.subarray(10).some((word) => word !== 0)) refuse('reserved words of its header are not 0');
  return viewImage(buffer, counts, hashToHex({ low: header[8]! >>> 0, high: header[9]! >>> 0 }));
}

function checkTokens(image: TokenizerImage): void {
  const { tokenByteStart, tokenFlags, tokenBytes, vocabSize, eos } = image;
  if (tokenByteStart[0] !== 0 || tokenByteStart[vocabSize] !== tokenBytes.length)
    refuse('its token offsets do not span its bytes');
  for (let token = 0; token < vocabSize; token++) {
    const length = tokenByteStart[token + 1]! - tokenByteStart[token]!;
    if (length < 0) refuse(`token ${token} has a negative length`);
    if (tokenFlags[token]! > TOKEN_ABSENT) refuse(`token ${token} has the unknown flag ${tokenFlags[token]}`);
    if (tokenFlags[token] !== TOKEN_TEXT && length > 0) refuse(`token ${token} has bytes but is not text`);
  }
  for (const id of eos)
    if (id < 0 || id >= vocabSize || tokenFlags[id] !== TOKEN_SPECIAL)
      refuse(`its end-of-sequence id ${id} is not a special token`);
}

/** Walks the trie once: nesting, order of children, and every text token's bytes against its path. */
function checkTrie(image: TokenizerImage): void {
  const { nodeSkip, nodeByte, nodeTokenStart, nodeTokens, nodeCount } = image;
  if (nodeSkip[0] !== nodeCount) refuse('its root does not span the trie');
  if (nodeByte[0] !== 0) refuse('its root has a byte');
  if (nodeTokenStart[0] !== 0 || nodeTokenStart[1] !== 0 || nodeTokenStart[nodeCount] !== nodeTokens.length)
    refuse('its node token offsets do not span its token list');
  const pathEnd = [nodeCount];
  const path = [0];
  const seen = new Uint8Array(image.vocabSize);
  let lastSibling = -1;
  for (let node = 1; node < nodeCount; node++) {
    while (pathEnd.at(-1)! <= node) {
      pathEnd.pop();
      lastSibling = path.pop()!;
    }
    const skip = nodeSkip[node]!;
    if (skip <= node || skip > pathEnd.at(-1)!) refuse(`node ${node} does not end inside its parent`);
    if (nodeByte[node]! <= lastSibling) refuse(`node ${node} is not in ascending order of its byte`);
    pathEnd.push(skip);
    path.push(nodeByte[node]!);
    lastSibling = -1;
    checkNodeTokens(image, node, path, seen);
  }
  for (let token = 0; token < image.vocabSize; token++)
    if (!seen[token] && image.tokenByteStart[token + 1]! > image.tokenByteStart[token]!)
      refuse(`token ${token} is missing from the trie`);
}

function checkNodeTokens(
  image: TokenizerImage,
  node: number,
  path: readonly number[],
  seen: Uint8Array,
): void {
  const { nodeTokenStart, nodeTokens, tokenByteStart, tokenBytes } = image;
  const first = nodeTokenStart[node]!;
  const end = nodeTokenStart[node + 1]!;
  if (end < first || end > nodeTokens.length) refuse(`node ${node} has a broken token range`);
  for (let i = first; i < end; i++) {
    const token = nodeTokens[i]!;
    if (token < 0 || token >= image.vocabSize)
      refuse(`node ${node} has token ${token}, outside the vocabulary`);
    if (seen[token]) refuse(`token ${token} is twice in the trie`);
    seen[token] = 1;
    const start = tokenByteStart[token]!;
    const depth = path.length - 1;
    if (tokenByteStart[token + 1]! - start !== depth) refuse(`token ${token} is at the wrong node`);
    for (let k = 0; k < depth; k++)
      if (tokenBytes[start + k] !== path[k + 1]) refuse(`token ${token} is at the wrong node`);
  }
}

function refuse(reason: string): never {
  throw new TokenizerError('invalid_image', `this is not a usable tokenizer image: ${reason}`);
}
