// The vocabulary as one state of a lexeme divides it: tokens that stay inside, tokens that close the lexeme, and what is
// left of tokens that go on behind its end. Where a counter bounds the lexeme (3 to 40 characters), every token carries
// the counts for which it is allowed, and a row belongs to a stretch of counts between two such bounds.
// Rows and suffix tries are built when first asked for.
import { type InnerRow, innerRow, rowBytes } from './inner-row.js';
import { CountingSort, countBelow, IntList } from './int-list.js';
import type { LexemeTable } from './lexeme-table.js';
import { childBy, type SuffixTrie, suffixTrie, trieOfPlaces } from './suffix-trie.js';
import { type Count, EXIT_WORDS, UNBOUNDED } from './trie-part.js';

/** Words of a closing token: the token, and where in `exits` its exit begins. */
const CLOSING_WORDS = 2;

/** The suffixes of one mask: a trie, or another mask's trie without some of its tokens, and one more trie. */
export interface Suffixes {
  readonly own: SuffixTrie;
  readonly shared: SuffixTrie | null;
  /** Ascending; not to be taken from `shared`. */
  readonly lost: Int32Array;
}

/** Tokens that stay inside only for some counts, by ascending `least`. */
export interface BoundedTokens {
  readonly tokens: Int32Array;
  readonly least: Int32Array;
  /** Null where there is no other bound than `least`. */
  readonly most: Int32Array | null;
}

const NONE = new Int32Array(0);

export abstract class LexemeMask {
  /** As in a TriePart of the vocabulary's trie. */
  readonly exits: Int32Array;
  protected readonly table: LexemeTable;
  /** By ascending least; these also stay inside from some count on. */
  readonly #closing: Int32Array;
  /** Never also inside. */
  readonly #alwaysClosing: Int32Array;
  /** Most counts for which one of `#closing` does not stay inside. */
  readonly #longestCover: number;
  readonly #suffixes: (Suffixes | undefined)[] = [];
  readonly #passing: (SuffixTrie | undefined)[] = [];
  #alwaysClosingTrie: SuffixTrie | undefined;

  constructor(table: LexemeTable, exits: Int32Array) {
    this.table = table;
    this.exits = exits;
    const { closing, always, longestCover } = closingTokens(table, exits);
    this.#closing = closing;
    this.#alwaysClosing = always;
    this.#longestCover = longestCover;
    table.grow(256 + 4 * (exits.length + closing.length + always.length));
  }

  /** The tokens that stay inside while `left` characters may follow. What is missing does not matter to them. */
  abstract inner(left: number): InnerRow;

  /** Collects tokens that end where the lexeme may end, all of those that do not also stay inside. */
  closing({ left, missing }: Count, into: IntList): void {
    const { exits } = this;
    const closing = this.#closing;
    for (let at = this.#firstClosing(left); at < closing.length; at += CLOSING_WORDS) {
      const exit = closing[at + 1];
      if (exits[exit + 2] > left) break;
      if (left < exits[exit + 1] && left <= exits[exit + 3] && missing <= exits[exit + 4])
        into.push(closing[at]);
    }
    const always = this.#alwaysClosing;
    for (let at = 0; at < always.length; at += CLOSING_WORDS) {
      const exit = always[at + 1];
      if (exits[exit + 2] <= left && left <= exits[exit + 3] && missing <= exits[exit + 4])
        into.push(always[at]);
    }
  }

  #firstClosing(left: number): number {
    let low = 0;
    for (let high = this.#closing.length / CLOSING_WORDS; low < high; ) {
      const middle = (low + high) >>> 1;
      const least = this.exits[this.#closing[middle * CLOSING_WORDS + 1] + 2];
      if (least + this.#longestCover < left) low = middle + 1;
      else high = middle;
    }
    return low * CLOSING_WORDS;
  }

  /** What is left of tokens behind the lexeme's end, of those that go on with `byte`. */
  suffixes(byte: number): Suffixes {
    return (this.#suffixes[byte] ??= this.makeSuffixes(byte));
  }

  /** Whole tokens that go on behind the lexeme's end with `byte`, as a trie of their own. */
  passing(byte: number): SuffixTrie {
    return (this.#passing[byte] ??= this.#tokenTrie((exit, places) => {
      const { vocabulary } = this.table;
      const child = childBy(vocabulary, this.exits[exit], byte);
      if (child < 0) return;
      for (let at = vocabulary.tokenStart[child]; at < vocabulary.tokenStart[vocabulary.skip[child]]; at++)
        places.push(at);
    }));
  }

