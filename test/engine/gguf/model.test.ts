// A model read from GGUF is the model that was written: the same description, the same logits.
import { describe, expect, it } from 'vitest';
import { ggufModelSpec, readGguf } from '../../../src/engine/gguf/index.js';
import { loadNative } from '../../../src/native/index.js';
import { familyReference, familySpec, largestDifference } from '../../native/engine/families.js';
import { exportedFamily, exportedNames } from './exported.js';

const addon = loadNative();

describe.each(exportedNames)('%s', (name) => {
  const { prompt } = familyReference(name);

  it('as float32 gives the logits of its safetensors, bit for bit', async () => {
    const written = ggufModelSpec(readGguf(exportedFamily(name, 'F32')), familySpec(name).maxPositions);
    const plain = await addon.logits(await addon.loadModel(familySpec(name)), prompt, 40);
    const logits = await addon.logits(await addon.loadModel(written), prompt, 40);
    expect(largestDifference(logits, plain)).toBe(0);
  });
  it('q8', async () => {
    const written = ggufModelSpec(readGguf(exportedFamily(name, 'Q8_0')), familySpec(name).maxPositions);
    const plain = await addon.logits(await addon.loadModel(familySpec(name)), prompt, 40);
    const model = await addon.loadModel(written);
    const logits = await addon.logits(model, prompt, 40);
    console.log(name, new Set(written.tensors.map((t) => t.dtype)), largestDifference(logits, plain));
    for (const chunk of [1, 3, 7, 16, 39])
      expect(Buffer.from((await addon.logits(model, prompt, chunk)).buffer)).toEqual(Buffer.from(logits.buffer));
  });
});
