// The native matcher beside the portable one along a token sequence: equal masks, counts, forced bytes and verdicts.
import { deepStrictEqual, strictEqual } from 'node:assert';
import type { CompiledGrammar } from '../../src/compile/index.js';
import { type Matcher, MatcherFactory } from '../../src/matcher/index.js';
import { loadNative, type NativeMatcher } from '../../src/native/index.js';
import type { TokenizerImage } from '../../src/tokenizer/index.js';
import { randomTokens, randomVocabulary } from './random-vocabulary.js';

/** A portable matcher that walks the whole vocabulary for each mask: the oracle, which shares no design with the others. */
export function plainMatcher({ machine }: CompiledGrammar, image: TokenizerImage): Matcher {
  return new MatcherFactory(machine, image, { maxMaskBytes: 0 }).open();
}

/** Compares the native matcher with the oracle along a sentence of the grammar, cut into a random vocabulary's tokens. */
export function compareSentence(
  grammar: CompiledGrammar,
  sentence: Uint8Array,
  random: () => number,
  memo = true,
): void {
  const addon = loadNative();
  const image = randomVocabulary([sentence], random);
  const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
  const native = addon.openMatcher(
    addon.loadGrammar(grammar.image, tokenizer, { maxConfigurations: 4096, memo }),
  );
  compareAlong(plainMatcher(grammar, image), native, randomTokens(sentence, image, random), image.eos[0]);
  native.close();
}

/** Compares the two matchers along `tokens`; returns the number of positions. */
export function compareAlong(
  portable: Matcher,
  native: NativeMatcher,
  tokens: readonly number[],
  eos: number,
): number {
  const expected = new Int32Array(portable.words);
  const actual = new Int32Array(portable.words);
  const compareHere = () => {
    const allowed = portable.fill(expected);
    strictEqual(native.fill(actual), allowed);
    deepStrictEqual(actual, expected);
    strictEqual(native.isAccepting, portable.isAccepting);
    deepStrictEqual(native.forced(64), portable.forced(64));
    return allowed;
  };
  for (const token of tokens) {
    compareHere();
    strictEqual(portable.accept(token), true);
    strictEqual(native.accept(token), true);
    strictEqual((expected[token >>> 5] >>> (token & 31)) & 1, 1);
  }
  compareHere();
  strictEqual(portable.accept(eos), true);
  strictEqual(native.accept(eos), true);
  strictEqual(compareHere(), 0);
  strictEqual(native.isFinished, true);
  return tokens.length + 2;
}