  /** Whole tokens that end where the lexeme must end, as a trie of their own. */
  get alwaysClosing(): SuffixTrie {
    return (this.#alwaysClosingTrie ??= this.#tokenTrie((exit, places) => {
      const { tokenStart } = this.table.vocabulary;
      if (this.exits[exit + 1] !== UNBOUNDED) return;
      for (let at = tokenStart[this.exits[exit]]; at < tokenStart[this.exits[exit] + 1]; at++)
        places.push(at);
    }));
  }

  /** Of the tokens at the places that `collect` finds for each exit. */
  #tokenTrie(collect: (exit: number, places: IntList) => void): SuffixTrie {
    const places = new IntList();
    for (let exit = 0; exit < this.exits.length; exit += EXIT_WORDS) collect(exit, places);
    const trie = trieOfPlaces(this.table.vocabulary, places.toArray().sort());
    this.table.grow(trie.bytes);
    return trie;
  }

  protected makeSuffixes(byte: number): Suffixes {
    return { own: this.trie(this.exits, byte), shared: null, lost: NONE };
  }

  protected trie(exits: Int32Array, byte: number): SuffixTrie {
    const trie = suffixTrie(this.table.vocabulary, exits, byte);
    this.table.grow(trie.bytes);
    return trie;
  }
}

/** Of a lexeme without a counter. */
export class PlainMask extends LexemeMask {
  readonly all: InnerRow;

  constructor(table: LexemeTable, all: InnerRow, exits: Int32Array) {
    super(table, exits);
    this.all = all;
    table.grow(rowBytes(all));
  }

  override inner(): InnerRow {
    return this.all;
  }
}

/** A plain one that is like another: the exits are the other's but for those at `removed` nodes, and `added` ones. */
export class LikeMask extends PlainMask {
  readonly #like: PlainMask;
  readonly #added: Int32Array;
  readonly #lost: Int32Array;
  readonly #shares: boolean;

  /** Both lists by ascending node. */
  constructor(table: LexemeTable, all: InnerRow, like: PlainMask, removed: IntList, added: Int32Array) {
    super(table, all, mergeExits(like.exits, removed, added));
    this.#like = like;
    this.#added = added;
    // A token that passes one exit at most is lost with it.
    this.#shares = allClose(like.exits) && allClose(added);
    this.#lost = this.#shares ? tokensBelow(table, removed) : NONE;
  }

