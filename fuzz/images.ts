// Damaged images with hashes put right: both readers either refuse them by name or run them without harm.
import fc from 'fast-check';
import { encodePda, openPda, repeatDfa, symbolsDfa, type TextCheck } from '../src/automata/index.js';
import { compile } from '../src/compile/index.js';
import { bytes, type Node, op, prepareGrammar, regular, sequence, toPda } from '../src/grammar/index.js';
import { loadNative } from '../src/native/index.js';
import { seededRandom } from '../test/support/random-schema.js';
import { randomVocabulary } from '../test/support/random-vocabulary.js';
import { registerGrammar } from '../test/support/register-grammars.js';
import { verdict } from './verdict.js';

/** The original of {@link checkedText} comes up more often than the others: it is the only one with a check. */
const originals = [
  compile({ schema: { type: 'object', additionalProperties: { type: 'array', maxItems: 9 } } }).image,
  ...(['encoded', 'unicode'] as const)
    .flatMap((kind) => [kind, kind])
    .map((kind) => encodePda(toPda({ rules: [], start: checkedText(kind) }))),
  ...fc
    .sample(registerGrammar, { numRuns: 12, seed: 1 })
    .map(({ grammar }) => encodePda(toPda(prepareGrammar(grammar)))),
];

/** A text of a check with a small automaton: letters from a to f, and some Greek ones. */
function checkedText(kind: TextCheck['kind']): Node {
  const check: TextCheck = {
    kind,
    longest: 24,
    filler: 0x3b1,
    automaton: {
      intervals: [
        [0x2d, 0x2d, 0],
        [0x61, 0x66, 1],
        [0x3b1, 0x3c9, 1],
      ],
      classCount: 2,
      accept: Uint8Array.of(0, 1),
      next: Int32Array.of(-1, 1, 0, 1),
    },
  };
  const text = regular(
    repeatDfa(
      symbolsDfa([
        [0x2d, 0x7a],
        [0x80, 0xff],
      ]),
      1,
      24,
    ),
  );
  return sequence(op({ kind: 'capture', check }), text, op({ kind: 'verify', check }), bytes('.'));
}

/** A check with one of its numbers changed. */
function damagedCheck(check: TextCheck, below: (n: number) => number): TextCheck {
  const { automaton } = check;
  const number = [below(40), below(0x3c0), -1][below(3)];
  const next = automaton.next.slice();
  const intervals = automaton.intervals.map((interval) => [...interval] as [number, number, number]);
  const what = below(5);
  if (what === 0) return { ...check, longest: number };
  if (what === 1) return { ...check, filler: number };
  if (what === 2) return { ...check, automaton: { ...automaton, classCount: number } };
  if (what === 3) next[below(next.length)] = number;
  else intervals[below(intervals.length)][below(3)] = number;
  return { ...check, automaton: { ...automaton, next, intervals } };
}

export function fuzzImages(seed: number): void {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const pda = openPda(originals[below(originals.length)]);
  const copy = { ...pda, edges: pda.edges.slice(), edgeStart: pda.edgeStart.slice(), start: pda.start };
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const words = random() < 0.9 ? copy.edges : copy.edgeStart;
    words[below(words.length)] = random() < 0.8 ? below(pda.stateCount + 4) : below(2 ** 32) | 0;
  }
  const checks = copy.checks.map((check) => (random() < 0.3 ? damagedCheck(check, below) : check));
  const image = encodePda({ ...copy, checks });
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
