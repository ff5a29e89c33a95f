// MaskBench's schemas in an order by hash, each along the tokens of its instances over a real vocabulary: every way to make a
// mask against the plain walk. `npm run fuzz -- oracle [N]` takes the first N (1,000); a seed is a place in that order.
import { createHash } from 'node:crypto';
import { maskbench } from '../bench/conformance/adapters/maskbench.js';
import type { Tokenizer } from '../src/tokenizer/index.js';
import { MaskDifference, MaskOracle } from '../test/support/mask-oracle.js';
import { seededRandom } from '../test/support/random-schema.js';
import { compileOrSkip, loadMaskbench } from './maskbench-source.js';

/** Instances of a schema, and positions of an instance, that are compared at most: a plain walk takes milliseconds. */
const MAX_INSTANCES = 3;
const MAX_POSITIONS = 10;

export const oracleCounts = { schemas: 0, refused: 0, instances: 0, positions: 0, limited: 0 };

let loaded: { tokenizer: Tokenizer; oracle: MaskOracle; lines: string[] } | undefined;

function load() {
  if (loaded) return loaded;
  const { tokenizer, lines: rows } = loadMaskbench();
  const hashed = rows.map((line) => ({ line, hash: createHash('sha256').update(line).digest('hex') }));
  const lines = hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ line }) => line);
  loaded = { tokenizer, oracle: new MaskOracle(tokenizer.image), lines };
  return loaded;
}

export function fuzzOracle(seed: number): void {
  const { tokenizer, oracle, lines } = load();
  const random = seededRandom(seed);
  const line = lines[seed % lines.length];
  const [{ id, source, judgements }] = maskbench.cases(JSON.parse(line), line, { order: 'schema' });
  const propertyOrder = random() < 0.5 ? 'any' : 'schema';
  const grammar = compileOrSkip(source!, propertyOrder);
  oracleCounts.schemas++;
  if (!grammar) {
    oracleCounts.refused++;
    return;
  }
  for (const { text } of judgements.slice(0, MAX_INSTANCES)) {
    const tokens = [...tokenizer.encode(String(text), { addSpecialTokens: false })];
    const share = MAX_POSITIONS / (tokens.length + 1);
    try {
      const { positions, isLimited } = oracle.compareAlong(grammar, tokens, () => random() < share);
      oracleCounts.instances++;
      oracleCounts.positions += positions;
      if (isLimited) oracleCounts.limited++;
    } catch (error) {
      if (error instanceof MaskDifference)
        error.message = `${id}, property order ${propertyOrder}: ${error.message}`;
      throw error;
    }
  }
}
