// Damaged images of grammars with a lexer, hashes put right: both readers refuse them alike or run them without harm.

import { isLexedImage, openLexed } from '../src/automata/index.js';
import { contentHash } from '../src/automata/pda.js';
import { compile } from '../src/compile/index.js';
import { CompileError } from '../src/errors.js';
import { loadNative } from '../src/native/index.js';
import { randomLark } from '../test/support/random-lark.js';
import { seededRandom } from '../test/support/random-schema.js';
import { randomVocabulary } from '../test/support/random-vocabulary.js';
import { verdict } from './verdict.js';

const HASH_WORD = 8;

export function fuzzLexedImages(seed: number): void {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const image = damagedImage(random, below);
  if (!image) return;
  const portable = verdict(() => openLexed(image));
  const addon = loadNative();
  const vocabulary = randomVocabulary([], random);
  const tokenizer = addon.loadTokenizer(new Uint8Array(vocabulary.buffer));
  const options = { maxConfigurations: 64, memo: true };
  const native = verdict(() => addon.loadGrammar(image, tokenizer, options));
  if (portable !== native) throw new Error(`the readers differ: portable ${portable}, native ${native}`);
  if (native !== 'read') return;
  try {
    const matcher = addon.openMatcher(addon.loadGrammar(image, tokenizer, options));
    const row = new Int32Array((vocabulary.vocabSize + 31) >>> 5);
    for (let steps = 0; steps < 20 && matcher.fill(row) > 0; steps++)
      for (let token = below(vocabulary.vocabSize), tries = 0; tries < 50 && !matcher.accept(token); tries++)
        token = below(vocabulary.vocabSize);
  } catch (error) {
    if ((error as { code?: string }).code !== 'limit_exceeded') throw error;
  }
}

function damagedImage(random: () => number, below: (n: number) => number): Uint8Array | undefined {
  const { source, options } = randomLark(random);
  let original: Uint8Array;
  try {
    original = compile(source, options).image;
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
  if (!isLexedImage(original)) return undefined;
  const words = new Int32Array(original.slice().buffer);
  const parserEnd = 24 + words[3];
  for (let changes = 1 + below(3); changes > 0; changes--) {
    // The parser's own image has a hash of its own, which the fuzzer of those puts right.
    const at = random() < 0.2 ? 1 + below(23) : parserEnd + below(Math.max(1, words.length - parserEnd));
    if (at < words.length) words[at] = random() < 0.8 ? below(12) - 3 : below(2 ** 32) | 0;
  }
  words.set(contentHash(words), HASH_WORD);
  return new Uint8Array(words.buffer);
}
