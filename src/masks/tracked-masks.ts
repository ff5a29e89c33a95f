// Masks inside lexemes whose bytes are tracked: an array of strings that must differ. What stays inside the lexeme is
// allowed unless it spells the beginning of a known value and nothing else; what passes its end is read byte by byte, for
// the value decides.
import {
  type Configuration,
  type ConfigurationSet,
  isUnlikeKnown,
  type Machine,
  tracksNewValues,
} from '../automata/index.js';
import type { Inside, Insides } from './inside.js';
import { IntList } from './int-list.js';
import type { LexemeMask } from './lexeme-mask.js';
import type { LexemeTable } from './lexeme-table.js';
import type { LexemeWalk } from './lexeme-walk.js';
import type { RowBuilder } from './row-builder.js';
import type { SuffixTrie } from './suffix-trie.js';

/** Tokens that are read byte by byte for one mask; where more pass the lexeme's end the whole vocabulary is walked. */
const MAX_READ = 16384;

export class TrackedMasks {
  readonly #machine: Machine;
  readonly #table: LexemeTable;
  readonly #insides: Insides;
  readonly #walk: LexemeWalk;
  readonly #refused = new IntList();
  readonly #places = new IntList();

  constructor(machine: Machine, table: LexemeTable, insides: Insides, walk: LexemeWalk) {
    this.#machine = machine;
    this.#table = table;
    this.#insides = insides;
    this.#walk = walk;
  }

  /**
   * Adds what the configuration allows. False, with nothing added, where it must be walked: outside lexemes, under a check,
   * and where too many tokens pass the lexeme's end.
   * @throws LimitError
   */
  add(at: Configuration, builder: RowBuilder): boolean {
    if (!tracksNewValues(at.track)) return false;
    const inside = this.#insides.findUntracked(at);
    if (!inside) return false;
    const { reader, count, behind } = inside;
    const { mask } = reader;
    const tries = this.#triesBehind(mask, this.#machine.possibleBytes(behind.state, behind.stack));
    if (!tries) return false;
    const here = this.#machine.only([at]);
    this.#refused.length = 0;
    if (!isUnlikeKnown(at.track)) this.#findRefused(at, inside, 0);
    builder.addInnerWithout(mask.inner(count.left), this.#refused.toArray().sort());
    for (const trie of tries) this.#read(here, trie, builder);
    this.#places.length = 0;
    mask.closing(count, this.#places);
    for (let i = 0; i < this.#places.length; i++)
      if (this.#canRead(here, this.#places.data[i])) builder.add(this.#places.data[i]);
    return true;
  }

  /** The tokens that pass the lexeme's end before one of these bytes, or end with it; null when they are too many. */
  #triesBehind(mask: LexemeMask, bytes: Int32Array): SuffixTrie[] | null {
    const tries = [mask.alwaysClosing];
    let tokens = tries[0].tokens.length;
    for (let byte = 0; byte < 256; byte++) {
      if (!((bytes[byte >>> 5] >>> (byte & 31)) & 1)) continue;
      const trie = mask.passing(byte);
      tokens += trie.tokens.length;
      if (tokens > MAX_READ) return null;
      if (trie.tokens.length > 0) tries.push(trie);
    }
    return tries;
  }

  #read(from: ConfigurationSet, trie: SuffixTrie, builder: RowBuilder): void {
    this.#places.length = 0;
    this.#walk.run(from, trie, this.#places);
    for (let i = 0; i < this.#places.length; i++) builder.add(trie.tokens[this.#places.data[i]]);
  }

  #canRead(from: ConfigurationSet, token: number): boolean {
    const { tokenBytes, tokenByteStart } = this.#table.vocabulary.image;
    let set: ConfigurationSet | null = from;
    for (let at = tokenByteStart[token]; at < tokenByteStart[token + 1] && set; at++)
      set = this.#machine.step(set, tokenBytes[at]);
    return set !== null;
  }

  /**
   * Tokens below `node` that do not stay inside because they spell the beginning of known values and nothing else: only where
   * a known value begins like what was read is a step looked at. A value that can no longer become a new one is gone from
   * the set that is reached, though what lies behind its end may still be there.
   */
  #findRefused(start: Configuration, lexeme: Inside, node: number): void {
    const { childStart, childByte, childNode, tokenStart, tokens, skip } = this.#table.vocabulary;
    const from = this.#machine.only([start]);
    const readable = this.#machine.readable(from);
    for (let child = childStart[node]; child < childStart[node + 1]; child++) {
      if (!((readable[childByte[child] >>> 5] >>> (childByte[child] & 31)) & 1)) continue;
      const reached = this.#machine.step(from, childByte[child]);
      const below = childNode[child];
      const stays = reached?.configurations.find((at) => this.#staysInside(at, start, lexeme));
      if (stays) {
        if (!isUnlikeKnown(stays.track)) this.#findRefused(stays, lexeme, below);
        continue;
      }
      const first = reached ? below + 1 : below;
      for (let at = tokenStart[first]; at < tokenStart[skip[below]]; at++) this.#refused.push(tokens[at]);
    }
  }

  /** Whether `at` is still in the lexeme and the value that `start` was in; behind a value, the next one knows more. */
  #staysInside(at: Configuration, start: Configuration, { behind }: Inside): boolean {
    return (
      at.track?.depth === start.track?.depth &&
      at.track?.known === start.track?.known &&
      this.#insides.findUntracked(at)?.behind.state === behind.state
    );
  }
}
