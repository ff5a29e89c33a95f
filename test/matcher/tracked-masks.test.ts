// Masks of values that must differ: the native matcher's shortcuts in tracked lexemes, against the portable matcher.
import { describe, it } from 'vitest';
import type { Machine } from '../../src/automata/index.js';
import { compile } from '../../src/compile/index.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { compareAlong, compareSentence, plainMatcher } from '../support/compare-matchers.js';
import { randomSentence, seededRandom } from '../support/random-schema.js';

const items: Readonly<Record<string, unknown>> = {
  strings: { type: 'string' },
  'bounded strings': { type: 'string', minLength: 1, maxLength: 3 },
  patterns: { type: 'string', pattern: '^[ab]{1,3}$' },
  'patterns with bounds': { type: 'string', pattern: '^([ab]|cd)+$', maxLength: 4 },
  'strings with escapes': { enum: ['a', '\\', 'a\n', '"', 'a"', ''] },
  digits: { enum: [1, 2, 3, '1', ''] },
  numbers: { type: 'number', multipleOf: 0.5, minimum: 0, maximum: 12 },
  'few values': { enum: ['a', 'ab', 'abc', 1, 12, null] },
  integers: { type: 'integer', minimum: -30, maximum: 120 },
  arrays: { type: 'array', items: { type: 'string', pattern: '^[ab]*$' }, uniqueItems: true, maxItems: 3 },
  'objects with several members': {
    type: 'object',
    properties: {
      a: { type: 'string', pattern: '^[ab]?$' },
      b: { type: 'array', items: { type: 'boolean' }, uniqueItems: true },
    },
    additionalProperties: false,
  },
  objects: {
    type: 'object',
    properties: { a: { type: 'string', maxLength: 2 } },
    additionalProperties: false,
  },
};

describe('masks of values that must differ', () => {
  it.each(Object.entries(items))('%s', (_, item) => {
    const grammar = compile({ schema: { type: 'array', items: item, uniqueItems: true } });
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed);
      const sentence = randomSentence(grammar.machine as Machine, random, 80);
      if (!sentence) continue;
      compareSentence(grammar, sentence, random);
    }
  });

  it('of which one that is known begins with another', () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    const grammar = compile({
      schema: { type: 'array', items: { enum: [1, 2, 12, 21, 123] }, uniqueItems: true },
    });
    const texts = ['1', '2', '12', '21', '123', '12]', '1]', '[', ', ', ',', ']', '</s>'];
    const image = buildImageFromBytes(
      texts.map((text) => (text === '</s>' ? null : encode(text))),
      [texts.length - 1],
    );
    const native = loadNative();
    const handle = native.loadGrammar(grammar.image, native.loadTokenizer(new Uint8Array(image.buffer)), {
      maxConfigurations: 4096,
      memo: true,
    });
    const tokens = ['[', '12', ', ', '123', ', ', '1]'].map((text) => texts.indexOf(text));
    for (const portable of [grammar.matcher(image), plainMatcher(grammar, image)])
      compareAlong(portable, native.openMatcher(handle), tokens, texts.length - 1);
  });
});
