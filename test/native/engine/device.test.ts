// An engine that is asked to compute on CUDA where no library is: refused by name, and the CPU goes on as before.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { familyNames, familySpec } from './families.js';
import { defaults } from './harness.js';
import { specFor } from './tiny-llama.js';

const addon = fileURLToPath(new URL('../../../build/native/espalier.node', import.meta.url));

// In a process of its own: the library is looked for once, where the environment says.
function outcome(library: string, options: object, spec: object = specFor('plain')): string {
  const program = `
    const addon = require(${JSON.stringify(addon)});
    addon.loadModel(${JSON.stringify(spec)}).then(async (model) => {
      try {
        const engine = addon.createEngine(model, ${JSON.stringify({ ...defaults, ...options })}, () => {});
        await engine.close();
        console.log('opened');
      } catch (error) {
        console.log(error.code + ': ' + error.message);
      }
    });`;
  const env = { ...process.env, ESPALIER_CUDA_LIBRARY: library };
  return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', env }).stdout.trim();
}

it('refuses CUDA where its library cannot be opened', () => {
  expect(outcome('/no/such/library.so', { device: 'cuda' })).toMatch(/^no_device: .*\/no\/such\/library\.so/);
  expect(outcome(addon, { device: 'cuda' })).toMatch(/^no_device: .*another version/);
  expect(outcome('/no/such/library.so', {})).toBe('opened');
});

it('refuses a device it does not know', () => {
  expect(outcome('', { device: 'abacus' })).toMatch(/^bad_request: .*abacus/);
});

it('takes every family: only the library is missing', () => {
  for (const name of familyNames)
    expect(outcome('/no/such/library.so', { device: 'cuda' }, familySpec(name)), name).toMatch(
      /^no_device: /,
    );
});

it.each([
  [{ headDim: 320 }, /heads of more than 256 elements/],
  [{ hiddenSize: 36 }, /hidden size of 36/],
])('refuses a model that CUDA does not compute: %j', (change, reason) => {
  const spec = { ...specFor('plain'), files: [], tensors: [], random: 'device', ...change };
  const outcomeOnCuda = outcome('/no/such/library.so', { device: 'cuda' }, spec);
  expect(outcomeOnCuda).toMatch(/^unsupported_model: the CUDA back end has no /);
  expect(outcomeOnCuda).toMatch(reason);
});
