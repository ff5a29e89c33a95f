// Native masks without our model runner: for engines that run the model themselves and want rows of allowed tokens.
import type { CompiledGrammar, PrecomputedMasks } from '../compile/index.js';
import { RequestError } from '../errors.js';
import { forcedTokens } from '../matcher/index.js';
import {
  type GrammarHandle,
  loadNative,
  type NativeGrammarMemory,
  type NativeMatcher,
  type RowHandle,
  type TokenizerHandle,
} from '../native/index.js';
import type { Tokenizer } from '../tokenizer/index.js';
import { loadSavedMasks, MAX_CONFIGURATIONS } from './constraints.js';
import { type MaskStats, maskStatsOf } from './mask-stats.js';
import { mostMasks, type PrecomputeOptions } from './precompute.js';
import { type WarmMemory, warmTokenizer } from './warm.js';

export interface MaskEngineOptions {
  /** Bytes remembered of how lexemes divide the vocabulary, for all grammars together; default 256 MiB, or 2 KiB a token if that is more. */
  readonly maxLexemeBytes?: number;
  /** Bytes of finished rows that each grammar keeps; default 16 MiB. */
  readonly maxMaskBytes?: number;
  /** Most configurations that one position of one output may hold; default 4,096. */
  readonly maxConfigurations?: number;
}

/** A mask row that knows which mask it holds: the next one is written as the difference. */
export class MaskRow {
  /** The row. To be read only: what is written to it stays, and the masks after it are wrong. */
  readonly bits: Int32Array;
  /** @internal */
  readonly handle: RowHandle;

  /** @internal */
  constructor({ row, bits }: { readonly row: RowHandle; readonly bits: Int32Array }) {
    this.handle = row;
    this.bits = bits;
  }
}

/** The masks of one tokenizer. Grammars that are opened with it share what they have in common. */
export class MaskEngine {
  /** Int32 words of a mask row: one bit a token id, least significant bit first. */
  readonly words: number;
  readonly #tokenizer: Tokenizer;
  readonly #handle: TokenizerHandle;
  readonly #maxConfigurations: number;
  readonly #maxMaskBytes: number | undefined;
  readonly #loaded = new WeakMap<CompiledGrammar, GrammarHandle>();

  /** @throws EngineError `native_missing` */
  constructor(tokenizer: Tokenizer, options: MaskEngineOptions = {}) {
    this.#tokenizer = tokenizer;
    this.#handle = loadNative().loadTokenizer(new Uint8Array(tokenizer.image.buffer), options.maxLexemeBytes);
    this.#maxConfigurations = options.maxConfigurations ?? MAX_CONFIGURATIONS;
    this.#maxMaskBytes = options.maxMaskBytes;
    this.words = Math.ceil(tokenizer.vocabSize / 32);
  }

  /**
   * A matcher at the start of an output. `close()` frees it at once; else the garbage collector does. The first one of a
   * grammar loads the masks that it was saved with, if they are of this tokenizer; masks of another are left alone. `row`:
   * what `fill()` fills when it is given none.
   * @throws CompileError `unknown_token` for a token that the grammar names and the vocabulary does not have
   */
  open(grammar: CompiledGrammar, row?: MaskRow): NativeMatcher {
    return loadNative().openMatcher(this.#load(grammar), row?.handle);
  }

  /**
   * A row for the matchers that are opened with it, of whatever grammars, one at a time. Filling it costs a fraction of
   * filling an array, as long as masks follow each other that differ in few tokens.
   */
  row(): MaskRow {
    return new MaskRow(loadNative().newRow(this.#handle));
  }

  /**
   * Makes masks of a grammar ahead, on another thread: the likeliest positions first, those that a walk comes to when it
   * takes each different next position with the same probability. It ends at `maxMasks`, or when half of what is remembered
   * of a grammar is taken (8 MiB of masks, 16 MiB of positions); `isComplete` tells whether every position was reached.
   * @throws RequestError `invalid_option`; CompileError `unknown_token`
   */
  async prepare(
    grammar: CompiledGrammar,
    options: PrecomputeOptions,
  ): Promise<{ readonly count: number; readonly isComplete: boolean }> {
    const { count, isComplete } = await this.#precompute(grammar, options, false);
    return { count, isComplete };
  }

  /**
   * {@link prepare}, and the masks as data, for {@link CompiledGrammar.save}. They are of this tokenizer, known by the hash of
   * its image.
   * @throws RequestError `invalid_option`; CompileError `unknown_token`
   */
  async precompute(grammar: CompiledGrammar, options: PrecomputeOptions): Promise<PrecomputedMasks> {
    const { isComplete, entries, tokens, bases } = await this.#precompute(grammar, options, true);
    const { hash: tokenizer, vocabSize } = this.#tokenizer.image;
    return { tokenizer, vocabSize, isComplete, entries, tokens, bases };
  }

  async #precompute(grammar: CompiledGrammar, options: PrecomputeOptions, keep: boolean) {
    return loadNative().precomputeMasks(this.#load(grammar), mostMasks(options), keep);
  }

  #load(grammar: CompiledGrammar): GrammarHandle {
    const known = this.#loaded.get(grammar);
    if (known) return known;
    const addon = loadNative();
    const options: Parameters<typeof addon.loadGrammar>[2] = {
      maxConfigurations: this.#maxConfigurations,
      memo: true,
      tokenSets: grammar.packedTokens(this.#tokenizer),
    };
    if (this.#maxMaskBytes !== undefined) options.maxMaskBytes = this.#maxMaskBytes;
    const handle = addon.loadGrammar(grammar.image, this.#handle, options);
    loadSavedMasks(addon, handle, grammar, this.#tokenizer.image);
    this.#loaded.set(grammar, handle);
    return handle;
  }

  /**
   * The tokens that must come next and that no later text changes; {@link forcedTokens} says exactly which. The matcher does
   * not move. `limit`: most bytes of forced text that are looked at; default 256.
   */
  forcedTokens(matcher: NativeMatcher, limit?: number): Int32Array {
    return forcedTokens(matcher, this.#tokenizer, limit);
  }

  /** Which way masks were answered and in what time, and what the caches hold: a slow mask is told by its cause. */
  stats(): MaskStats {
    return maskStatsOf(loadNative().maskStats(this.#handle));
  }

  /** What a grammar that was opened here takes by itself; undefined for another. */
  memory(grammar: CompiledGrammar): NativeGrammarMemory | undefined {
    const handle = this.#loaded.get(grammar);
    return handle && loadNative().grammarMemory(handle);
  }

  /**
   * Divides the vocabulary ahead by the lexemes that nearly every JSON grammar has, and makes memory ready, mostly on another
   * thread.
   * @throws RequestError `invalid_option`
   */
  async warm(options: WarmMemory = {}): Promise<void> {
    await warmTokenizer(this.#handle, options);
  }

  /**
   * Fills the rows of many matchers at once: row i starts at word `i * words` of `rows`. Returns how many tokens each
   * allows. `threads`: most threads, the caller's included; default 1.
   * @throws RequestError `row_too_short`, `matcher_twice`
   */
  fill(matchers: readonly NativeMatcher[], rows: Int32Array, threads = 1): Int32Array {
    if (rows.length < matchers.length * this.words)
      throw new RequestError(
        'row_too_short',
        `${matchers.length} mask rows need ${this.words} words each`,
        'rows',
      );
    if (new Set(matchers).size < matchers.length)
      throw new RequestError('matcher_twice', 'a matcher fills one row at a time', 'matchers');
    return loadNative().fillMasks(matchers, rows, this.words, threads);
  }
}
