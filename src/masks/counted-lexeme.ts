// Lexemes of counted characters: a string of 3 to 40 characters, a pattern with a length bound. A grammar reads each
// character by a lexeme of its own and counts it in a frame; here characters and counter are one automaton, and a trie is
// divided once for all counts: one walk with the few ways in which a text can be read, each with the counts that allow it.
import { IntList, sumUp } from './int-list.js';
import { LEXEME_DEAD, LEXEME_END, type Lexeme } from './lexeme.js';
import { BoundedMask, type BoundedTokens } from './lexeme-mask.js';
import type { LexemeTable } from './lexeme-table.js';
import { Reader } from './reader.js';
import type { Trie } from './trie.js';
import { EXIT_WORDS, INNER_WORDS, PartBuilder, type TriePart, UNBOUNDED } from './trie-part.js';

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
  readonly #readers = new Map<Lexeme, Map<number, CountedReader>>();

  constructor(table: LexemeTable, content: CountedContent) {
    this.#table = table;
    this.content = content;
  }

  /** In a character that is counted already: in which of its states, and which place lies behind it. */
  reader(character: Lexeme, state: number, place: number): CountedReader {
    let readers = this.#readers.get(character);
    if (!readers) this.#readers.set(character, (readers = new Map()));
    const key = state * this.content.length + place;
    let reader = readers.get(key);
    if (!reader)
      readers.set(key, (reader = new CountedReader(this.#table, this.content, character, state, place)));
    return reader;
  }
}

class CountedReader extends Reader {
  readonly #content: CountedContent;
  readonly #character: Lexeme;
  readonly #state: number;
  readonly #place: number;

  constructor(table: LexemeTable, content: CountedContent, character: Lexeme, state: number, place: number) {
    super(table);
    this.#content = content;
    this.#character = character;
    this.#state = state;
    this.#place = place;
  }

  protected override makeMask(): BoundedMask {
    const { inner, exits } = this.makePart(this.table.vocabulary, 0);
    return new BoundedMask(this.table, boundedTokens(inner, this.table.vocabulary), exits);
  }

  protected override makePart(trie: Trie, node: number): TriePart {
    return isLoop(this.#content, this.#character)
      ? readLoop(trie, node, this.#character, this.#state)
      : new ThreadWalk(this.#content, trie).run(node, this.#character, this.#state, this.#place);
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
function readLoop(trie: Trie, node: number, character: Lexeme, state: number): TriePart {
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
  return part.build();
}

/** Words of a thread, a way to read what was read: character, state, place behind it, characters begun, least and most left at the start. */
const THREAD_WORDS = 6;

/** A walk with every way to read a text. */
class ThreadWalk {
  readonly #content: CountedContent;
  readonly #trie: Trie;
  readonly #characters: Lexeme[] = [];
  readonly #part = new PartBuilder();

  constructor(content: CountedContent, trie: Trie) {
    this.#content = content;
    this.#trie = trie;
  }

  run(node: number, character: Lexeme, state: number, place: number): TriePart {
    const { childStart, childNode, childByte } = this.#trie;
    const first = new IntList(THREAD_WORDS);
    this.#add(first, this.#numberOf(character), state, place, 0, 0, UNBOUNDED);
    // Levels are not popped but left, so that their lists keep their memory.
    const levels = [first];
    const places = [childStart[node]];
    const ends = [childStart[node + 1]];
    for (let top = 0; top >= 0; ) {
      const at = places[top];
      if (at === ends[top]) {
        top--;
        continue;
      }
      places[top]++;
      const below = childNode[at];
      const here = (levels[top + 1] ??= new IntList(8 * THREAD_WORDS));
      this.#step(levels[top], childByte[at], below, here);
      if (here.length === 0) continue;
      this.#allow(here, below);
      top++;
      places[top] = childStart[below];
      ends[top] = childStart[below + 1];
    }
    return this.#part.build();
  }

  #numberOf(character: Lexeme): number {
    const known = this.#characters.indexOf(character);
    return known >= 0 ? known : this.#characters.push(character) - 1;
  }

  /** The node's tokens stay inside for the bounds of each thread. */
  #allow({ data, length }: IntList, node: number): void {
    const { tokenStart } = this.#trie;
    for (let at = 0; at < length; at += THREAD_WORDS) {
      let isNew = true;
      for (let other = 0; other < at && isNew; other += THREAD_WORDS)
        isNew = data[other + 4] !== data[at + 4] || data[other + 5] !== data[at + 5];
      if (isNew) this.#part.inner(tokenStart[node], tokenStart[node + 1], data[at + 4], data[at + 5]);
    }
  }

  #step(from: IntList, byte: number, node: number, to: IntList): void {
    to.length = 0;
    const { data, length } = from;
    for (let at = 0; at < length; at += THREAD_WORDS) {
      const place = data[at + 2];
      const counted = data[at + 3];
      const least = data[at + 4];
      const most = data[at + 5];
      const state = this.#characters[data[at]].step(data[at + 1], byte);
      if (state >= 0) this.#add(to, data[at], state, place, counted, least, most);
      else if (state === LEXEME_END) this.#endCharacter(node, to, place, counted, least, most);
    }
  }

  #endCharacter(
    node: number,
    to: IntList,
    place: number,
    counted: number,
    least: number,
    most: number,
  ): void {
    const { next, mayEnd, end } = this.#content[place];
    let covered = UNBOUNDED;
    for (const one of next) {
      const nextLeast = Math.max(least, leastAtStart(one.bounds, counted));
      const nextMost = Math.min(most, mostAtStart(one.bounds, counted));
      this.#add(to, this.#numberOf(one.character), 0, one.place, counted + 1, nextLeast, nextMost);
      if (nextMost === UNBOUNDED) covered = Math.min(covered, nextLeast);
    }
    if (!mayEnd) return;
    const endLeast = Math.max(least, leastAtStart(end, counted));
    const endMost = Math.min(most, mostAtStart(end, counted));
    if (endLeast <= endMost && !this.#hasExit(node, covered, endLeast, endMost, counted))
      this.#part.exit(node, covered, endLeast, endMost, counted);
  }

  #hasExit(node: number, covered: number, least: number, most: number, missing: number): boolean {
    const { data, length } = this.#part.exits;
    for (let at = length - EXIT_WORDS; at >= 0 && data[at] === node; at -= EXIT_WORDS)
      if (
        data[at + 1] === covered &&
        data[at + 2] === least &&
        data[at + 3] === most &&
        data[at + 4] === missing
      )
        return true;
    return false;
  }

  #add(
    to: IntList,
    character: number,
    state: number,
    place: number,
    counted: number,
    least: number,
    most: number,
  ): void {
    if (least > most) return;
    const { data, length } = to;
    for (let at = 0; at < length; at += THREAD_WORDS)
      if (
        data[at] === character &&
        data[at + 1] === state &&
        data[at + 2] === place &&
        data[at + 3] === counted &&
        data[at + 4] === least &&
        data[at + 5] === most
      )
        return;
    to.reserve(length + THREAD_WORDS);
    to.data[length] = character;
    to.data[length + 1] = state;
    to.data[length + 2] = place;
    to.data[length + 3] = counted;
    to.data[length + 4] = least;
    to.data[length + 5] = most;
    to.length = length + THREAD_WORDS;
  }
}

/** The counts at the start that fit bounds which must hold after `counted` more characters. */
function leastAtStart({ least }: Bounds, counted: number): number {
  return least === 0 ? 0 : least + counted;
}

function mostAtStart({ most }: Bounds, counted: number): number {
  return most === UNBOUNDED ? UNBOUNDED : most + counted;
}

/** Inner places as tokens, sorted by the least that must be left. */
function boundedTokens(inner: Int32Array, { tokens }: Trie): BoundedTokens {
  let hasMost = false;
  for (let at = 0; at < inner.length; at += INNER_WORDS) {
    hasMost ||= inner[at + 3] !== UNBOUNDED;
  }
  const starts = new Map<number, number>();
  for (let at = 0; at < inner.length; at += INNER_WORDS)
    starts.set(inner[at + 2], (starts.get(inner[at + 2]) ?? 0) + inner[at + 1] - inner[at]);
  const total = sumUp(starts);
  const sorted = { tokens: new Int32Array(total), least: new Int32Array(total) };
  const most = hasMost ? new Int32Array(total) : null;
  for (let at = 0; at < inner.length; at += INNER_WORDS) {
    let to = starts.get(inner[at + 2])!;
    for (let place = inner[at]; place < inner[at + 1]; place++, to++) {
      sorted.tokens[to] = tokens[place];
      sorted.least[to] = inner[at + 2];
      if (most) most[to] = inner[at + 3];
    }
    starts.set(inner[at + 2], to);
  }
  return { ...sorted, most };
}
