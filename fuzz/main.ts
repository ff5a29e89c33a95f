// The fuzzers: `npm run fuzz -- NAME [--seconds N] [--seed S]`. Each runs random cases until its time is over and prints the
// seed of a failure; the same seed gives the same case. `walks [N]` runs until N walks are finished instead, `oracle [N]` takes
// N cases (1,000), from the first on, `bodies [N]` N (10,000) from a random seed on.
import { parseArgs } from 'node:util';
import { bodyTable, closeBodies, fuzzBodies } from './bodies.js';
import { totals as engineTotals, fuzzEngine } from './engine.js';
import { fuzzImages } from './images.js';
import { fuzzLexedImages } from './lexed-images.js';
import { fuzzMasks } from './masks.js';
import { fuzzMatchers } from './matchers.js';
import { fuzzOracle, oracleCounts } from './oracle.js';
import { fuzzSaved } from './saved.js';
import { fuzzWalks, counts as walkCounts } from './walks.js';

/** Runs one case; throws when something is wrong. */
export type FuzzCase = (seed: number) => void | Promise<void>;

const targets: Readonly<Record<string, FuzzCase>> = {
  masks: fuzzMasks,
  matchers: fuzzMatchers,
  images: fuzzImages,
  'lexed-images': fuzzLexedImages,
  oracle: fuzzOracle,
  saved: fuzzSaved,
  walks: fuzzWalks,
  engine: fuzzEngine,
  bodies: fuzzBodies,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, seed: { type: 'string' } },
});
const run = targets[positionals[0] ?? ''];
if (!run) {
  console.error(
    `usage: npm run fuzz -- ${Object.keys(targets).join('|')} [--seconds N] [--seed S]; walks [N]; oracle [N]; bodies [N]`,
  );
  process.exit(2);
}
const walks =
  positionals[0] === 'walks' && values.seconds === undefined ? Number(positionals[1] ?? 10_000) : 0;
const end = performance.now() + 1000 * Number(values.seconds ?? 60);
const isOracle = run === fuzzOracle;
const isCounted = isOracle || (run === fuzzBodies && values.seconds === undefined);
const cases =
  isCounted && values.seed === undefined ? Number(positionals[1] ?? (isOracle ? 1000 : 10_000)) : 0;
const isOver = () => {
  if (cases > 0) return seed - first >= cases;
  return walks > 0 ? walkCounts.walks >= walks : performance.now() >= end;
};
const some = isOracle ? 0 : Math.floor(Math.random() * 2 ** 31);
const first = values.seed === undefined ? some : Number(values.seed);
let seed = first;
try {
  do await run(seed++);
  while (!isOver() && (values.seed === undefined || walks > 0));
  if (run === fuzzBodies) await closeBodies();
  console.log(`${positionals[0]}: ${seed - first} cases from seed ${first}, no failure`);
  if (run === fuzzEngine) console.log(JSON.stringify(engineTotals));
  if (run === fuzzBodies) console.log(bodyTable());
  if (run === fuzzWalks) console.log(JSON.stringify(walkCounts));
  if (isOracle) console.log(JSON.stringify(oracleCounts));
} catch (error) {
  console.error(`${positionals[0]}: failure; repeat it with --seed ${seed - 1}`);
  throw error;
}
