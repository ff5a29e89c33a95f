// How a counted lexeme reads a text: the ways in which it can, each with the counts that allow it, are the states of an
// automaton that is made as far as tries are walked. What a byte does to a list of ways is found once.
import { mix } from '../automata/index.js';
import type { Bounds, CountedContent } from './counted-lexeme.js';
import { IntList } from './int-list.js';
import { LEXEME_END, type Lexeme } from './lexeme.js';
import type { LexemeTable } from './lexeme-table.js';
import type { Trie } from './trie.js';
import { PartBuilder, UNBOUNDED } from './trie-part.js';

/** Words of a way: character, state, place behind it, characters begun, least and most left at the start. */
const WAY_WORDS = 6;
/** Words of {@link Step.exits}: from how much left on the lexeme may also go on, least and most left, most missing. */
const STEP_EXIT_WORDS = 4;
/** Lists of ways beyond which a walk begins with none. */
const MAX_LISTS = 4096;
/** Bytes that a list takes beside its words, with its steps. */
const LIST_BYTES = 1024;

/** The ways to have read a text. */
interface Ways {
  readonly ways: Int32Array;
  /** Two words each: the different bounds of the ways. */
  readonly bounds: Int32Array;
  /** By byte. */
  readonly steps: (Step | undefined)[];
  /** The next list of the same hash. */
  readonly alike: Ways | undefined;
}

interface Step {
  /** Null where nothing reads the byte. */
  readonly to: Ways | null;
  readonly exits: Int32Array;
}

export class CountedWays {
  readonly #table: LexemeTable;
  readonly #content: CountedContent;
  readonly #characters: Lexeme[] = [];
  /** By hash the last list; the others by `alike`. */
  readonly #lists = new Map<number, Ways>();
  #count = 0;
  readonly #reached = new IntList(8 * WAY_WORDS);
  readonly #exits = new IntList(8 * STEP_EXIT_WORDS);

  constructor(table: LexemeTable, content: CountedContent) {
    this.#table = table;
    this.#content = content;
  }

  /**
   * What the lexeme does below `node` of a trie, from within a character that is counted already; to be taken before the next
   * part is begun.
   */
  read(trie: Trie, node: number, character: Lexeme, state: number, place: number): PartBuilder {
    if (this.#count > MAX_LISTS) {
      this.#lists.clear();
      this.#count = 0;
    }
    const { childStart, childNode, childByte, tokenStart } = trie;
    const part = new PartBuilder();
    this.#reached.length = 0;
    this.#add(this.#numberOf(character), state, place, 0, 0, UNBOUNDED);
    const levels = [this.#intern()];
    const places = [childStart[node]];
    const ends = [childStart[node + 1]];
    for (let top = 0; top >= 0; ) {
      const at = places[top];
      if (at === ends[top]) {
        top--;
        continue;
      }
      places[top]++;
      const byte = childByte[at];
      const below = childNode[at];
      const { to, exits } = (levels[top].steps[byte] ??= this.#makeStep(levels[top].ways, byte));
      for (let exit = 0; exit < exits.length; exit += STEP_EXIT_WORDS)
        part.exit(below, exits[exit], exits[exit + 1], exits[exit + 2], exits[exit + 3]);
      if (!to) continue;
      const { bounds } = to;
      for (let bound = 0; bound < bounds.length; bound += 2)
        part.inner(tokenStart[below], tokenStart[below + 1], bounds[bound], bounds[bound + 1]);
      if (childStart[below] === childStart[below + 1]) continue;
      top++;
      levels[top] = to;
      places[top] = childStart[below];
      ends[top] = childStart[below + 1];
    }
    return part;
  }

  #numberOf(character: Lexeme): number {
    const known = this.#characters.indexOf(character);
    return known >= 0 ? known : this.#characters.push(character) - 1;
  }

  #makeStep(ways: Int32Array, byte: number): Step {
    this.#reached.length = 0;
    this.#exits.length = 0;
    for (let at = 0; at < ways.length; at += WAY_WORDS) {
      const [character, before, place, counted, least, most] = ways.subarray(at, at + WAY_WORDS);
      const state = this.#characters[character].step(before, byte);
      if (state >= 0) this.#add(character, state, place, counted, least, most);
      else if (state === LEXEME_END) this.#endCharacter(place, counted, least, most);
    }
    const exits = this.#exits.toArray();
    return { to: this.#reached.length === 0 ? null : this.#intern(), exits };
  }

  #endCharacter(place: number, counted: number, least: number, most: number): void {
    const { next, mayEnd, end } = this.#content[place];
    let covered = UNBOUNDED;
    for (const one of next) {
      const nextLeast = Math.max(least, leastAtStart(one.bounds, counted));
      const nextMost = Math.min(most, mostAtStart(one.bounds, counted));
      this.#add(this.#numberOf(one.character), 0, one.place, counted + 1, nextLeast, nextMost);
      if (nextMost === UNBOUNDED) covered = Math.min(covered, nextLeast);
    }
    if (!mayEnd) return;
    const endLeast = Math.max(least, leastAtStart(end, counted));
    const endMost = Math.min(most, mostAtStart(end, counted));
    if (endLeast > endMost) return;
    addOnce(this.#exits, [covered, endLeast, endMost, counted]);
  }

  #add(character: number, state: number, place: number, counted: number, least: number, most: number): void {
    if (least <= most) addOnce(this.#reached, [character, state, place, counted, least, most]);
  }

  /** The list of the ways in `#reached`. */
  #intern(): Ways {
    const { data, length } = this.#reached;
    let hash = length;
    for (let i = 0; i < length; i++) hash = mix(hash, data[i]);
    const last = this.#lists.get(hash);
    for (let known = last; known; known = known.alike) if (isSame(known.ways, this.#reached)) return known;
    const ways = this.#reached.toArray();
    const list = { ways, bounds: boundsOf(ways), steps: [], alike: last };
    this.#lists.set(hash, list);
    this.#count++;
    this.#table.grow(LIST_BYTES + ways.byteLength + list.bounds.byteLength);
    return list;
  }
}

function boundsOf(ways: Int32Array): Int32Array {
  const bounds = new IntList(4);
  for (let at = 0; at < ways.length; at += WAY_WORDS) addOnce(bounds, [ways[at + 4], ways[at + 5]]);
  return bounds.toArray();
}

/** Adds an entry of as many words as `entry` has, unless the list has it. */
function addOnce(list: IntList, entry: readonly number[]): void {
  const { data, length } = list;
  for (let at = 0; at < length; at += entry.length) {
    let word = 0;
    while (word < entry.length && data[at + word] === entry[word]) word++;
    if (word === entry.length) return;
  }
  for (const word of entry) list.push(word);
}

function isSame(words: Int32Array, { data, length }: IntList): boolean {
  if (words.length !== length) return false;
  for (let i = 0; i < length; i++) if (words[i] !== data[i]) return false;
  return true;
}

/** The counts at the start that fit bounds which must hold after `counted` more characters. */
function leastAtStart({ least }: Bounds, counted: number): number {
  return least === 0 ? 0 : least + counted;
}

function mostAtStart({ most }: Bounds, counted: number): number {
  return most === UNBOUNDED ? UNBOUNDED : most + counted;
}
