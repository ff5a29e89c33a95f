// Damaged images with hashes put right: both readers either refuse them by name or run them without harm.
import fc from 'fast-check';
import { encodePda, openPda } from '../src/automata/index.js';
import { compile } from '../src/compile/index.js';
import { prepareGrammar, toPda } from '../src/grammar/index.js';
import { loadNative } from '../src/native/index.js';
import { seededRandom } from '../test/support/random-schema.js';
import { randomVocabulary } from '../test/support/random-vocabulary.js';
import { registerGrammar } from '../test/support/register-grammars.js';
import { verdict } from './verdict.js';

const originals = [
  compile({ schema: { type: 'object', additionalProperties: { type: 'array', maxItems: 9 } } }).image,
  ...fc
    .sample(registerGrammar, { numRuns: 12, seed: 1 })
    .map(({ grammar }) => encodePda(toPda(prepareGrammar(grammar)))),
];

export function fuzzImages(seed: number): void {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const pda = openPda(originals[below(originals.length)]);
  const copy = { ...pda, edges: pda.edges.slice(), edgeStart: pda.edgeStart.slice(), start: pda.start };
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const words = random() < 0.9 ? copy.edges : copy.edgeStart;
    words[below(words.length)] = random() < 0.8 ? below(pda.stateCount + 4) : below(2 ** 32) | 0;
  }
  const image = encodePda(copy);
  const portable = verdict(() => openPda(image));
  const addon = loadNative();
  const vocabulary = randomVocabulary([], random);
  const tokenizer = addon.loadTokenizer(new Uint8Array(vocabulary.buffer));
  const native = verdict(() => addon.loadGrammar(image, tokenizer, { maxConfigurations: 64, memo: true }));
  if (portable !== native) throw new Error(`the readers differ: portable ${portable}, native ${native}`);
  if (native !== 'read') return;
  try {
    const matcher = addon.openMatcher(
      addon.loadGrammar(image, tokenizer, { maxConfigurations: 64, memo: true }),
    );
    const row = new Int32Array((vocabulary.vocabSize + 31) >>> 5);
    for (let steps = 0; steps < 20 && matcher.fill(row) > 0; steps++)
      for (let token = below(vocabulary.vocabSize), tries = 0; tries < 50 && !matcher.accept(token); tries++)
        token = below(vocabulary.vocabSize);
  } catch (error) {
    if ((error as { code?: string }).code !== 'limit_exceeded') throw error;
  }
}
