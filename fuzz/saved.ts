// Damaged saved grammars with hashes put right: refused by name, or loaded into a grammar that runs without harm.
import { contentHash } from '../src/automata/index.js';
import { compile, loadGrammar } from '../src/compile/index.js';
import { EspalierError } from '../src/errors.js';
import { seededRandom } from '../test/support/random-schema.js';
import { savedMasks } from '../test/support/saved-masks.js';

const HASH_WORD = 8;
const HEADER_BYTES = 64;

const originals = [
  compile({
    schema: { type: 'object', properties: { a: { type: 'string', maxLength: 9 }, b: { enum: [1, 2] } } },
  }),
  compile({ lark: 'start: "a" B+\nB: /b/\n' }),
  compile({ regex: '[a-z]+@[a-z]+' }),
].map((grammar) => grammar.save({ masks: savedMasks }));

export function fuzzSaved(seed: number): void {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const bytes = originals[below(originals.length)].slice();
  const words = new Int32Array(bytes.buffer);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const area = random();
    if (area < 0.2) words[below(HEADER_BYTES / 4)] += below(9) - 4;
    else if (area < 0.6) bytes[HEADER_BYTES + below(bytes.length - HEADER_BYTES)] = below(256);
    else words[words.length - 1 - below(27)] = below(50) - 2;
  }
  repairImage(words);
  words.set(contentHash(words), HASH_WORD);
  try {
    const grammar = loadGrammar(bytes);
    grammar.classify('{"a":"xb"}');
    grammar.save();
    grammar.toString();
    grammar.explainText('ab');
  } catch (error) {
    if (error instanceof EspalierError) return;
    throw error;
  }
}

/** The image inside has a hash of its own. */
function repairImage(words: Int32Array): void {
  const length = words[3] / 4;
  const image = words.subarray(HEADER_BYTES / 4, HEADER_BYTES / 4 + length);
  if (image.length > HASH_WORD + 2) image.set(contentHash(image), HASH_WORD);
}
