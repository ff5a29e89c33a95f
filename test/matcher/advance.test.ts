// One call in place of two: accept and fill, natively and in TypeScript, give the same rows, counts and verdicts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/automata/index.js';
import { compile } from '../../src/compile/index.js';
import { loadNative } from '../../src/native/index.js';
import { plainMatcher } from '../support/compare-matchers.js';
import { randomSchema, randomSentence, seededRandom } from '../support/random-schema.js';
import { randomTokens, randomVocabulary } from '../support/random-vocabulary.js';

const compiled = (schema: unknown) => {
  try {
    return compile({ schema });
  } catch {
    return undefined;
  }
};

describe('advance', () => {
  it('is accept and fill at every position, and changes nothing where a token is refused', () => {
    const addon = loadNative();
    let positions = 0;
    let refusals = 0;
    fc.assert(
      fc.property(randomSchema, fc.integer(), (schema, seed) => {
        const random = seededRandom(seed);
        const grammar = compiled(schema);
        const sentence = grammar && randomSentence(grammar.machine as Machine, random, 120);
        fc.pre(sentence !== undefined);
        const image = randomVocabulary([sentence as Uint8Array], random);
        const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
        const handle = addon.loadGrammar(grammar!.image, tokenizer, {
          maxConfigurations: 4096,
          memo: seed % 8 !== 0,
        });
        const held = addon.newRow(tokenizer);
        const plain = addon.openMatcher(handle);
        const holding = addon.openMatcher(handle, held.row);
        const portable = plainMatcher(grammar!, image);
        const row = new Int32Array(held.bits.length);
        const [own, theirs] = [new Int32Array(row.length), new Int32Array(row.length)];
        const expected = addon.openMatcher(handle);
        const advanced = (token: number) => [
          holding.advance(token),
          plain.advance(token, own),
          portable.advance(token, theirs),
        ];
        expected.fill(row);
        for (const matcher of [plain, portable]) matcher.fill(matcher === plain ? own : theirs);
        holding.fill();
        for (const token of [...randomTokens(sentence as Uint8Array, image, random), image.eos[0]]) {
          const other = Math.floor(random() * image.vocabSize);
          if (((row[other >> 5] >>> (other & 31)) & 1) === 0) {
            expect(advanced(other)).toEqual([-1, -1, -1]);
            refusals++;
          }
          expect(expected.accept(token)).toBe(true);
          const count = expected.fill(row);
          expect(advanced(token)).toEqual([count, count, count]);
          expect([held.bits, own, theirs]).toEqual([row, row, row]);
          positions++;
        }
        expect([holding.isFinished, plain.isFinished, portable.isFinished]).toEqual([true, true, true]);
        expect(advanced(0)).toEqual([-1, -1, -1]);
      }),
      { numRuns: 300 },
    );
    expect(positions).toBeGreaterThan(1000);
    expect(refusals).toBeGreaterThan(300);
  });

  it('tells of a row that is missing or too short, and of a token that is none', () => {
    const addon = loadNative();
    const image = randomVocabulary([new TextEncoder().encode('[1]')], seededRandom(1));
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    const { image: grammar } = compile({ schema: {} });
    const matcher = addon.openMatcher(
      addon.loadGrammar(grammar, tokenizer, { maxConfigurations: 4096, memo: true }),
    );
    expect(() => matcher.advance(0)).toThrow();
    expect(() => matcher.advance(0, new Int32Array(0))).toThrow(/too short/);
    expect(() => matcher.advance('x' as never, new Int32Array(9))).toThrow(/token id/);
  });
});
