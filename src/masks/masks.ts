// The token masks of one grammar over one vocabulary. Inside lexemes a mask is put together: the tokens that stay in the
// lexeme, which are the same in every grammar, and the tries of what tokens have behind its end; what lies between lexemes
// is walked. Finished masks are remembered by configuration set, bounded in bytes, least recently used first out.
import {
  type ByteMachine,
  type ByteState,
  type Configuration,
  type ConfigurationSet,
  Machine,
} from '../automata/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';
import type { InnerRow } from './inner-row.js';
import { type Inside, Insides } from './inside.js';
import { countBelow, IntList } from './int-list.js';
import type { LexemeMask } from './lexeme-mask.js';
import { type LexemeTable, lexemeTableOf } from './lexeme-table.js';
import { LexemeWalk } from './lexeme-walk.js';
import { RowBuilder } from './row-builder.js';
import { SUFFIX_BOUNDS, type SuffixTrie } from './suffix-trie.js';
import { TrackedMasks } from './tracked-masks.js';
import type { VocabularyTrie } from './trie.js';
import type { Count } from './trie-part.js';
import { walkMask } from './walk.js';

/** Tokens beside a base up to this number are kept as a list. */
const MAX_LISTED = 2048;
/** Bytes of a remembered mask beside its lists. */
const MASK_BYTES = 160;

/** A finished mask: a lexeme's row and a few more tokens, a list of tokens, or a row. */
interface Remembered {
  readonly base: InnerRow | null;
  readonly tokens: Int32Array | null;
  readonly row: Int32Array | null;
  readonly count: number;
}

/** How many masks each way has answered. */
export interface MaskCounts {
  /** By set. */
  remembered: number;
  /** Rows of lexemes and the suffixes behind them. */
  lexemes: number;
  /** The vocabulary's trie, with lexemes' parts where there are any. */
  walks: number;
}

export class Masks {
  readonly counts: MaskCounts = { remembered: 0, lexemes: 0, walks: 0 };
  readonly #machine: ByteMachine;
  readonly #image: TokenizerImage;
  readonly #tokenSets: readonly Int32Array[];
  readonly #maxBytes: number;
  /** Null where masks are walked. */
  readonly #lexemes: LexemeMasks | null;
  readonly #known = new Map<ByteState, Remembered>();
  /** How many remembered masks hold a base. */
  readonly #bases = new Map<InnerRow, number>();
  #bytes = 0;
  readonly #added = new IntList();

  /**
   * `tokenSets`: the ids of the grammar's token sets. `maxBytes` bounds remembered masks, default 64 MiB; 0 remembers
   * nothing and walks the whole vocabulary each time. `table`: the lexemes of the vocabulary; by default those that all
   * grammars of the process share.
   */
  constructor(
    machine: ByteMachine,
    image: TokenizerImage,
    tokenSets: readonly Int32Array[],
    maxBytes = 64 * 1024 * 1024,
    table?: LexemeTable,
  ) {
    this.#machine = machine;
    this.#image = image;
    this.#tokenSets = tokenSets;
    this.#maxBytes = maxBytes;
    this.#lexemes =
      machine instanceof Machine && maxBytes > 0
        ? new LexemeMasks(machine, table ?? lexemeTableOf(image))
        : null;
  }

