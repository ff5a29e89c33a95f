// The native caches under bounds that hold next to nothing: masks stay what they are without, and the bounds hold after
// every mask.
import { deepStrictEqual } from 'node:assert';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/automata/index.js';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { loadNative, type NativeMatcher } from '../../src/native/index.js';
import type { TokenizerImage } from '../../src/tokenizer/index.js';
import { plainMatcher } from '../support/compare-matchers.js';
import { largeVocabulary } from '../support/large-vocabulary.js';
import { LEXEME_SCHEMAS } from '../support/lexeme-schemas.js';
import { randomSentence, seededRandom } from '../support/random-schema.js';
import { randomTokens } from '../support/random-vocabulary.js';

interface Output {
  readonly native: NativeMatcher;
  readonly expected: { readonly row: Int32Array; readonly count: number }[];
  readonly tokens: readonly number[];
}

function expectedAlong(grammar: CompiledGrammar, image: TokenizerImage, tokens: readonly number[]) {
  const plain = plainMatcher(grammar, image);
  const rows = [...tokens, -1].map((token) => {
    const row = new Int32Array(plain.words);
    const count = plain.fill(row);
    if (token >= 0) plain.accept(token);
    return { row, count };
  });
  return rows;
}

const bounds = [
  { maxLexemeBytes: 0, maxMaskBytes: 1 },
  { maxLexemeBytes: 40_000, maxMaskBytes: 2_000 },
  { maxLexemeBytes: 400_000, maxMaskBytes: 20_000 },
];

/** Grammars of one tokenizer, which is bounded, and outputs of each with what the plain walk says along them. */
function openOutputs({ maxLexemeBytes, maxMaskBytes }: (typeof bounds)[number]) {
  const addon = loadNative();
  const random = seededRandom(11);
  const image = largeVocabulary(random);
  const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer), maxLexemeBytes);
  const options = { maxConfigurations: 4096, memo: true, maxMaskBytes };
  const grammars = LEXEME_SCHEMAS.map((schema) => {
    const grammar = compile({ schema });
    return { grammar, handle: addon.loadGrammar(grammar.image, tokenizer, options) };
  });
  const outputs: Output[] = grammars.flatMap(({ grammar, handle }) =>
    [60, 60, 200].flatMap((length) => {
      const sentence = randomSentence(grammar.machine as Machine, random, length);
      if (!sentence) return [];
      const tokens = randomTokens(sentence, image, random);
      return { native: addon.openMatcher(handle), expected: expectedAlong(grammar, image, tokens), tokens };
    }),
  );
  const words = Math.ceil(image.vocabSize / 32);
  const longest = Math.max(...outputs.map(({ tokens }) => tokens.length));
  return { addon, tokenizer, grammars, outputs, words, longest };
}

describe.each(bounds)('caches of $maxLexemeBytes and $maxMaskBytes bytes', (bound) => {
  const { maxLexemeBytes, maxMaskBytes } = bound;

  it('give the same masks, and keep to their bounds', () => {
    const { addon, tokenizer, outputs, words, longest } = openOutputs(bound);
    const row = new Int32Array(words);
    for (let at = 0; at <= longest; at++) {
      const here = outputs.filter(({ tokens }) => at <= tokens.length);
      // Every mask twice, the others between: what was dropped is found again.
      for (const { native, expected } of [...here, ...here]) {
        row.fill(-1);
        expect(native.fill(row)).toBe(expected[at].count);
        deepStrictEqual(row, expected[at].row);
        const { lexemeBytes, rowBytes, grammars } = addon.maskStats(tokenizer);
        expect(lexemeBytes).toBeLessThanOrEqual(maxLexemeBytes);
        expect(rowBytes).toBeLessThanOrEqual(grammars * maxMaskBytes);
      }
      for (const { native, tokens } of here)
        if (at < tokens.length) expect(native.accept(tokens[at])).toBe(true);
    }
    const stats = addon.maskStats(tokenizer);
    expect(outputs.length).toBeGreaterThan(12);
    expect(stats.grammars).toBe(LEXEME_SCHEMAS.length);
    expect(stats.lexemeEvictions).toBeGreaterThan(20);
    expect(stats.rowEvictions).toBeGreaterThan(20);
  }, 120_000);

  it('give the same masks on threads side by side, beside masks that are made ahead', async () => {
    const { addon, tokenizer, grammars, outputs, words, longest } = openOutputs(bound);
    const ahead: Promise<unknown>[] = [];
    for (let at = 0; at <= longest; at++) {
      ahead.push(addon.precomputeMasks(grammars[at % grammars.length].handle, 16, true));
      // Each position by its matcher and by a fork, so that threads meet in one grammar.
      const here = outputs.filter(({ tokens }) => at <= tokens.length).flatMap((output) => [output, output]);
      const matchers = here.map(({ native }, i) => (i % 2 === 0 ? native : native.fork()));
      const rows = new Int32Array(words * here.length).fill(-1);
      const counts = addon.fillMasks(matchers, rows, words, 8);
      for (const [i, { expected }] of here.entries()) {
        expect(counts[i]).toBe(expected[at].count);
        deepStrictEqual(rows.subarray(i * words, (i + 1) * words), expected[at].row);
        if (i % 2 === 1) matchers[i].close();
      }
      for (const { native, tokens } of outputs)
        if (at < tokens.length) expect(native.accept(tokens[at])).toBe(true);
    }
    await Promise.all(ahead);
    const { lexemeBytes, rowBytes, lexemeEvictions } = addon.maskStats(tokenizer);
    expect(lexemeBytes).toBeLessThanOrEqual(maxLexemeBytes);
    expect(rowBytes).toBeLessThanOrEqual(grammars.length * maxMaskBytes);
    expect(lexemeEvictions).toBeGreaterThan(20);
  }, 120_000);
});

describe('the rows of a grammar', () => {
  it('go least recently used first', () => {
    const addon = loadNative();
    const image = largeVocabulary(seededRandom(3));
    const grammar = compile({ regex: 'a[bc]n' });
    const [a, b, n] = ['a', 'b', 'n'].map((text) => text.charCodeAt(0));
    const open = (maxMaskBytes?: number) => {
      const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
      const options = { maxConfigurations: 4096, memo: true, ...(maxMaskBytes && { maxMaskBytes }) };
      const start = addon.openMatcher(addon.loadGrammar(grammar.image, tokenizer, options));
      const at = [[], [a], [a, b], [a, b, n]].map((tokens) => {
        const matcher = start.fork();
        for (const token of tokens) expect(matcher.accept(token)).toBe(true);
        return matcher;
      });
      const row = new Int32Array(Math.ceil(image.vocabSize / 32));
      const isKept = (position: number) => {
        const before = addon.maskStats(tokenizer).paths.remembered.masks;
        at[position].fill(row);
        return addon.maskStats(tokenizer).paths.remembered.masks > before;
      };
      return { isKept, bytes: () => addon.maskStats(tokenizer).rowBytes };
    };
    const free = open();
    expect([0, 1, 2, 3].map(free.isKept)).toEqual([false, false, false, false]);
    const { isKept } = open(free.bytes() - 1);
    expect([0, 1, 2, 0].map(isKept)).toEqual([false, false, false, true]);
    // The fourth does not fit beside the three: the second, not the first, has been out of use for longest.
    expect(isKept(3)).toBe(false);
    expect([0, 2, 3].map(isKept)).toEqual([true, true, true]);
    expect(isKept(1)).toBe(false);
    expect(isKept(0)).toBe(false);
  });
});
