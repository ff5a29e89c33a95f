// What is left of tokens behind the end of a lexeme, of those that go on with one byte: a trie below that byte, merged from
// the subtrees of the vocabulary's trie at which the lexeme may end.
import { IntList } from './int-list.js';
import { childrenOf, type Trie, type VocabularyTrie } from './trie.js';
import { EXIT_WORDS, UNBOUNDED } from './trie-part.js';

export interface SuffixTrie extends Trie {
  /** By place, SUFFIX_BOUNDS words: least and most left, most missing. Null where no token has a bound. */
  readonly bounds: Int32Array | null;
  /** Memory that it takes. */
  readonly bytes: number;
}

export const SUFFIX_BOUNDS = 3;

/** `exits` as in a TriePart of the vocabulary's trie. Node 0 of the result lies behind `byte`. */
export function suffixTrie(vocabulary: VocabularyTrie, exits: Int32Array, byte: number): SuffixTrie {
  const below: Below = { nodes: [], exits: [] };
  let isBounded = false;
  for (let at = 0; at < exits.length; at += EXIT_WORDS) {
    const child = childBy(vocabulary, exits[at], byte);
    if (child < 0) continue;
    below.nodes.push(child);
    below.exits.push(at);
    if (exits[at + 2] > 0 || exits[at + 3] !== UNBOUNDED || exits[at + 4] !== UNBOUNDED) isBounded = true;
  }
  const builder = new SuffixBuilder(vocabulary);
  if (below.nodes.length > 0) builder.add(byte, below);
  return builder.build(isBounded ? exits : null);
}

/** The child of `node` that has `byte`, or -1. */
export function childBy({ childStart, childNode, childByte }: Trie, node: number, byte: number): number {
  let low = childStart[node];
  const end = childStart[node + 1];
  for (let high = end; low < high; ) {
    const middle = (low + high) >>> 1;
    if (childByte[middle] < byte) low = middle + 1;
    else high = middle;
  }
  return low < end && childByte[low] === byte ? childNode[low] : -1;
}

/** Nodes of the vocabulary's trie at one place behind the lexeme, and the exits that they lie behind. */
interface Below {
  readonly nodes: number[];
  readonly exits: number[];
}

class SuffixBuilder {
  readonly #vocabulary: VocabularyTrie;
  readonly #byte = new IntList();
  readonly #skip = new IntList();
  readonly #tokenStart = new IntList();
  readonly #tokens = new IntList();
  readonly #exitOf = new IntList();

  constructor(vocabulary: VocabularyTrie) {
    this.#vocabulary = vocabulary;
  }

  add(byte: number, { nodes, exits }: Below): void {
    if (nodes.length === 1) {
      this.#copy(nodes[0], exits[0]);
      return;
    }
    const { tokenStart, tokens, childStart, childNode, childByte } = this.#vocabulary;
    const own = this.#byte.length;
    this.#byte.push(byte);
    this.#skip.push(0);
    this.#tokenStart.push(this.#tokens.length);
    const groups = new Map<number, Below>();
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i];
      for (let at = tokenStart[node]; at < tokenStart[node + 1]; at++) {
        this.#tokens.push(tokens[at]);
        this.#exitOf.push(exits[i]);
      }
      for (let at = childStart[node]; at < childStart[node + 1]; at++) {
        const group = groups.get(childByte[at]);
        if (group) {
          group.nodes.push(childNode[at]);
          group.exits.push(exits[i]);
        } else groups.set(childByte[at], { nodes: [childNode[at]], exits: [exits[i]] });
      }
    }
    for (const next of [...groups.keys()].sort((a, b) => a - b)) this.add(next, groups.get(next)!);
    this.#skip.data[own] = this.#byte.length;
  }

  /** A subtree of the vocabulary's, as it is. */
  #copy(node: number, exit: number): void {
    const { tokenStart, tokens, skip, image } = this.#vocabulary;
    const shift = this.#byte.length - node;
    const shiftTokens = this.#tokens.length - tokenStart[node];
    for (let at = node; at < skip[node]; at++) {
      this.#byte.push(image.nodeByte[at]);
      this.#skip.push(skip[at] + shift);
      this.#tokenStart.push(tokenStart[at] + shiftTokens);
    }
    for (let at = tokenStart[node]; at < tokenStart[skip[node]]; at++) {
      this.#tokens.push(tokens[at]);
      this.#exitOf.push(exit);
    }
  }

  build(bounding: Int32Array | null): SuffixTrie {
    this.#tokenStart.push(this.#tokens.length);
    const skip = this.#skip.toArray();
    const tokens = this.#tokens.toArray();
    const bounds = bounding && new Int32Array(tokens.length * SUFFIX_BOUNDS);
    for (let i = 0; bounds && i < tokens.length; i++) {
      const exit = this.#exitOf.data[i];
      bounds.set(bounding.subarray(exit + 2, exit + EXIT_WORDS), i * SUFFIX_BOUNDS);
    }
    return {
      skip,
      tokenStart: this.#tokenStart.toArray(),
      tokens,
      ...childrenOf(skip, Uint8Array.from(this.#byte.data.subarray(0, skip.length))),
      parts: new Map(),
      bounds,
      bytes: 256 + 20 * skip.length + (bounds ? 16 : 4) * tokens.length,
    };
  }
}

/** The trie of the whole tokens at these places of the vocabulary, ascending; a place that comes again is taken once. */
export function trieOfPlaces({ image, tokens: all }: VocabularyTrie, places: Int32Array): SuffixTrie {
  const { tokenBytes, tokenByteStart } = image;
  const bytes: number[] = [];
  const skip: number[] = [];
  const tokenStart: number[] = [];
  const tokens: number[] = [];
  const path: number[] = [];
  const open = (byte: number) => {
    path.push(bytes.push(byte) - 1);
    skip.push(0);
    tokenStart.push(tokens.length);
  };
  const closeTo = (depth: number) => {
    while (path.length > depth) skip[path.pop()!] = bytes.length;
  };
  open(0);
  places.forEach((place, i) => {
    if (i > 0 && place === places[i - 1]) return;
    const own = tokenBytes.subarray(tokenByteStart[all[place]], tokenByteStart[all[place] + 1]);
    let shared = 0;
    while (shared + 1 < path.length && bytes[path[shared + 1]] === own[shared]) shared++;
    closeTo(shared + 1);
    for (let at = shared; at < own.length; at++) open(own[at]);
    tokens.push(all[place]);
  });
  closeTo(0);
  const ends = Int32Array.from(skip);
  return {
    skip: ends,
    tokenStart: Int32Array.from([...tokenStart, tokens.length]),
    tokens: Int32Array.from(tokens),
    ...childrenOf(ends, Uint8Array.from(bytes)),
    parts: new Map(),
    bounds: null,
    bytes: 256 + 20 * bytes.length + 4 * tokens.length,
  };
}
