// Embeddings: what crosses to the native side and what is made of its answer; then with the embedded model.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type EmbedOptions, Engine, MAX_EMBED_INPUTS } from '../../src/engine/index.js';
import { EngineError, ModelError, RequestError } from '../../src/errors.js';
import { FakeAddon } from './fake-addon.js';
import { faultOf, madeModel } from './made-model.js';

async function open(files: Record<string, unknown> = {}) {
  const fake = new FakeAddon();
  const model = madeModel({});
  mkdirSync(join(model, '1_Pooling'));
  for (const [name, value] of Object.entries(files)) writeFileSync(join(model, name), JSON.stringify(value));
  const engine = new Engine({ model, warm: 'none' }, fake.addon);
  onTestFinished(() => engine.close());
  await engine.ready();
  const size = fake.spec!.hiddenSize;
  const answer = async (index: number, values: (i: number) => number) => {
    const { id } = await fake.request(index);
    const embedding = Float32Array.from({ length: size }, (_, i) => values(i));
    fake.finish(id, 'stop', {}, { embedding });
  };
  return { fake, engine, size, answer };
}

const norm = (values: Float32Array) => Math.hypot(...values);

describe('what crosses', () => {
  it('a text, with the tokens that the tokenizer adds, and the answer normalised', async () => {
    const { fake, engine, size, answer } = await open();
    const done = engine.embed('some text', { cacheSalt: 's', priority: 3 });
    const request = await fake.request();
    expect(request).toMatchObject({ maxTokens: 0, pooling: 'mean', cacheSalt: 's', priority: 3 });
    expect(request.prompt).toEqual(await engine.tokenize('some text'));
    await answer(0, (i) => (i === 0 ? 3 : i === 1 ? -4 : 0));
    const { embeddings, usage } = await done;
    expect(embeddings).toHaveLength(1);
    expect([...embeddings[0].slice(0, 3)]).toEqual([0.6, -0.8, 0].map(Math.fround));
    expect(embeddings[0]).toHaveLength(size);
    expect(usage).toEqual({ promptTokens: 4, cachedTokens: 2 });
  });

  it('lists of texts and of tokens, in their order, though they end in another', async () => {
    const { fake, engine, answer } = await open();
    const done = engine.embed(['a', [5, 6], Int32Array.of(7)], { pooling: 'last', normalize: false });
    await answer(2, () => 2);
    await answer(0, () => 0);
    await answer(1, () => 1);
    const { embeddings, usage } = await done;
    expect(embeddings.map((values) => values[0])).toEqual([0, 1, 2]);
    expect(usage).toEqual({ promptTokens: 12, cachedTokens: 6 });
    expect(fake.submitted.map(({ pooling }) => pooling)).toEqual(['last', 'last', 'last']);
    expect([...fake.submitted[1].prompt]).toEqual([5, 6]);
  });

  it('token ids alone are one input', async () => {
    const { fake, engine, answer } = await open();
    const done = engine.embed([5, 6, 7]);
    await answer(0, () => 1);
    expect((await done).embeddings).toHaveLength(1);
    expect([...fake.submitted[0].prompt]).toEqual([5, 6, 7]);
  });

  it('fewer dimensions are cut first, then normalised', async () => {
    const { engine, answer } = await open();
    const cut = engine.embed('a', { dimensions: 2 });
    await answer(0, (i) => [3, 4, 100][i] ?? 1);
    expect([...(await cut).embeddings[0]]).toEqual([0.6, 0.8].map(Math.fround));
    const plain = engine.embed('a', { dimensions: 2, normalize: false });
    await answer(1, (i) => [3, 4, 100][i] ?? 1);
    expect([...(await plain).embeddings[0]]).toEqual([3, 4]);
  });

  it('zeros stay zeros; what is not finite is an error', async () => {
    const { engine, answer, size } = await open();
    const zeros = engine.embed('a');
    await answer(0, () => 0);
    expect((await zeros).embeddings[0]).toEqual(new Float32Array(size));
    const broken = engine.embed('a');
    await answer(1, () => Number.NaN);
    await expect(broken).rejects.toMatchObject({ code: 'engine_error' });
  });
});

describe('the pooling of the folder', () => {
  const pooling = (mode: string) => ({
    '1_Pooling/config.json': { pooling_mode_cls_token: false, [`pooling_mode_${mode}`]: true },
  });
  const modules = (...types: string[]) => ({
    'modules.json': types.map((type) => ({ type: `sentence_transformers.models.${type}` })),
  });

  it.each([
    [pooling('mean_tokens'), 'mean'],
    [pooling('lasttoken'), 'last'],
    [{ ...pooling('lasttoken'), ...modules('Transformer', 'Pooling', 'Normalize') }, 'last'],
  ])('%j', async (files, expected) => {
    const { fake, engine, answer } = await open(files);
    const done = engine.embed('a');
    await answer(0, () => 1);
    await done;
    expect(fake.submitted[0].pooling).toBe(expected);
    const asked = engine.embed('a', { pooling: 'mean' });
    await answer(1, () => 1);
    await asked;
    expect(fake.submitted[1].pooling).toBe('mean');
  });

  it('another one is refused, unless the request names one; and so are further layers', async () => {
    for (const files of [pooling('cls_token'), { '1_Pooling/config.json': {} }]) {
      const { engine } = await open(files);
      const fault = await faultOf(() => engine.embed('a'));
      expect(fault).toBeInstanceOf(RequestError);
      expect(fault).toMatchObject({ code: 'unsupported_pooling', param: 'pooling' });
    }
    const { engine, answer } = await open(modules('Transformer', 'Pooling', 'Dense'));
    expect(await faultOf(() => engine.embed('a'))).toBeInstanceOf(ModelError);
    const named = engine.embed('a', { pooling: 'last' });
    await answer(0, () => 1);
    await named;
  });
});