  /** Bytes of remembered masks, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Writes the set's mask into `row` and returns how many tokens it allows.
   * @throws LimitError `maxConfigurations`
   */
  fill(set: ByteState, row: Int32Array): number {
    if (this.#maxBytes === 0) return this.#walk(set, row);
    const known = this.#known.get(set);
    if (known) {
      this.counts.remembered++;
      this.#known.delete(set);
      this.#known.set(set, known);
      return copy(known, row);
    }
    const mask = this.#lexemes
      ? this.#compute(this.#lexemes, set as ConfigurationSet, row)
      : { base: null, tokens: null, count: this.#walk(set, row), row: row.slice() };
    this.#remember(set, mask);
    return mask.count;
  }

  #walk(set: ByteState, row: Int32Array): number {
    this.counts.walks++;
    return walkMask(this.#machine, set, this.#image, this.#tokenSets, row);
  }

  #compute(lexemes: LexemeMasks, set: ConfigurationSet, row: Int32Array): Remembered {
    const builder = new RowBuilder(row, this.#added);
    lexemes.build(set, builder);
    if (lexemes.walked) this.counts.walks++;
    else this.counts.lexemes++;
    for (const tokenSet of this.#machine.tokenSets(set))
      for (const token of this.#tokenSets[tokenSet]) builder.add(token);
    if (set.accepting) for (const token of this.#image.eos) builder.add(token);
    const { added, base, count } = builder;
    return builder.isListed && added.length <= MAX_LISTED
      ? { base, tokens: added.toArray(), row: null, count }
      : { base: null, tokens: null, row: row.slice(), count };
  }

  #remember(set: ByteState, mask: Remembered): void {
    this.#known.set(set, mask);
    this.#count(mask, 1);
    while (this.#bytes > this.#maxBytes && this.#known.size > 0) {
      const [oldest, dropped] = this.#known.entries().next().value!;
      this.#known.delete(oldest);
      this.#count(dropped, -1);
    }
  }

  /** Adds a mask to what is held, or takes it away: a base counts once, for the table may drop it before us. */
  #count({ base, tokens, row }: Remembered, sign: 1 | -1): void {
    this.#bytes += sign * (MASK_BYTES + (tokens?.byteLength ?? 0) + (row?.byteLength ?? 0));
    if (!base) return;
    const before = this.#bases.get(base) ?? 0;
    if (before + sign === 0) this.#bases.delete(base);
    else this.#bases.set(base, before + sign);
    if (before === 0 || before + sign === 0) this.#bytes += sign * base.bits!.byteLength;
  }
}

function copy({ base, tokens, row: whole, count }: Remembered, row: Int32Array): number {
  if (whole) {
    row.set(whole);
    return count;
  }
  if (base?.bits) row.set(base.bits);
  else row.fill(0);
  for (let i = 0; i < tokens!.length; i++) row[tokens![i] >>> 5] |= 1 << (tokens![i] & 31);
  return count;
}

/** Puts the tokens that are read by their bytes together. */
class LexemeMasks {
  /** Whether the last row took a walk over the vocabulary. */
  walked = false;
  readonly #machine: Machine;
  readonly #vocabulary: VocabularyTrie;
  readonly #insides: Insides;
  readonly #walk: LexemeWalk;
  readonly #tracked: TrackedMasks;
  readonly #places = new IntList();

  constructor(machine: Machine, table: LexemeTable) {
    this.#machine = machine;
    this.#vocabulary = table.vocabulary;
    this.#insides = new Insides(machine, table);
    this.#walk = new LexemeWalk(machine, this.#insides);
    this.#tracked = new TrackedMasks(machine, table, this.#insides, this.#walk);
  }

  build(set: ConfigurationSet, builder: RowBuilder): void {
    const insides: Inside[] = [];
    const others: Configuration[] = [];
    const tracked: Configuration[] = [];
    let base: InnerRow | null = null;
    for (const at of set.configurations) {
      const inside = this.#insides.find(at);
      if (!inside) {
        (at.track ? tracked : others).push(at);
        continue;
      }
      insides.push(inside);
      if (!base) {
        const inner = inside.reader.mask.inner(inside.count.left);
        if (inner.bits) base = inner;
      }
    }
    builder.begin(base);
    for (const inside of insides) {
      const inner = inside.reader.mask.inner(inside.count.left);
      if (inner !== base) builder.addInner(inner);
      this.#addBehind(inside, builder);
    }
    for (const at of tracked) if (!this.#tracked.add(at, builder)) others.push(at);
    this.walked = others.length > 0;
    if (this.walked) {
      const rest = others.length === set.configurations.length ? set : this.#machine.only(others);
      const { tokens } = this.#vocabulary;
      const places = this.#run(rest, this.#vocabulary);
      for (let i = 0; i < places.length; i++) builder.add(tokens[places.data[i]]);
    }
  }

  #run(from: ConfigurationSet, trie: SuffixTrie | VocabularyTrie): IntList {
    this.#places.length = 0;
    this.#walk.run(from, trie, this.#places);
    return this.#places;
  }

  /** Tokens that end the lexeme and go on behind it. */
  #addBehind({ reader, count, behind }: Inside, builder: RowBuilder): void {
    const { mask } = reader;
    if (mask.exits.length === 0) return;
    const next = this.#machine.enter(behind);
    if (!next) return;
    this.#places.length = 0;
    mask.closing(count, this.#places);
    for (let i = 0; i < this.#places.length; i++) builder.add(this.#places.data[i]);
    const readable = this.#machine.readable(next);
    for (let word = 0; word < readable.length; word++)
      for (let left = readable[word]; left !== 0; left &= left - 1)
        this.#addSuffixes(next, word * 32 + 31 - Math.clz32(left & -left), mask, count, builder);
  }

  #addSuffixes(
    next: ConfigurationSet,
    byte: number,
    mask: LexemeMask,
    count: Count,
    builder: RowBuilder,
  ): void {
    const { own, shared, lost } = mask.suffixes(byte);
    if (own.tokens.length === 0 && !shared?.tokens.length) return;
    const reached = this.#machine.step(next, byte);
    if (!reached) return;
    this.#addFrom(own, reached, count, NONE, builder);
    if (shared) this.#addFrom(shared, reached, count, lost, builder);
  }

  #addFrom(
    trie: SuffixTrie,
    reached: ConfigurationSet,
    count: Count,
    lost: Int32Array,
    builder: RowBuilder,
  ): void {
    const { tokens, tokenStart, bounds } = trie;
    if (tokens.length === 0) return;
    const places = this.#run(reached, trie);
    for (let place = tokenStart[0]; place < tokenStart[1]; place++) places.push(place);
    for (let i = 0; i < places.length; i++) {
      const place = places.data[i];
      if (bounds && !holds(bounds, place * SUFFIX_BOUNDS, count)) continue;
      if (lost.length === 0 || !includes(lost, tokens[place])) builder.add(tokens[place]);
    }
  }
}

function holds(bounds: Int32Array, at: number, { left, missing }: Count): boolean {
  return bounds[at] <= left && left <= bounds[at + 1] && missing <= bounds[at + 2];
}

const NONE = new Int32Array(0);

/** Whether the ascending `values` hold `value`. */
function includes(values: Int32Array, value: number): boolean {
  return values[countBelow(values, value)] === value;
}
