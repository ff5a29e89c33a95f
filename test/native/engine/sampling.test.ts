// Penalties, biases, minTokens and log-probabilities through the native engine, against the model's own logits.
import { afterAll, describe, expect, it } from 'vitest';
import type { NativeRequest } from '../../../src/native/index.js';
import { addon, greedy, type Harness, harness, model } from './harness.js';
import { reference } from './tiny-llama.js';

const { prompt } = reference('plain');
const vocabSize = 203;

/** The logits after a text. */
async function logitsAfter(tokens: ArrayLike<number>): Promise<Float32Array> {
  const all = await addon.logits(await model('plain'), Int32Array.from(tokens), 64);
  return all.subarray(all.length - vocabSize);
}

const highest = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

/** Greedy decoding, one whole pass a token, with logits changed by `change`. */
async function decode(count: number, change: (logits: Float32Array, output: readonly number[]) => void) {
  const output: number[] = [];
  while (output.length < count) {
    const logits = (await logitsAfter([...prompt, ...output])).slice();
    change(logits, output);
    output.push(highest(logits));
  }
  return output;
}

describe.each([{ overlap: false }, { overlap: true }])('with overlap: $overlap,', ({ overlap }) => {
  const opened: Harness[] = [];
  const run = async (request: Partial<NativeRequest>) => {
    const started = await harness({ overlap });
    opened.push(started);
    return started.run({ prompt, maxTokens: 12, ...request });
  };
  afterAll(() => Promise.all(opened.map(({ engine }) => engine.close())));

  it('penalises what prompt and output hold', async () => {
    const penalties = { repetitionPenalty: 1.5, frequencyPenalty: 0.75, presencePenalty: 0.5 };
    const expected = await decode(12, (logits, output) => {
      for (const token of new Set([...prompt, ...output]))
        logits[token] = logits[token]! > 0 ? logits[token]! / 1.5 : logits[token]! * 1.5;
      for (const token of new Set(output))
        logits[token]! -= 0.75 * output.filter((other) => other === token).length + 0.5;
    });
    const { tokens } = await run({ sampling: { ...greedy, ...penalties } });
    expect(tokens).toEqual(expected);
    expect(tokens).not.toEqual((await run({})).tokens);
  });

  it('adds biases', async () => {
    const plain = (await run({})).tokens;
    const logitBias = { tokens: Int32Array.of(plain[0]!, 17), biases: Float32Array.of(-50, 2.5) };
    const expected = await decode(12, (logits) => {
      logits[plain[0]!]! -= 50;
      logits[17]! += 2.5;
    });
    expect((await run({ logitBias })).tokens).toEqual(expected);
    const forced = { tokens: Int32Array.of(9), biases: Float32Array.of(100) };
    expect((await run({ logitBias: forced, maxTokens: 3 })).tokens).toEqual([9, 9, 9]);
  });

  it('keeps stop tokens away until minTokens', async () => {
    const plain = (await run({})).tokens;
    const stopTokens = Int32Array.of(plain[0]!);
    expect((await run({ stopTokens })).tokens).toEqual([]);
    const expected = await decode(4, (logits) => {
      logits[plain[0]!] = Number.NEGATIVE_INFINITY;
    });
    const { tokens } = await run({ stopTokens, minTokens: 4, maxTokens: 4 });
    expect(tokens).toEqual(expected);
    const bias = { tokens: stopTokens, biases: Float32Array.of(100) };
    const later = await run({ stopTokens, minTokens: 4, logitBias: bias });
    expect(later.tokens).toEqual(expected);
    expect(later.finish).toMatchObject({ reason: 'stop', stopToken: plain[0] });
  });

  it('reports log-probabilities of the model as it is', async () => {
    const { tokens, logprobs, alternatives, alternativeLogprobs } = await run({
      logprobs: 3,
      maxTokens: 6,
      sampling: { ...greedy, temperature: 1.4, seed: 5, frequencyPenalty: 1 },
    });
    expect(logprobs).toHaveLength(6);
    expect(alternatives).toHaveLength(18);
    for (let i = 0; i < 6; i++) {
      const logits = await logitsAfter([...prompt, ...tokens.slice(0, i)]);
      const sum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
      const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
      expect(logprobs[i]).toBeCloseTo(logits[tokens[i]!]! - sum, 4);
      expect(alternatives.slice(3 * i, 3 * i + 3)).toEqual(order.slice(0, 3));
      for (let k = 0; k < 3; k++)
        expect(alternativeLogprobs[3 * i + k]).toBeCloseTo(logits[order[k]!]! - sum, 4);
    }
    expect((await run({})).logprobs).toEqual([]);
  });

  it('refuses what makes no sense, by name', async () => {
    const { engine, run: submit } = await harness({ overlap });
    const bias = (token: number, value: number) => ({
      logitBias: { tokens: Int32Array.of(token), biases: Float32Array.of(value) },
    });
    const refusals: [Partial<NativeRequest>, RegExp][] = [
      [{ sampling: { ...greedy, repetitionPenalty: 0 } }, /repetitionPenalty/],
      [{ sampling: { ...greedy, frequencyPenalty: Number.NaN } }, /frequencyPenalty/],
      [bias(vocabSize, 1), /logitBias/],
      [bias(1, Number.NaN), /logitBias/],
      [{ logitBias: { tokens: Int32Array.of(1), biases: new Float32Array(0) } }, /logitBias/],
      [{ minTokens: 2, stopTokens: Int32Array.of(vocabSize) }, /stop token 203/],
      [{ logprobs: 21 }, /logprobs/],
    ];
    for (const [request, message] of refusals) expect(() => submit(request)).toThrow(message);
    await engine.close();
  });
});
