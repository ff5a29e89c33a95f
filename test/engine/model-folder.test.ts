// Broken model folders: each fault is a ModelError that names the file, and nothing is half loaded.
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { EMBEDDED_MODEL, Engine } from '../../src/engine/index.js';
import { readModelFolder } from '../../src/engine/model-folder.js';
import { readSafetensorsHeader } from '../../src/engine/safetensors.js';
import { ModelError, TokenizerError } from '../../src/errors.js';

const root = mkdtempSync(join(tmpdir(), 'espalier-model-'));
const folder = join(root, 'model');
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(EMBEDDED_MODEL, folder, {
    recursive: true,
    filter: (source) => !/(train|eval)$/.test(source),
  });
});

const failure = (code: string, pattern: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(pattern) });
const editConfig = (change: Record<string, unknown>) => {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
};

/** A safetensors file with this header text and this many bytes of data. */
function writeSafetensors(header: string, data: number): string {
  const path = join(folder, 'model.safetensors');
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  writeFileSync(path, Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(data)]));
  return path;
}

describe('a model folder', () => {
  it('keeps its tokenizer in the cache folder of the option, and says so', async () => {
    const cache = join(root, 'cache');
    const states: string[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const engine = new Engine({ model: folder, cache });
      states.push((await engine.ready()).tokenizerCache.state);
      expect((await engine.generate({ prompt: 'a', maxTokens: 2 })).usage.outputTokens).toBeGreaterThan(0);
      await engine.close();
    }
    expect(states).toEqual(['written', 'loaded']);
    expect(() => new Engine({ model: folder, cache: 3 as never })).toThrow(/option 'cache'/);
  });

  it('is read whole', () => {
    const { spec, tokenizer, id } = readModelFolder(folder);
    expect(id).toBe('model');
    expect(spec.tensors.length).toBeGreaterThan(spec.layers * 9);
    expect(tokenizer.vocabSize).toBe(spec.vocabSize);
  });

  it('that does not exist, or holds no model, is said so', async () => {
    expect(() => readModelFolder(join(root, 'nowhere'))).toThrow(failure('model_not_found', /nowhere/));
    expect(() => readModelFolder(root)).toThrow(failure('model_not_found', /config\.json/));
    const engine = new Engine({ model: join(root, 'nowhere') });
    await expect(engine.ready()).rejects.toThrow(ModelError);
    await expect(engine.generate({ prompt: 'x' })).rejects.toThrow(failure('model_not_found', /nowhere/));
    await engine.close();
  });

  it('whose weights are truncated anywhere is refused before they are mapped', () => {
    const path = join(folder, 'model.safetensors');
    truncateSync(path, 10_000_000);
    expect(() => readModelFolder(folder)).toThrow(
      failure('weights_truncated', /model\.safetensors.*10000000/),
    );
    truncateSync(path, 100);
    expect(() => readModelFolder(folder)).toThrow(failure('weights_truncated', /inside its header/));
    truncateSync(path, 3);
    expect(() => readModelFolder(folder)).toThrow(failure('weights_truncated', /inside its header/));
    rmSync(path);
    expect(() => readModelFolder(folder)).toThrow(failure('weights_missing', /model\.safetensors/));
  });

  it('with a broken weights header is refused by name', () => {
    const tensor = (over: object) =>
      JSON.stringify({ t: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...over } });
    const read =
      (header: string, data = 8) =>
      () =>
        readSafetensorsHeader(writeSafetensors(header, data));
    expect(read(tensor({}))()).toEqual([expect.objectContaining({ name: 't', dtype: 'F32', shape: [2] })]);
    expect(read('{')).toThrow(failure('weights_invalid', /not JSON/));
    expect(read('[]')).toThrow(failure('weights_invalid', /not an object/));
    expect(read(tensor({ shape: [-1] }))).toThrow(failure('weights_invalid', /'t' has no valid shape/));
    expect(read(tensor({ shape: [3] }))).toThrow(failure('weights_invalid', /needs 12 bytes, has 8/));
    expect(read(tensor({ dtype: 'I64' }))).toThrow(failure('unsupported_dtype', /I64/));
    expect(read(tensor({ data_offsets: [8, 0] }))).toThrow(failure('weights_invalid', /data_offsets/));
    expect(read(tensor({}), 7)).toThrow(failure('weights_truncated', /fetch it again/));
    const twice = JSON.parse(tensor({}));
    twice.u = { dtype: 'F32', shape: [1], data_offsets: [4, 8] };
    expect(read(JSON.stringify(twice))).toThrow(failure('weights_invalid', /'t' and 'u' overlap/));
  });

  it('of another architecture or with settings that are not supported is refused by name', () => {
    editConfig({ architectures: ['GPT2LMHeadModel'] });
    expect(() => readModelFolder(folder)).toThrow(
      failure('unsupported_architecture', /GPT2LMHeadModel.*LlamaForCausalLM/),
    );
    editConfig({ architectures: ['LlamaForCausalLM'], attention_bias: 1 });
    expect(() => readModelFolder(folder)).toThrow(failure('config_invalid', /attention_bias/));
    editConfig({ attention_bias: false, rope_scaling: { rope_type: 'spiral', factor: 2 } });
    expect(() => readModelFolder(folder)).toThrow(failure('unsupported_config', /spiral/));
    editConfig({ rope_scaling: null, hidden_size: 'wide' });
    expect(() => readModelFolder(folder)).toThrow(failure('config_invalid', /hidden_size/));
    writeFileSync(join(folder, 'config.json'), '{"architectures": ');
    expect(() => readModelFolder(folder)).toThrow(failure('invalid_json', /config\.json/));
  });

  it('whose tensors do not fit its config is refused natively, and the process lives', async () => {
    editConfig({ intermediate_size: 8 });
    const engine = new Engine({ model: folder });
    await expect(engine.ready()).rejects.toThrow(/mlp/);
    await engine.close();
  });

  it('without a usable tokenizer is refused by name', () => {
    rmSync(join(folder, 'tokenizer.json'));
    expect(() => readModelFolder(folder)).toThrow(failure('tokenizer_missing', /tokenizer\.json/));
    writeFileSync(join(folder, 'tokenizer.json'), '{}');
    expect(() => readModelFolder(folder)).toThrow(TokenizerError);
  });

  it('in shards is read by its index', () => {
    copyFileSync(join(folder, 'model.safetensors'), join(folder, 'model-00001-of-00001.safetensors'));
    rmSync(join(folder, 'model.safetensors'));
    const index = join(folder, 'model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ weight_map: { a: 'model-00001-of-00001.safetensors' } }));
    expect(readModelFolder(folder).spec.files).toEqual([join(folder, 'model-00001-of-00001.safetensors')]);
    writeFileSync(index, JSON.stringify({ weight_map: { a: '../outside.safetensors' } }));
    expect(() => readModelFolder(folder)).toThrow(failure('weights_invalid', /outside the folder/));
  });
});
