// Tries of byte strings in depth-first order, with the children of a node side by side: the vocabulary's own, made once
// per TokenizerImage, and those of what is left of tokens behind the end of a lexeme (suffix-trie.ts).
import type { TokenizerImage } from '../tokenizer/index.js';
import type { TriePart } from './trie-part.js';

/** Node 0 is the root; node n's subtree ends before skip[n], its tokens are at the places tokenStart[n] up to tokenStart[n + 1] - 1. */
export interface Trie {
  readonly skip: Int32Array;
  readonly tokenStart: Int32Array;
  /** Token ids by place. */
  readonly tokens: Int32Array;
  /** Node n's children are at childStart[n] up to childStart[n + 1] - 1 of the next two, by ascending byte. */
  readonly childStart: Int32Array;
  readonly childNode: Int32Array;
  readonly childByte: Uint8Array;
  /** What lexemes do below nodes, as far as somebody asked (reader.ts). */
  readonly parts: Map<number, TriePart>;
}

/** The vocabulary's trie, with what lies below each node. */
export interface VocabularyTrie extends Trie {
  readonly image: TokenizerImage;
  /** Per node {@link BYTE_SET_WORDS} words: the bytes in its subtree, its own left out. */
  readonly below: Int32Array;
  /** Per node 1 when its subtree reads as whole UTF-8 characters, the last one perhaps cut. */
  readonly charactersBelow: Uint8Array;
}

/** Int32 words of a set of bytes: a bit per byte, least significant first. */
export const BYTE_SET_WORDS = 8;

/** The children of each node; `bytes` by node. */
export function childrenOf(
  skip: Int32Array,
  bytes: Uint8Array,
): Pick<Trie, 'childStart' | 'childNode' | 'childByte'> {
  const count = bytes.length;
  const childStart = new Int32Array(count + 1);
  const childNode = new Int32Array(Math.max(0, count - 1));
  const childByte = new Uint8Array(Math.max(0, count - 1));
  let at = 0;
  for (let parent = 0; parent < count; parent++) {
    childStart[parent] = at;
    for (let child = parent + 1; child < skip[parent]; child = skip[child]) {
      childNode[at] = child;
      childByte[at++] = bytes[child];
    }
  }
  childStart[count] = at;
  return { childStart, childNode, childByte };
}

export function vocabularyTrie(image: TokenizerImage): VocabularyTrie {
  const { nodeSkip: skip, nodeTokenStart: tokenStart, nodeTokens: tokens } = image;
  return {
    image,
    skip,
    tokenStart,
    tokens,
    ...childrenOf(skip, image.nodeByte),
    parts: new Map(),
    below: bytesBelow(image),
    charactersBelow: charactersBelow(image),
  };
}

function bytesBelow({ nodeSkip, nodeByte, nodeCount }: TokenizerImage): Int32Array {
  const below = new Int32Array(nodeCount * BYTE_SET_WORDS);
  for (let node = nodeCount - 1; node >= 0; node--) {
    const own = node * BYTE_SET_WORDS;
    for (let child = node + 1; child < nodeSkip[node]; child = nodeSkip[child]) {
      below[own + (nodeByte[child] >>> 5)] |= 1 << (nodeByte[child] & 31);
      for (let word = 0; word < BYTE_SET_WORDS; word++)
        below[own + word] |= below[child * BYTE_SET_WORDS + word];
    }
  }
  return below;
}

function charactersBelow(image: TokenizerImage): Uint8Array {
  const whole = new Uint8Array(image.nodeCount);
  for (let node = image.nodeCount - 1; node >= 0; node--)
    whole[node] = readsAsCharacters(image, whole, node, 0, 0, 0) ? 1 : 0;
  return whole;
}

/**
 * Whether everything below `node`, where `more` bytes of a character are missing, reads as UTF-8 (Unicode 15, table 3-7);
 * the next byte of the character is in [low, high]. `whole` is known for later nodes.
 */
function readsAsCharacters(
  image: TokenizerImage,
  whole: Uint8Array,
  node: number,
  more: number,
  low: number,
  high: number,
): boolean {
  const { nodeSkip, nodeByte } = image;
  for (let child = node + 1; child < nodeSkip[node]; child = nodeSkip[child]) {
    const byte = nodeByte[child];
    if (more > 0) {
      if (byte < low || byte > high) return false;
      if (more === 1 ? !whole[child] : !readsAsCharacters(image, whole, child, more - 1, 0x80, 0xbf))
        return false;
    } else if (byte < 0x80) {
      if (!whole[child]) return false;
    } else {
      if (byte < 0xc2 || byte > 0xf4) return false;
      const rest = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      const from = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
      const to = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
      if (!readsAsCharacters(image, whole, child, rest, from, to)) return false;
    }
  }
  return true;
}