  protected override makeSuffixes(byte: number): Suffixes {
    if (!this.#shares) return super.makeSuffixes(byte);
    const { own, shared } = this.#like.suffixes(byte);
    if (shared) return super.makeSuffixes(byte);
    return { own: this.trie(this.#added, byte), shared: own, lost: this.#lost };
  }
}

/** Of a counted lexeme. */
export class BoundedMask extends LexemeMask {
  readonly #inner: BoundedTokens;
  /** Counts at which the row changes, ascending. */
  readonly #borders: Int32Array;
  /** By stretch between borders. */
  readonly #rows: (InnerRow | undefined)[] = [];

  constructor(table: LexemeTable, inner: BoundedTokens, exits: Int32Array) {
    super(table, exits);
    this.#inner = inner;
    this.#borders = bordersOf(inner);
    table.grow((inner.most ? 12 : 8) * inner.tokens.length + 4 * this.#borders.length);
  }

  override inner(left: number): InnerRow {
    const stretch = countBelow(this.#borders, left + 1);
    return (this.#rows[stretch] ??= this.#makeRow(stretch, left));
  }

  #makeRow(stretch: number, left: number): InnerRow {
    const { tokens, least, most } = this.#inner;
    let bits: Int32Array | undefined;
    let count = 0;
    let at = 0;
    // With more left, all is allowed that was with less: a row can begin with a known one.
    for (let known = stretch - 1; !most && !bits && known >= 0; known--) {
      const row = this.#rows[known];
      if (!row?.bits) continue;
      bits = row.bits.slice();
      count = row.count;
      at = countBelow(least, this.#borders[known]);
    }
    bits ??= new Int32Array(this.table.words);
    for (; at < tokens.length && least[at] <= left; at++) {
      if (most && left > most[at]) continue;
      const token = tokens[at];
      const bit = 1 << (token & 31);
      if (!(bits[token >>> 5] & bit)) count++;
      bits[token >>> 5] |= bit;
    }
    const row = innerRow(bits, count);
    this.table.grow(rowBytes(row));
    return row;
  }
}

function bordersOf({ least, most }: BoundedTokens): Int32Array {
  const borders = new Set<number>();
  let last = 0;
  for (const value of least) {
    if (value !== last) borders.add(value);
    last = value;
  }
  if (most) for (const value of most) if (value !== UNBOUNDED) borders.add(value + 1);
  return Int32Array.from(borders).sort();
}

function closingTokens({ vocabulary }: LexemeTable, exits: Int32Array) {
  const { tokenStart, tokens } = vocabulary;
  someScratch.length = 0;
  alwaysScratch.length = 0;
  let longestCover = 0;
  for (let exit = 0; exit < exits.length; exit += EXIT_WORDS) {
    const covered = exits[exit + 1];
    const least = exits[exit + 2];
    if (covered <= least) continue;
    const list = covered === UNBOUNDED ? alwaysScratch : someScratch;
    if (covered !== UNBOUNDED) longestCover = Math.max(longestCover, covered - least);
    for (let at = tokenStart[exits[exit]]; at < tokenStart[exits[exit] + 1]; at++) {
      list.push(tokens[at]);
      list.push(exit);
    }
  }
  return { closing: sortedByLeast(someScratch, exits), always: alwaysScratch.toArray(), longestCover };
}

const someScratch = new IntList();
const alwaysScratch = new IntList();

/** By counting: the least numbers are numbers of characters in tokens, and limits. */
function sortedByLeast({ data, length }: IntList, exits: Int32Array): Int32Array {
  const sort = new CountingSort();
  for (let at = 0; at < length; at += CLOSING_WORDS) sort.add(exits[data[at + 1] + 2], CLOSING_WORDS);
  const sorted = new Int32Array(sort.layOut());
  for (let at = 0; at < length; at += CLOSING_WORDS) {
    const to = sort.take(exits[data[at + 1] + 2], CLOSING_WORDS);
    sorted[to] = data[at];
    sorted[to + 1] = data[at + 1];
  }
  return sorted;
}

function allClose(exits: Int32Array): boolean {
  for (let at = 0; at < exits.length; at += EXIT_WORDS) if (exits[at + 1] !== UNBOUNDED) return false;
  return true;
}

function mergeExits(exits: Int32Array, removed: IntList, added: Int32Array): Int32Array {
  const merged = new IntList(exits.length + added.length);
  const take = (from: Int32Array, at: number) => {
    for (let word = 0; word < EXIT_WORDS; word++) merged.push(from[at + word]);
  };
  let add = 0;
  let remove = 0;
  for (let at = 0; at < exits.length; at += EXIT_WORDS) {
    for (; add < added.length && added[add] < exits[at]; add += EXIT_WORDS) take(added, add);
    if (remove < removed.length && removed.data[remove] === exits[at]) remove++;
    else take(exits, at);
  }
  for (; add < added.length; add += EXIT_WORDS) take(added, add);
  return merged.toArray();
}

/** The tokens of the vocabulary strictly below these nodes, ascending. */
function tokensBelow({ vocabulary }: LexemeTable, nodes: IntList): Int32Array {
  const { skip, tokenStart, tokens } = vocabulary;
  const found = new IntList();
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes.data[i];
    for (let at = tokenStart[node + 1]; at < tokenStart[skip[node]]; at++) found.push(tokens[at]);
  }
  return found.toArray().sort();
}
