// Lists of words, each kept once and known by a number: how states are told apart by their edges without strings for keys.
import { grown } from './flat.js';

const MULTIPLIER = 0x85ebca6b;
/** Words that are kept from one use to the next. */
const MAX_KEPT = 1 << 20;

export class WordLists {
  /** The lists one behind the other, and behind them the words that were put last. */
  words: Int32Array;
  /** List i is words[starts[i]] .. words[starts[i + 1]]. */
  starts: Int32Array;
  #used = 0;
  #count = 0;
  /** Open addressing: one more than a list's number, 0 for none. Always at most half full. */
  #table: Int32Array;

  /** `lists`: how many are expected; there may be more. */
  constructor(lists = 16) {
    this.words = new Int32Array(Math.max(64, 8 * lists));
    this.starts = new Int32Array(lists + 2);
    this.#table = new Int32Array(tableSize(lists));
  }

  /** Number of lists. */
  get count(): number {
    return this.#count;
  }

  /** Adds a word to the list that is being made. */
  put(word: number): void {
    if (this.#used === this.words.length) this.words = grown(this.words);
    this.words[this.#used++] = word;
  }

  /** Ends the list that is being made: the number of the list with this content, the next number if there was none. */
  end(): number {
    const begin = this.starts[this.#count];
    const mask = this.#table.length - 1;
    for (let slot = this.#hash(begin, this.#used) & mask; ; slot = (slot + 1) & mask) {
      const list = this.#table[slot] - 1;
      if (list < 0) return this.#keep(slot);
      if (!this.#isLike(list, begin)) continue;
      this.#used = begin;
      return list;
    }
  }

  /** Forgets all lists. */
  clear(): void {
    if (2 * this.#count < this.#table.length / 16) this.#unlist();
    else this.#table.fill(0);
    this.#used = 0;
    this.#count = 0;
    if (this.words.length <= MAX_KEPT) return;
    this.words = new Int32Array(64);
    this.starts = new Int32Array(16);
    this.#table = new Int32Array(16);
  }

  /** Empties the table by the lists in it, where these are few. */
  #unlist(): void {
    const mask = this.#table.length - 1;
    for (let list = this.#count - 1; list >= 0; list--) {
      let slot = this.#hash(this.starts[list], this.starts[list + 1]) & mask;
      while (this.#table[slot] !== list + 1) slot = (slot + 1) & mask;
      this.#table[slot] = 0;
    }
  }

  #keep(slot: number): number {
    const list = this.#count++;
    this.#table[slot] = list + 1;
    if (this.#count + 1 >= this.starts.length) this.starts = grown(this.starts);
    this.starts[this.#count] = this.#used;
    if (2 * this.#count > this.#table.length) this.#rehash();
    return list;
  }

  #rehash(): void {
    this.#table = new Int32Array(2 * this.#table.length);
    const mask = this.#table.length - 1;
    for (let list = 0; list < this.#count; list++) {
      let slot = this.#hash(this.starts[list], this.starts[list + 1]) & mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
      this.#table[slot] = list + 1;
    }
  }

  #hash(begin: number, end: number): number {
    const words = this.words;
    let hash = end - begin;
    for (let i = begin; i < end; i++) hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ words[i], MULTIPLIER);
    return hash ^ (hash >>> 15);
  }

  /** Whether a list is like the one that is being made, which begins at `begin`. */
  #isLike(list: number, begin: number): boolean {
    const other = this.starts[list];
    const length = this.#used - begin;
    if (this.starts[list + 1] - other !== length) return false;
    const words = this.words;
    for (let i = 0; i < length; i++) if (words[other + i] !== words[begin + i]) return false;
    return true;
  }
}

function tableSize(lists: number): number {
  let size = 16;
  while (size < 2 * lists) size *= 2;
  return size;
}
