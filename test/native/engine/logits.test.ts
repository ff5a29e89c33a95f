// The forward pass against transformers, and against itself in other chunk sizes, element types and kernels.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadNative, type NativeModelSpec } from '../../../src/native/index.js';
import { familySpec } from './families.js';
import { fromF16, reference, repacked, specFor, toF16 } from './tiny-llama.js';

const addon = loadNative();
const names = ['plain', 'bf16', 'llama3'] as const;
// Logits reach 6.4 in size; float32 sums in another order differ by up to 2e-5 (measured).
const MAX_ERROR = 5e-5;

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('logits', () => {
  it.each(names)('of %s equal the reference within 5e-5, in one chunk', async (name) => {
    const expected = reference(name);
    const model = await addon.loadModel(specFor(name));
    const logits = await addon.logits(model, expected.prompt, expected.prompt.length);
    const difference = largestDifference(logits, expected.logits);
    console.log(`${name} (${addon.cpuKernels}): largest difference ${difference}`);
    expect(difference).toBeLessThanOrEqual(MAX_ERROR);
  });

  it.each(names)('of %s are bit for bit the same in chunks of any size', async (name) => {
    const { prompt } = reference(name);
    const model = await addon.loadModel(specFor(name));
    const whole = await addon.logits(model, prompt, 40);
    for (const chunk of [1, 2, 7, 16, 39, 1000])
      expect(Buffer.from((await addon.logits(model, prompt, chunk)).buffer)).toEqual(
        Buffer.from(whole.buffer),
      );
  });

  it('of float16 weights equal those of the same values as float32', async () => {
    const half = repacked(specFor('plain'), 'F16', toF16);
    const source = readFileSync(half.files[0]!);
    const wide = Buffer.alloc(source.length * 2);
    const tensors = half.tensors.map((tensor) => {
      const size = tensor.shape.reduce((a, b) => a * b, 1);
      for (let i = 0; i < size; ++i)
        wide.writeFloatLE(
          fromF16(source.readUInt16LE(tensor.offset + 2 * i)),
          2 * (tensor.offset - 1) + 4 * i,
        );
      return { ...tensor, dtype: 'F32' as const, offset: 2 * (tensor.offset - 1) };
    });
    const file = `${half.files[0]}.f32`;
    writeFileSync(file, wide);
    const { prompt } = reference('plain');
    const a = await addon.logits(await addon.loadModel(half), prompt, 7);
    const b = await addon.logits(await addon.loadModel({ ...half, files: [file], tensors }), prompt, 40);
    expect(largestDifference(a, b)).toBe(0);
  });

  it.each(['scalar', 'avx2'])('of the %s kernels equal the reference too', (kernels) => {
    const script = `
      import { loadNative } from './src/native/index.ts';
      import { reference, specFor } from './test/native/engine/tiny-llama.ts';
      const addon = loadNative();
      const out = { kernels: addon.cpuKernels, errors: [], same: true };
      for (const name of ${JSON.stringify(names)}) {
        const { prompt, logits } = reference(name);
        const model = await addon.loadModel(specFor(name));
        const whole = await addon.logits(model, prompt, 40);
        const parts = await addon.logits(model, prompt, 3);
        out.errors.push(whole.reduce((most, value, i) => Math.max(most, Math.abs(value - logits[i])), 0));
        out.same &&= whole.every((value, i) => value === parts[i]);
      }
      console.log(JSON.stringify(out));`;
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const env = { ...process.env, ESPALIER_CPU_KERNELS: kernels };
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const out = JSON.parse(execFileSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' }));
    if (out.kernels !== kernels) console.log(`this processor has no ${kernels}; it ran ${out.kernels}`);
    expect(out.same).toBe(true);
    for (const error of out.errors) expect(error).toBeLessThanOrEqual(MAX_ERROR);
  });
});

describe('loadModel', () => {
  const spec = specFor('plain');
  const without = (name: string): NativeModelSpec => ({
    ...spec,
    tensors: spec.tensors.filter((tensor) => tensor.name !== name),
  });

  it.each([
    [
      without('model.layers.1.mlp.up_proj.weight'),
      'model_tensor',
      /layers\.1\.mlp\.up_proj\.weight is missing .*\[72, 64\]/,
    ],
    [without('lm_head.weight'), 'model_tensor', /lm_head\.weight is missing/],
    [
      { ...spec, hiddenSize: 32 },
      'model_tensor',
      /embed_tokens\.weight has shape \[203, 64\], expected \[203, 32\]/,
    ],
    [{ ...spec, layers: 3 }, 'model_tensor', /layers\.2\.input_layernorm\.weight is missing/],
    [{ ...spec, kvHeads: 3 }, 'model_config', /heads \(4\) is not a multiple of kvHeads \(3\)/],
    [{ ...spec, headDim: 0 }, 'model_config', /headDim = 0/],
    [{ ...spec, files: ['/nowhere/model.safetensors'] }, 'model_file', /cannot open \/nowhere/],
    [{ ...spec, files: [] }, 'model_tensor', /in file 0, but there are 0 files/],
    [
      { ...spec, tensors: spec.tensors.map((tensor) => ({ ...tensor, offset: tensor.offset + 1e6 })) },
      'model_file',
      /needs bytes/,
    ],
    [
      {
        ...spec,
        ropeScaling: {
          kind: 'llama3' as const,
          factor: 8,
          lowFreqFactor: 4,
          highFreqFactor: 1,
          originalMaxPositions: 32,
        },
      },
      'model_config',
      /lowFreqFactor/,
    ],
  ])('refuses a broken spec by name (%#)', async (broken, code, message) => {
    await expect(addon.loadModel(broken)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [
      'qwen2',
      { qkvBias: false },
      'model_tensor',
      /[qkv]_proj\.bias is there, but this decoder has no place for it/,
    ],
    ['qwen3', { qkNorm: false }, 'model_tensor', /(q|k)_norm\.weight is there/],
    ['mistral', { outputBias: true }, 'model_tensor', /o_proj\.bias is missing/],
    ['mistral', { layerKinds: [{}] }, 'model_config', /layerKinds describes 1 of 2 layers/],
    ['mistral', { ropeSize: 13 }, 'model_config', /ropeSize \(13\) is odd/],
    ['mistral', { ropeSize: 14 }, 'model_config', /ropeSize is larger than headDim/],
    ['gemma2', { activation: 'relu' }, 'model_config', /activation 'relu' is not one of silu, gelu-tanh/],
    ['gemma2', { logitSoftCap: -1 }, 'model_config', /soft caps/],
    ['deepseek-v3', { kvHeads: 2 }, 'model_config', /latent attention has one KV head/],
    ['deepseek-v3', { qkvBias: true }, 'model_config', /latent attention has neither biases/],
  ])('refuses a broken spec of %s by name (%#)', async (name, change, code, message) => {
    const broken = { ...familySpec(name), ...change } as NativeModelSpec;
    await expect((async () => addon.loadModel(broken))()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [{ groups: 3 }, /not a multiple/],
    [{ groupsKept: 5 }, /groupsKept/],
    [{ groupMembers: 3 }, /groupMembers/],
  ])('refuses experts that cannot be chosen: %j', async (change, message) => {
    const spec = familySpec('deepseek-v3');
    const experts = { ...spec.experts!, router: { ...spec.experts!.router, ...change } };
    await expect(addon.loadModel({ ...spec, experts })).rejects.toMatchObject({
      code: 'model_config',
      message: expect.stringMatching(message),
    });
    const nobody = { ...spec, experts, layerKinds: spec.layerKinds!.map(() => ({})) };
    await expect(addon.loadModel(nobody)).rejects.toMatchObject({ code: 'model_config' });
    const tooMany = { ...spec, experts: { ...spec.experts!, perToken: 5 } };
    await expect(addon.loadModel(tooMany)).rejects.toMatchObject({
      message: expect.stringMatching(/perToken/),
    });
  });

  it.each(['gemma3', 'qwen2-moe', 'deepseek-v2'])('makes random weights for %s', async (name) => {
    const random = await addon.loadModel({ ...familySpec(name), random: 'host', files: [], tensors: [] });
    const logits = await addon.logits(random, Int32Array.of(1, 2, 3), 3);
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(new Set(logits).size).toBeGreaterThan(250);
  });

  it('refuses what is no spec, no model and no token', async () => {
    expect(() => addon.loadModel(null as never)).toThrow(expect.objectContaining({ code: 'bad_request' }));
    expect(() => addon.logits({} as never, Int32Array.of(1), 1)).toThrow(/not a model handle/);
    const model = await addon.loadModel(spec);
    for (const tokens of [[], [-1], [203]])
      expect(() => addon.logits(model, Int32Array.from(tokens), 1)).toThrow(
        expect.objectContaining({ code: 'bad_request' }),
      );
  });
});
