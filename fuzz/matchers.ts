// Random schemas, instances and vocabularies: the native matcher against the portable one at every position.
import fc from 'fast-check';
import type { Machine } from '../src/automata/index.js';
import { compile } from '../src/compile/index.js';
import { CompileError } from '../src/errors.js';
import { loadNative } from '../src/native/index.js';
import { compareAlong, plainMatcher } from '../test/support/compare-matchers.js';
import { randomSchema, randomSentence, seededRandom } from '../test/support/random-schema.js';
import { randomTokens, randomVocabulary } from '../test/support/random-vocabulary.js';

export function fuzzMatchers(seed: number): void {
  const random = seededRandom(seed);
  const [schema] = fc.sample(randomSchema, { seed, numRuns: 1 });
  try {
    const grammar = compile({ schema });
    const sentence = randomSentence(grammar.machine as Machine, random, 400);
    if (!sentence) return;
    const image = randomVocabulary([sentence], random);
    const addon = loadNative();
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    const handle = addon.loadGrammar(grammar.image, tokenizer, {
      maxConfigurations: 4096,
      memo: seed % 4 > 0,
    });
    compareAlong(
      seed % 2 > 0 ? grammar.matcher(image) : plainMatcher(grammar, image),
      addon.openMatcher(handle),
      randomTokens(sentence, image, random),
      image.eos[0],
    );
  } catch (error) {
    if (error instanceof CompileError && error.code === 'unsatisfiable') return;
    console.error(JSON.stringify(schema));
    throw error;
  }
}
