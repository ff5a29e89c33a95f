// The native matcher against the TypeScript one, bit for bit: 2,000 random (schema, instance) pairs over random
// vocabularies, every position. fast-check prints the seed of a failure.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/automata/index.js';
import { type CompiledGrammar, compile, type GrammarSource } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { compareAlong, plainMatcher } from '../support/compare-matchers.js';
import { randomGrammar, wordsUpTo } from '../support/random-grammar.js';
import { randomSchema, randomSentence, seededRandom } from '../support/random-schema.js';
import { randomTokens, randomVocabulary } from '../support/random-vocabulary.js';

const PAIRS = 2000;
const INSTANCES_PER_SCHEMA = 4;

function compileOrSkip(source: GrammarSource): CompiledGrammar {
  try {
    return compile(source);
  } catch (error) {
    // An unsatisfiable random schema is refused by name; any other error is a failure of this test.
    fc.pre(!(error instanceof CompileError && error.code === 'unsatisfiable'));
    throw error;
  }
}

describe('the native matcher', () => {
  it(`agrees with the portable one at every position of ${PAIRS} random (schema, instance) pairs`, () => {
    const addon = loadNative();
    let pairs = 0;
    let positions = 0;
    fc.assert(
      fc.property(randomSchema, fc.integer(), (schema, seed) => {
        const random = seededRandom(seed);
        const grammar = compileOrSkip({ schema });
        const sentences = Array.from({ length: INSTANCES_PER_SCHEMA }, () =>
          randomSentence(grammar.machine as Machine, random, 120),
        ).filter((sentence) => sentence !== undefined);
        fc.pre(sentences.length > 0);
        const image = randomVocabulary(sentences, random);
        const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
        const memo = seed % 8 !== 0;
        const handle = addon.loadGrammar(grammar.image, tokenizer, { maxConfigurations: 4096, memo });
        for (const sentence of sentences) {
          const native = addon.openMatcher(handle);
          positions += compareAlong(
            plainMatcher(grammar, image),
            native,
            randomTokens(sentence, image, random),
            image.eos[0],
          );
          native.close();
          pairs++;
        }
      }),
      { numRuns: PAIRS / INSTANCES_PER_SCHEMA + 60 },
    );
    expect(pairs).toBeGreaterThanOrEqual(PAIRS);
    expect(positions).toBeGreaterThan(5 * PAIRS);
  }, 300_000);

  it('refuses what the portable one refuses, and rolls back and forks alike', () => {
    const addon = loadNative();
    fc.assert(
      fc.property(
        randomSchema,
        fc.integer(),
        fc.array(fc.nat(4000), { maxLength: 60 }),
        (schema, seed, choices) => {
          const random = seededRandom(seed);
          const grammar = compileOrSkip({ schema });
          const image = randomVocabulary([], random);
          const handle = addon.loadGrammar(grammar.image, addon.loadTokenizer(new Uint8Array(image.buffer)), {
            maxConfigurations: 4096,
            memo: true,
          });
          const portable = plainMatcher(grammar, image);
          let native = addon.openMatcher(handle);
          let length = 0;
          for (const choice of choices) {
            if (choice % 7 === 0 && length > 0) {
              const count = 1 + (choice % length);
              portable.rollback(count);
              native.rollback(count);
              length -= count;
            } else if (choice % 11 === 0) native = native.fork();
            else {
              const token = choice % image.vocabSize;
              const accepted = portable.accept(token);
              expect(native.accept(token)).toBe(accepted);
              if (accepted) length++;
            }
          }
          const rows = [new Int32Array(portable.words), new Int32Array(portable.words)];
          expect(native.fill(rows[0])).toBe(portable.fill(rows[1]));
          expect(rows[0]).toEqual(rows[1]);
        },
      ),
      { numRuns: 200 },
    );
  }, 120_000);

  it('agrees on ambiguous and left-recursive grammars', () => {
    const addon = loadNative();
    const words = wordsUpTo(3).slice(1);
    const image = buildImageFromBytes([...words, null], [words.length]);
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    fc.assert(
      fc.property(
        randomGrammar(false),
        fc.array(fc.nat(words.length), { maxLength: 8 }),
        (source, tokens) => {
          const grammar = compileOrSkip({ grammar: source });
          const portable = plainMatcher(grammar, image);
          const native = addon.openMatcher(
            addon.loadGrammar(grammar.image, tokenizer, { maxConfigurations: 4096, memo: true }),
          );
          const rows = [new Int32Array(portable.words), new Int32Array(portable.words)];
          for (const token of tokens) {
            expect(native.fill(rows[0])).toBe(portable.fill(rows[1]));
            expect(rows[0]).toEqual(rows[1]);
            expect(native.accept(token)).toBe(portable.accept(token));
          }
        },
      ),
      { numRuns: 300 },
    );
  }, 120_000);

  it('knows what passes a counted character that no token ends with', () => {
    const grammar = compile({ schema: { type: 'string', minLength: 1, maxLength: 3 } });
    const tokens = ['"', 'a"', 'ab"'].map((token) => new TextEncoder().encode(token));
    const image = buildImageFromBytes([...tokens, null], [3]);
    const addon = loadNative();
    const loaded = addon.loadGrammar(grammar.image, addon.loadTokenizer(new Uint8Array(image.buffer)), {
      maxConfigurations: 4096,
      memo: true,
    });
    for (const portable of [plainMatcher(grammar, image), grammar.matcher(image)])
      expect(compareAlong(portable, addon.openMatcher(loaded), [0, 2], 3)).toBe(4);
  });

  it('takes texts whole only as far as a state reads them on', () => {
    const addon = loadNative();
    const texts = [
      'a',
      'ab',
      'abc',
      'abcdefgh',
      'Ab1',
      'Ab1cdefg',
      'a b',
      'a b, c d',
      'é',
      'éa',
      'aé',
      'é–😀',
      'éé–é😀éé',
    ];
    const tokens = texts.flatMap((text) => {
      const bytes = new TextEncoder().encode(text);
      return [bytes, bytes.slice(0, -1), Uint8Array.of(...bytes, 0x22)];
    });
    const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    const known = new Set<string>();
    const vocabulary = [...bytes, ...tokens].filter(
      (token) => token.length > 0 && !known.has(String(token)) && known.add(String(token)),
    );
    const image = buildImageFromBytes([...vocabulary, null], [vocabulary.length]);
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    const sentences = {
      '^.{2,5}$': ['abcd', 'a é', 'é–😀é'],
      '^[a-z]{1,4}[A-Z]?.{0,3}$': ['abcd', 'abA é'],
      '^(..)*x?$': ['abcd', 'é–😀éx'],
      '^[a-zA-Z0-9]{3}é*$': ['Ab1é'],
      '^[^b]{0,7}$': ['a é', 'é–😀é'],
    };
    for (const [pattern, texts] of Object.entries(sentences)) {
      const grammar = compile({ schema: { type: 'string', pattern } });
      const handle = addon.loadGrammar(grammar.image, tokenizer, { maxConfigurations: 4096, memo: true });
      for (const text of texts) {
        const along = Array.from(new TextEncoder().encode(`"${text}"`));
        const native = addon.openMatcher(handle);
        expect(compareAlong(plainMatcher(grammar, image), native, along, image.eos[0])).toBe(
          along.length + 2,
        );
        native.close();
      }
    }
  });

  it('refuses damaged images and short rows by name', () => {
    const addon = loadNative();
    const image = buildImageFromBytes([Uint8Array.of(0x61), null], [1]);
    const damaged = new Uint8Array(image.buffer.slice(0));
    damaged[damaged.length - 9] ^= 1;
    expect(() => addon.loadTokenizer(damaged)).toThrow(expect.objectContaining({ code: 'invalid_image' }));
    expect(() => addon.loadTokenizer(new Uint8Array(7))).toThrow(
      expect.objectContaining({ code: 'invalid_image' }),
    );
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    const options = { maxConfigurations: 0, memo: true };
    expect(() => addon.loadGrammar(new Uint8Array(64), tokenizer, options)).toThrow(
      expect.objectContaining({ code: 'invalid_image' }),
    );
    const matcher = addon.openMatcher(addon.loadGrammar(compile({ schema: true }).image, tokenizer, options));
    expect(() => matcher.fill(new Int32Array(0))).toThrow(RangeError);
    expect(() => matcher.rollback(1)).toThrow(expect.objectContaining({ code: 'bad_argument' }));
    matcher.close();
    expect(() => matcher.accept(0)).toThrow('closed');
  });
});
