// A model read from GGUF is the model that was written: the same logits, and with eight bits nearly.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exportGguf } from '../../../bench/gguf/export.js';
import { ggufModelSpec, readGguf } from '../../../src/engine/gguf/index.js';
import { readModelSpec } from '../../../src/engine/model-folder.js';
import { EMBEDDED_MODEL } from '../../../src/engine/options.js';
import { loadNative, type NativeDtype, type NativeModelSpec } from '../../../src/native/index.js';
import { familyReference, familySpec, largestDifference } from '../../native/engine/families.js';
import { engineOn } from '../../native/engine/harness.js';
import { exportedFamily, exportedNames } from './exported.js';

const addon = loadNative();
// Of the size of the logits, as roots of mean squares: what eight bits of weights and of activations change in models
// this small (measured: 0.022 to 0.063; the more, the more a router's choices change).
const Q8_ERROR = 0.08;

const size = (values: Float32Array): number => Math.hypot(...values);

/** ggml has no key for Gemma's scale of attention; the fixtures' is not the one that it takes. */
function written(name: string, dtype: NativeDtype): NativeModelSpec {
  const { maxPositions, attentionScale } = familySpec(name);
  const spec = ggufModelSpec(readGguf(exportedFamily(name, dtype)), maxPositions);
  return { ...spec, ...(attentionScale ? { attentionScale } : {}) };
}

/** The embedded model: its matrices are wide enough to be cut between blocks. */
function quantizedSprout(): NativeModelSpec {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'sprout.gguf');
  exportGguf(readModelSpec(EMBEDDED_MODEL), path, { architecture: 'llama', dtype: 'Q8_0', metadata: {} });
  return ggufModelSpec(readGguf(path));
}

describe.each(exportedNames)('%s', (name) => {
  const { prompt } = familyReference(name);
  const spec = familySpec(name);

  it('as float32 gives the logits of its safetensors, bit for bit', async () => {
    const { rmsNormEps } = written(name, 'F32'); // a float32 there
    const plain = await addon.logits(await addon.loadModel({ ...spec, rmsNormEps }), prompt, 40);
    const logits = await addon.logits(await addon.loadModel(written(name, 'F32')), prompt, 40);
    expect(rmsNormEps).toBeCloseTo(spec.rmsNormEps, 10);
    expect(largestDifference(logits, plain)).toBe(0);
  });

  it('as Q8_0 gives them nearly, in chunks of any size the same', async () => {
    const model = await addon.loadModel(written(name, 'Q8_0'));
    const plain = await addon.logits(await addon.loadModel(spec), prompt, 40);
    const logits = await addon.logits(model, prompt, 40);
    const difference = size(logits.map((value, i) => value - plain[i]!)) / size(plain);
    console.log(`${name} as Q8_0 (${addon.cpuKernels}): relative difference ${difference}`);
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThanOrEqual(Q8_ERROR);
    for (const chunk of [1, 3, 7, 16, 39])
      expect(Buffer.from((await addon.logits(model, prompt, chunk)).buffer)).toEqual(
        Buffer.from(logits.buffer),
      );
  });
});

describe('Q8_0 shared by two ranks', () => {
  it('gives the logits of one rank nearly, in chunks the same', async () => {
    const model = await addon.loadModel(quantizedSprout());
    const { prompt } = familyReference('qwen2');
    const plain = await addon.logits(await addon.loadModel(readModelSpec(EMBEDDED_MODEL)), prompt, 40);
    const one = await addon.logits(model, prompt, 40);
    const two = await addon.logits(model, prompt, 40, 2);
    const far = (from: Float32Array) => size(two.map((value, i) => value - from[i]!)) / size(from);
    // A last bit of a sum may round an activation to the other of two bytes, and that others: still less than what bytes
    // change at all (measured: 0.010 and 0.017).
    console.log(`sprout as Q8_0 by two ranks: ${far(one)} from one, ${far(plain)} from bfloat16`);
    expect(far(one)).toBeLessThanOrEqual(0.02);
    expect(far(plain)).toBeLessThanOrEqual(0.03);
    expect(largestDifference(await addon.logits(model, prompt, 7, 2), two)).toBe(0);
  });

  it('is refused where a block would be cut', async () => {
    const model = await addon.loadModel(written('qwen2', 'Q8_0'));
    await expect(addon.logits(model, familyReference('qwen2').prompt, 40, 2)).rejects.toMatchObject({
      code: 'tensor_parallel',
      message:
        'tp = 2 cuts blocks of 32 quantised elements in the 32 columns of o_proj of layer 0; this model can have tp = 1',
    });
  });
});

describe('greedy tokens of Q8_0', () => {
  it('are the same through prefill, chunks, decode, a cached prefix and beside others', async () => {
    const { prompt } = familyReference('qwen2');
    const model = await addon.loadModel(written('qwen2', 'Q8_0'));
    const request = { prompt, maxTokens: 24 };
    const plain = engineOn(model, { radixCache: false });
    const chunked = engineOn(model, { chunkedPrefillSize: 5, threads: 1, pageSize: 3 });
    try {
      const { tokens } = await plain.run(request);
      expect(tokens.length).toBe(24);
      expect((await chunked.run(request)).tokens).toEqual(tokens);
      expect((await chunked.run(request)).tokens).toEqual(tokens);
      expect(chunked.engine.stats().cachedTokens).toBeGreaterThan(30);
      const longer = { prompt: Int32Array.of(...prompt, ...tokens.slice(0, 9)), maxTokens: 15 };
      expect((await chunked.run(longer)).tokens).toEqual(tokens.slice(9));
      const others = [1, 9, 30].map((length) => plain.run({ prompt: prompt.slice(-length), maxTokens: 20 }));
      const [beside] = await Promise.all([plain.run(request), ...others]);
      expect(beside.tokens).toEqual(tokens);
    } finally {
      await Promise.all([plain.engine.close(), chunked.engine.close()]);
    }
  });
});
