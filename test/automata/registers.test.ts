// Registers in frames: what grammars with scopes accept, that they never lead into a dead end, and that the native
// machine does the same step for step.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePda, literalsDfa, Machine, openPda } from '../../src/automata/index.js';
import {
  bytes,
  op,
  prepareGrammar,
  regular,
  scope,
  sequence,
  token,
  toPda,
} from '../../src/grammar/index.js';
import { MatcherFactory, packTokenSets, resolveTokenSets } from '../../src/matcher/index.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { compareAlong } from '../support/compare-matchers.js';
import { randomSentence, seededRandom } from '../support/random-schema.js';
import { randomTokens, randomVocabulary } from '../support/random-vocabulary.js';
import { hasNoDuplicates, registerGrammar } from '../support/register-grammars.js';

const encode = (text: string) => new TextEncoder().encode(text);

describe('registers', () => {
  it('hold what they promise in every sentence, and every walk can be ended', () => {
    fc.assert(
      fc.property(registerGrammar, fc.integer(), fc.boolean(), ({ grammar, holds }, seed, memo) => {
        const machine = new Machine(toPda(prepareGrammar(grammar)), { memo });
        const random = seededRandom(seed);
        for (let i = 0; i < 20; i++) {
          const sentence = randomSentence(machine, random, 400);
          expect(sentence).toBeDefined();
          const text = new TextDecoder().decode(sentence);
          expect(hasNoDuplicates(text), text).toBe(true);
          expect(holds(JSON.parse(text)), text).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('mean the same natively', () => {
    const addon = loadNative();
    fc.assert(
      fc.property(registerGrammar, fc.integer(), ({ grammar }, seed) => {
        const random = seededRandom(seed);
        const image = encodePda(toPda(prepareGrammar(grammar)));
        const machine = new Machine(openPda(image));
        const sentences = Array.from({ length: 4 }, () => randomSentence(machine, random, 200)).filter(
          (sentence) => sentence !== undefined,
        );
        const vocabulary = randomVocabulary(sentences, random);
        const tokenizer = addon.loadTokenizer(new Uint8Array(vocabulary.buffer));
        const options = { maxConfigurations: 4096, memo: seed % 4 !== 0 };
        const handle = addon.loadGrammar(image, tokenizer, options);
        for (const sentence of sentences)
          compareAlong(
            new MatcherFactory(machine, vocabulary, { maxMaskBytes: 0 }).open(),
            addon.openMatcher(handle),
            randomTokens(sentence, vocabulary, random),
            vocabulary.eos[0],
          );
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('compare values and not spellings', () => {
    const item = regular(literalsDfa(['1', '1.0', '"a"', '"\\u0061"', '2'].map((text) => encode(text))));
    const tracked = sequence(op({ kind: 'begin' }), item, op({ kind: 'distinct' }));
    const pair = scope(sequence(bytes('['), tracked, bytes(','), tracked, bytes(']')));
    const machine = new Machine(toPda({ rules: [], start: pair }));
    const accepts = (text: string) => {
      let set: Machine['start'] | null = machine.start;
      for (const byte of encode(text)) set = set && machine.step(set, byte);
      return set?.accepting ?? false;
    };
    expect(accepts('[1,2]')).toBe(true);
    expect(accepts('[1.0,"a"]')).toBe(true);
    for (const text of ['[1,1]', '[1,1.0]', '["a","\\u0061"]', '["\\u0061","a"]'])
      expect(accepts(text)).toBe(false);
  });
});

describe('token terminals', () => {
  const image = buildImageFromBytes(
    ['a', 'b', 'ab', '<|x|>'].map((text) => new TextEncoder().encode(text)).concat([null as never]),
    [4],
  );
  const pda = toPda({
    rules: [],
    start: sequence(
      bytes('a'),
      token({ except: false, tokens: ['<|x|>'] }),
      token({ except: true, tokens: ['a', 3] }),
      bytes('b'),
    ),
  });

  it('are read by id, by text and by exception, natively too', () => {
    const addon = loadNative();
    const tokenSets = resolveTokenSets(pda.tokenSets, image);
    expect(new Set(tokenSets)).toEqual(new Set([Int32Array.of(3), Int32Array.of(1, 2)]));
    const native = addon.openMatcher(
      addon.loadGrammar(encodePda(pda), addon.loadTokenizer(new Uint8Array(image.buffer)), {
        maxConfigurations: 0,
        memo: true,
        tokenSets: packTokenSets(tokenSets),
      }),
    );
    const portable = new MatcherFactory(new Machine(openPda(encodePda(pda))), image, {
      maxMaskBytes: 0,
    }).open();
    expect(compareAlong(portable, native, [0, 3, 2, 1], 4)).toBe(6);
  });

  it('that the vocabulary does not have are refused by name', () => {
    expect(() => resolveTokenSets([{ except: false, tokens: ['<|y|>'] }], image)).toThrow(
      expect.objectContaining({ code: 'unknown_token' }),
    );
    expect(() => resolveTokenSets([{ except: true, tokens: [5] }], image)).toThrow('5');
    const addon = loadNative();
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    for (const sets of [undefined, [], [1, 3], [1, 3, 1, 9], [2, 2, 1, 0], [5, 1], [-1, 0]])
      expect(() =>
        addon.loadGrammar(encodePda(pda), tokenizer, {
          maxConfigurations: 0,
          memo: true,
          ...(sets && { tokenSets: Int32Array.from(sets) }),
        }),
      ).toThrow(expect.objectContaining({ code: 'invalid_image' }));
  });
});