describe('errors', () => {
  it.each([
    [[], {}, 'inputs'],
    [7, {}, 'inputs'],
    [[{}], {}, 'promptTokens'],
    [[[1, -1]], {}, 'promptTokens'],
    [[[]], {}, 'prompt'],
    ['a', { pooling: 'cls' }, 'pooling'],
    ['a', { dimensions: 0 }, 'dimensions'],
    ['a', { dimensions: 10_000 }, 'dimensions'],
    ['a', { normalize: 1 }, 'normalize'],
    ['a', { maxTokens: 3 }, 'maxTokens'],
    ['a', { cacheSalt: 5 }, 'cacheSalt'],
  ])('%j with %j', async (inputs, options, param) => {
    const { fake, engine } = await open();
    const fault = await faultOf(() => engine.embed(inputs as string, options as EmbedOptions));
    expect(fault).toBeInstanceOf(RequestError);
    expect(fault).toMatchObject({ code: 'invalid_request', param });
    expect(fake.submitted).toEqual([]);
  });

  it('too many inputs', async () => {
    const { engine } = await open();
    const fault = await faultOf(() => engine.embed(Array(MAX_EMBED_INPUTS + 1).fill('a')));
    expect(fault).toMatchObject({ code: 'invalid_request', param: 'inputs' });
    expect(String(fault)).toContain('MAX_EMBED_INPUTS');
  });

  it('an input beyond the context', async () => {
    const { engine } = await open();
    const fault = await faultOf(() => engine.embed([Array(129).fill(1)]));
    expect(fault).toMatchObject({ code: 'context_length_exceeded', param: 'prompt' });
  });

  it('a full queue; what ends one input ends the others', async () => {
    const { fake, engine } = await open();
    fake.refusal = Object.assign(new Error('full'), { code: 'queue_full' });
    const full = await faultOf(() => engine.embed(['a', 'b']));
    expect(full).toBeInstanceOf(EngineError);
    expect(full).toMatchObject({ code: 'queue_full' });
    fake.refusal = undefined;
    fake.aborted.length = 0;
    const done = faultOf(() => engine.embed(['a', 'b', 'c']));
    const { id } = await fake.request(1);
    fake.finish(id, 'error', { error: { code: 'engine_error', message: 'broken' } });
    expect(await done).toMatchObject({ code: 'engine_error', message: 'broken' });
    expect(new Set(fake.aborted)).toEqual(new Set(fake.submitted.map((request) => request.id)));
  });

  it('a signal ends all of them, also one that was given aborted', async () => {
    const { fake, engine } = await open();
    const control = new AbortController();
    const done = faultOf(() => engine.embed(['a', 'b'], { signal: control.signal }));
    await fake.request(1);
    control.abort();
    expect(await done).toMatchObject({ code: 'aborted' });
    expect(await faultOf(() => engine.embed('a', { signal: control.signal }))).toMatchObject({
      code: 'aborted',
    });
  });

  it('closing', async () => {
    const { fake, engine } = await open();
    const done = faultOf(() => engine.embed('a'));
    await fake.request();
    await engine.close();
    expect(await done).toMatchObject({ code: 'engine_closed' });
    expect(await faultOf(() => engine.embed('a'))).toMatchObject({ code: 'engine_closed' });
  });
});

it('with the embedded model: alike texts are alike, whatever else runs', async () => {
  await using engine = new Engine({ threads: 1 });
  const texts = ['{"name": "Ann"}', '{"name": "Bob"}', 'SELECT a FROM b', ''.padEnd(2000, 'long text ')];
  const { embeddings, usage } = await engine.embed(texts);
  for (const values of embeddings) expect(norm(values)).toBeCloseTo(1, 5);
  const dot = (a: number, b: number) =>
    embeddings[a].reduce((sum, value, i) => sum + value * embeddings[b][i], 0);
  expect(dot(0, 1)).toBeGreaterThan(dot(0, 2));
  const [alone, count] = [await engine.embed(texts[3]), await engine.tokenize(texts[3])];
  expect(alone.embeddings[0]).toEqual(embeddings[3]);
  expect(alone.usage.promptTokens).toBe(count.length);
  expect(usage.cachedTokens).toBe(0);
  const generating = engine.generate({ prompt: texts[3], maxTokens: 20 });
  expect((await engine.embed(texts)).embeddings).toEqual(embeddings);
  expect((await generating).tokens).toEqual(
    (await engine.generate({ prompt: texts[3], maxTokens: 20 })).tokens,
  );
});
