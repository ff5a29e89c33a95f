// Every way to make a mask beside the plain walk of the whole vocabulary, along the tokens of an output: with all that is
// remembered and every shortcut, with nothing remembered, and with caches that hold next to nothing, natively and in TypeScript.
import { Machine } from '../../src/automata/index.js';
import type { CompiledGrammar } from '../../src/compile/index.js';
import { LimitError } from '../../src/errors.js';
import { emptyLexemes, MatcherFactory } from '../../src/matcher/index.js';
import { loadNative, type TokenizerHandle } from '../../src/native/index.js';
import type { TokenizerImage } from '../../src/tokenizer/index.js';

/** Bounds under which nearly nothing that is found is still there when it is asked for again. */
const EVICTING = { maxLexemeBytes: 40_000, maxMaskBytes: 2_000 };

interface Way {
  readonly name: string;
  readonly matcher: {
    fill(row: Int32Array): number;
    accept(token: number): boolean;
    close?(): void;
  };
}

/** A mask that is not the oracle's. */
export class MaskDifference extends Error {}

export interface Compared {
  readonly positions: number;
  /** Some way was too ambiguous for a named limit: one that reads more meets it earlier. */
  readonly isLimited: boolean;
}

export class MaskOracle {
  readonly #image: TokenizerImage;
  readonly #handle: TokenizerHandle;
  readonly #evicting: TokenizerHandle;

  constructor(image: TokenizerImage) {
    const bytes = new Uint8Array(image.buffer);
    this.#image = image;
    this.#handle = loadNative().loadTokenizer(bytes);
    this.#evicting = loadNative().loadTokenizer(bytes, EVICTING.maxLexemeBytes);
  }

  /**
   * Compares at each position that `isCompared`, up to the first token that is refused.
   * @throws MaskDifference with the way, the position and the differing tokens
   */
  compareAlong(
    grammar: CompiledGrammar,
    tokens: readonly number[],
    isCompared: (position: number) => boolean,
  ): Compared {
    const ways = this.#ways(grammar);
    const oracle = new MatcherFactory(grammar.machine, this.#image, { maxMaskBytes: 0 }).open();
    const expected = new Int32Array(oracle.words);
    const row = new Int32Array(oracle.words);
    let positions = 0;
    try {
      for (let position = 0; position <= tokens.length; position++) {
        if (isCompared(position)) {
          const count = oracle.fill(expected);
          for (const way of ways) this.#compare(way, position, { row: expected, count }, row);
          positions++;
        }
        if (position === tokens.length) break;
        const isAccepted = oracle.accept(tokens[position]);
        for (const { name, matcher } of ways)
          if (matcher.accept(tokens[position]) !== isAccepted)
            throw new MaskDifference(`${name}: token ${tokens[position]} at position ${position}`);
        if (!isAccepted) break;
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'limit_exceeded' && !(error instanceof LimitError))
        throw error;
      return { positions, isLimited: true };
    } finally {
      for (const { matcher } of ways) matcher.close?.();
    }
    return { positions, isLimited: false };
  }

  #ways(grammar: CompiledGrammar): Way[] {
    const native = (tokenizer: TokenizerHandle, memo: boolean, maxMaskBytes?: number) =>
      loadNative().openMatcher(
        loadNative().loadGrammar(grammar.image, tokenizer, {
          maxConfigurations: 4096,
          memo,
          tokenSets: grammar.packedTokens(this.#image),
          ...(maxMaskBytes !== undefined && { maxMaskBytes }),
        }),
      );
    const ways: Way[] = [
      { name: 'native', matcher: native(this.#handle, true) },
      { name: 'native, nothing remembered', matcher: native(this.#handle, false) },
      { name: 'native, evicting', matcher: native(this.#evicting, true, EVICTING.maxMaskBytes) },
      { name: 'portable', matcher: grammar.matcher(this.#image) },
    ];
    if (grammar.machine instanceof Machine)
      ways.push({ name: 'portable, evicting', matcher: this.#evictingPortable(grammar) });
    return ways;
  }

  #evictingPortable(grammar: CompiledGrammar) {
    const lexemes = emptyLexemes(this.#image, EVICTING.maxLexemeBytes);
    const { maxMaskBytes } = EVICTING;
    return new MatcherFactory(new Machine(grammar.machine.pda), this.#image, {
      maxMaskBytes,
      lexemes,
    }).open();
  }

  #compare(
    { name, matcher }: Way,
    position: number,
    expected: { readonly row: Int32Array; readonly count: number },
    row: Int32Array,
  ): void {
    const count = matcher.fill(row);
    const missing: number[] = [];
    const added: number[] = [];
    for (let token = 0; token < this.#image.vocabSize; token++) {
      const differs = (row[token >>> 5] ^ expected.row[token >>> 5]) >>> (token & 31);
      if (differs === 0) token |= 31;
      else if (differs & 1) ((row[token >>> 5] >>> (token & 31)) & 1 ? added : missing).push(token);
    }
    if (count === expected.count && added.length + missing.length === 0) return;
    throw new MaskDifference(
      `${name}: at position ${position} ${count} tokens in place of ${expected.count}; too many: ${this.#name(added)}; missing: ${this.#name(missing)}`,
    );
  }

  /** The first few, with their bytes. */
  #name(tokens: readonly number[]): string {
    const { tokenBytes, tokenByteStart } = this.#image;
    const text = (token: number) =>
      JSON.stringify(
        Buffer.from(tokenBytes.subarray(tokenByteStart[token], tokenByteStart[token + 1])).toString(),
      );
    const named = tokens.slice(0, 8).map((token) => `${token} ${text(token)}`);
    return `${named.join(', ') || 'none'}${tokens.length > 8 ? ` and ${tokens.length - 8} more` : ''}`;
  }
}
