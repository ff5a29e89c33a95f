// Models of several families on one GPU, in their published shapes with random weights: decode by batch and prefill through
// the public API. Prints a table; docs/cuda.md has one run's.
import { rmSync } from 'node:fs';
import { Engine } from '../../src/engine/index.js';
import { FAMILY_SHAPES } from '../gpu/family-shapes.js';
import { freshPrompts, timed, warm } from '../gpu/load.js';
import { writeFolder } from '../gpu/model.js';
import type { BenchOptions } from '../options.js';

export const name = 'gpu-families';
export const description = 'shapes of several families on one GPU: decode and prefill';

const BATCHES = [1, 16, 64, 256];
const ends = { ignoreEos: true };

export async function run({ quick, only, log }: BenchOptions): Promise<Record<string, unknown>> {
  const figures: Record<string, Record<string, number>> = {};
  for (const [family, config] of Object.entries(FAMILY_SHAPES)) {
    if (only && !only.includes(family)) continue;
    const folder = writeFolder(config);
    try {
      await using engine = new Engine({
        model: folder,
        loadFormat: 'dummy',
        device: 'cuda',
        dtype: 'bfloat16',
        maxRunning: 256,
        chunkedPrefillSize: 16_384,
      });
      await engine.generate({ promptTokens: [1, 2, 3], maxTokens: 1, ...ends });
      await warm(engine);
      figures[family] = await measure(engine, quick ? BATCHES.slice(0, 2) : BATCHES);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const cells = Object.entries(figures[family]).map(([key, value]) => `${key} ${value.toFixed(0)}`);
    log(`${family}: ${cells.join(', ')} tok/s`);
  }
  return figures;
}

/** Tokens a second: of decode, by the time of 128 output tokens less that of one, after prompts of 512. */
async function measure(engine: Engine, batches: readonly number[]): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const batch of batches) {
    const prompts = freshPrompts(batch, 512);
    await timed(engine, prompts, { maxTokens: 128, ...ends });
    await timed(engine, prompts, { maxTokens: 1, ...ends });
    const one = await timed(engine, prompts, { maxTokens: 1, ...ends });
    const all = await timed(engine, prompts, { maxTokens: 128, ...ends });
    figures[`decode_b${batch}`] = (127 * batch) / (all.seconds - one.seconds);
  }
  await timed(engine, freshPrompts(8, 2048), { maxTokens: 1, ...ends });
  const { seconds } = await timed(engine, freshPrompts(8, 2048), { maxTokens: 1, ...ends });
  figures.prefill = (8 * 2048) / seconds;
  return figures;
}
