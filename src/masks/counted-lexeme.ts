// Lexemes of counted characters: a string of 3 to 40 characters, a pattern with a length bound. A grammar reads each
// character by a lexeme of its own and counts it in a frame; here characters and counter are one automaton, and a trie is
// divided once for all counts: one walk with the few ways in which a text can be read, each with the counts that allow it.

import { CountedWays } from './counted-ways.js';
import { CountingSort } from './int-list.js';
import { LEXEME_DEAD, LEXEME_END, type Lexeme } from './lexeme.js';
import { BoundedMask, type BoundedTokens } from './lexeme-mask.js';
import type { LexemeTable } from './lexeme-table.js';
import { Reader } from './reader.js';
import type { Trie } from './trie.js';
import { INNER_WORDS, PartBuilder, type TriePart, UNBOUNDED } from './trie-part.js';

/** For which numbers of characters left something is possible. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

export const FREE_BOUNDS: Bounds = { least: 0, most: UNBOUNDED };

/**
 * A place between two characters: which characters may follow, for which counts, and whether all may end. Counts are told
 * by what is left until the limit, so that strings of at most 40 and at most 50 characters are the same.
 */
export interface CountedPlace {
  readonly next: readonly {
    readonly character: Lexeme;
    /** Behind the character. */
    readonly place: number;
    /** Of what is left before the character is counted. */
    readonly bounds: Bounds;
  }[];
  readonly mayEnd: boolean;
  /** Of what is left. */
  readonly end: Bounds;
}

export type CountedContent = readonly CountedPlace[];

export class CountedLexeme {
  readonly content: CountedContent;
  readonly #table: LexemeTable;
  readonly #ways: CountedWays;
  readonly #readers = new Map<Lexeme, Map<number, CountedReader>>();

  constructor(table: LexemeTable, content: CountedContent) {
    this.#table = table;
    this.content = content;
    this.#ways = new CountedWays(table, content);
  }

  /** In a character that is counted already: in which of its states, and which place lies behind it. */
  reader(character: Lexeme, state: number, place: number): CountedReader {
    let readers = this.#readers.get(character);
    if (!readers) this.#readers.set(character, (readers = new Map()));
    const key = state * this.content.length + place;
    let reader = readers.get(key);
    if (!reader)
      readers.set(
        key,
        (reader = new CountedReader(this.#table, this.content, this.#ways, character, state, place)),
      );
    return reader;
  }
}

class CountedReader extends Reader {
  readonly #content: CountedContent;
  readonly #character: Lexeme;
  readonly #state: number;
  readonly #place: number;
  readonly #ways: CountedWays;

  constructor(
    table: LexemeTable,
    content: CountedContent,
    ways: CountedWays,
    character: Lexeme,
    state: number,
    place: number,
  ) {
    super(table);
    this.#content = content;
    this.#ways = ways;
    this.#character = character;
    this.#state = state;
    this.#place = place;
  }

  protected override makeMask(): BoundedMask {
    const { vocabulary } = this.table;
    const part = this.#read(vocabulary, 0);
    return new BoundedMask(this.table, boundedTokens(part.innerEntries, vocabulary), part.exits.toArray());
  }

  protected override makePart(trie: Trie, node: number): TriePart {
    return this.#read(trie, node).build();
  }

  #read(trie: Trie, node: number): PartBuilder {
    return isLoop(this.#content, this.#character)
      ? readLoop(trie, node, this.#character, this.#state)
      : this.#ways.read(trie, node, this.#character, this.#state, this.#place);
  }
}

/** Whether this is one character over and over, bounded by its number alone. */
function isLoop(content: CountedContent, character: Lexeme): boolean {
  const [{ next, mayEnd, end }] = content;
  return (
    content.length === 1 &&
    next.length === 1 &&
    mayEnd &&
    next[0].character === character &&
    next[0].bounds.least === 1 &&
    next[0].bounds.most === UNBOUNDED &&
    end.least === 0 &&
    end.most === UNBOUNDED
  );
}

/** For what nearly all counted lexemes are: there is one way to read, and its bounds are the number of characters. */
function readLoop(trie: Trie, node: number, character: Lexeme, state: number): PartBuilder {
  const { childStart, childNode, childByte, tokenStart } = trie;
  const { next, classOf, classCount } = character;
  const part = new PartBuilder();
  const states = [state];
  const counts = [0];
  const places = [childStart[node]];
  const ends = [childStart[node + 1]];
  for (let top = 0; top >= 0; ) {
    const at = places[top];
    if (at === ends[top]) {
      top--;
      continue;
    }
    places[top]++;
    let reached = next[states[top] * classCount + classOf[childByte[at]]];
    if (reached === LEXEME_DEAD) continue;
    const below = childNode[at];
    let counted = counts[top];
    if (reached === LEXEME_END) {
      part.exit(below, counted + 1, counted, UNBOUNDED, counted);
      reached = 0;
      counted++;
    }
    part.inner(tokenStart[below], tokenStart[below + 1], counted, UNBOUNDED);
    if (childStart[below] === childStart[below + 1]) continue;
    top++;
    states[top] = reached;
    counts[top] = counted;
    places[top] = childStart[below];
    ends[top] = childStart[below + 1];
  }
  return part;
}

/** Inner places as tokens, sorted by the least that must be left. */
function boundedTokens(inner: Int32Array, { tokens }: Trie): BoundedTokens {
  let hasMost = false;
  for (let at = 0; at < inner.length; at += INNER_WORDS) {
    hasMost ||= inner[at + 3] !== UNBOUNDED;
  }
  const sort = new CountingSort();
  for (let at = 0; at < inner.length; at += INNER_WORDS) sort.add(inner[at + 2], inner[at + 1] - inner[at]);
  const total = sort.layOut();
  const sorted = { tokens: new Int32Array(total), least: new Int32Array(total) };
  const most = hasMost ? new Int32Array(total) : null;
  for (let at = 0; at < inner.length; at += INNER_WORDS) {
    let to = sort.take(inner[at + 2], inner[at + 1] - inner[at]);
    for (let place = inner[at]; place < inner[at + 1]; place++, to++) {
      sorted.tokens[to] = tokens[place];
      sorted.least[to] = inner[at + 2];
      if (most) most[to] = inner[at + 3];
    }
  }
  return { ...sorted, most };
}
