// The fuzzers: `npm run fuzz -- NAME [--seconds N] [--seed S]`. Each runs random cases until its time is over and prints the
// seed of a failure; the same seed gives the same case.
import { parseArgs } from 'node:util';
import { fuzzImages } from './images.js';
import { fuzzLexedImages } from './lexed-images.js';
import { fuzzMasks } from './masks.js';
import { fuzzMatchers } from './matchers.js';

/** Runs one case; throws when something is wrong. */
export type FuzzCase = (seed: number) => void;

const targets: Readonly<Record<string, FuzzCase>> = {
  masks: fuzzMasks,
  matchers: fuzzMatchers,
  images: fuzzImages,
  'lexed-images': fuzzLexedImages,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const run = targets[positionals[0] ?? ''];
if (!run) {
  console.error(`usage: npm run fuzz -- ${Object.keys(targets).join('|')} [--seconds N] [--seed S]`);
  process.exit(2);
}
const end = performance.now() + 1000 * Number(values.seconds);
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
let seed = first;
try {
  do run(seed++);
  while (performance.now() < end && values.seed === undefined);
  console.log(`${positionals[0]}: ${seed - first} cases from seed ${first}, no failure`);
} catch (error) {
  console.error(`${positionals[0]}: failure; repeat it with --seed ${seed - 1}`);
  throw error;
}
