// What the engine samples against the exact distribution: the softmax of the model's logits after penalties, bias and
// temperature, cut by top-k, top-p and min-p in this order (Pearson's chi-square over many seeds).
import { afterAll, describe, expect, it } from 'vitest';
import type { NativeRequest, NativeSampling } from '../../../src/native/index.js';
import { addon, greedy, type Harness, harness, model } from './harness.js';
import { reference } from './tiny-llama.js';

const DRAWS = 4000;
const vocabSize = 203;
const prompt = reference('plain').prompt.subarray(0, 12);

type Setting = Partial<NativeSampling> & { readonly bias?: Readonly<Record<number, number>> };

/** The definition, by sorting. */
function distribution(logits: Float32Array, setting: Setting): Map<number, number> {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1, bias = {} } = setting;
  const adjusted = Array.from(logits, (logit, token) => {
    const seen = repetitionPenalty !== 1 && prompt.includes(token);
    const penalised = !seen ? logit : logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    return (penalised + (bias[token] ?? 0)) / temperature;
  });
  const total = adjusted.reduce((sum, value) => sum + Math.exp(value), 0);
  let kept = adjusted
    .map((value, token) => ({ token, p: Math.exp(value) / total }))
    .sort((a, b) => b.p - a.p);
  if (topK > 0) kept = kept.slice(0, topK);
  let before = 0;
  kept = kept.filter(({ p }) => {
    const keeps = before <= topP;
    before += p;
    return keeps;
  });
  kept = kept.filter(({ p }) => p >= minP * kept[0]!.p);
  const mass = kept.reduce((sum, { p }) => sum + p, 0);
  return new Map(kept.map(({ token, p }) => [token, p / mass]));
}

/** Pearson's statistic and its degrees of freedom, tokens that are expected less than five times taken together. */
function chiSquare(seen: ReadonlyMap<number, number>, expected: ReadonlyMap<number, number>) {
  let [statistic, bins, rareSeen, rareExpected] = [0, 0, 0, 0];
  for (const [token, p] of expected) {
    const [found, mean] = [seen.get(token) ?? 0, p * DRAWS];
    if (mean < 5) {
      rareSeen += found;
      rareExpected += mean;
    } else {
      statistic += (found - mean) ** 2 / mean;
      bins++;
    }
  }
  if (rareExpected > 0) statistic += (rareSeen - rareExpected) ** 2 / rareExpected;
  return { statistic, freedom: bins + (rareExpected > 0 ? 1 : 0) - 1 };
}

describe('sampling follows the exact distribution', () => {
  let opened: Harness | undefined;
  afterAll(() => opened?.engine.close());
  const settings: Setting[] = [
    { temperature: 1 },
    { temperature: 0.6 },
    { temperature: 1.5, topK: 12 },
    { temperature: 1, topP: 0.6 },
    { temperature: 1, minP: 0.2 },
    { temperature: 0.9, topK: 30, topP: 0.8, minP: 0.05 },
    { temperature: 1, repetitionPenalty: 1.6, bias: { 3: 2, 5: 3, 7: -4 } },
  ];

  it.each(settings)('under %j', async (setting) => {
    opened ??= await harness({ maxRunning: 64, maxQueued: DRAWS });
    const all = await addon.logits(await model('plain'), prompt, 64);
    const expected = distribution(all.subarray(all.length - vocabSize), setting);
    const { bias, ...sampling } = setting;
    const logitBias: Partial<NativeRequest> = bias
      ? {
          logitBias: {
            tokens: Int32Array.from(Object.keys(bias), Number),
            biases: Float32Array.from(Object.values(bias)),
          },
        }
      : {};
    const outcomes = await Promise.all(
      Array.from({ length: DRAWS }, (_, seed) =>
        opened!.run({ prompt, maxTokens: 1, sampling: { ...greedy, ...sampling, seed }, ...logitBias }),
      ),
    );
    const seen = new Map<number, number>();
    for (const { tokens } of outcomes) seen.set(tokens[0]!, (seen.get(tokens[0]!) ?? 0) + 1);
    for (const token of seen.keys()) expect(expected.has(token)).toBe(true);
    const { statistic, freedom } = chiSquare(seen, expected);
    const bound = freedom + 5 * Math.sqrt(2 * freedom); // passed once in more than 10,000 times
    expect(statistic).toBeLessThan(bound);
    // The bound can be passed: the same counts are no sample of the distribution at another temperature.
    const other = distribution(all.subarray(all.length - vocabSize), {
      ...setting,
      temperature: 1.5 * (setting.temperature ?? 1),
    });
    expect(chiSquare(seen, other).statistic).toBeGreaterThan(bound);
  });
});
