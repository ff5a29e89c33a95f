// MaskBench's schemas in an order by hash, each along the tokens of its instances over a real vocabulary: every way to make a
// mask against the plain walk. `npm run fuzz -- oracle [N]` takes the first N (1,000); a seed is a place in that order.
// The vocabulary: the tokenizer.json that ESPALIER_TOKENIZER names, else sprout's. The schemas: ESPALIER_SUITES.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { maskbench } from '../bench/conformance/adapters/maskbench.js';
import { maskbenchRows } from '../bench/maskbench-rows.js';
import { compile } from '../src/compile/index.js';
import { CompileError, LimitError } from '../src/errors.js';
import { Tokenizer } from '../src/tokenizer/index.js';
import { MaskDifference, MaskOracle } from '../test/support/mask-oracle.js';
import { seededRandom } from '../test/support/random-schema.js';

/** Instances of a schema, and positions of an instance, that are compared at most: a plain walk takes milliseconds. */
const MAX_INSTANCES = 3;
const MAX_POSITIONS = 10;

export const oracleCounts = { schemas: 0, refused: 0, instances: 0, positions: 0, limited: 0 };

let loaded: { tokenizer: Tokenizer; oracle: MaskOracle; lines: string[] } | undefined;

function load() {
  if (loaded) return loaded;
  const file =
    process.env.ESPALIER_TOKENIZER ??
    fileURLToPath(new URL('../models/sprout/tokenizer.json', import.meta.url));
  const rows = maskbenchRows();
  if (!rows)
    throw new Error('this fuzzer reads the suite maskbench; name the folder of suites with ESPALIER_SUITES');
  const tokenizer = Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(file, 'utf8')) });
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

function compileOrSkip(source: Parameters<typeof compile>[0], propertyOrder: 'any' | 'schema') {
  try {
    return compile(source, { propertyOrder });
  } catch (error) {
    if (error instanceof CompileError || error instanceof LimitError) return undefined;
    throw error;
  }
}
