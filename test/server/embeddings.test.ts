// POST /v1/embeddings over a scripted engine: what reaches the engine, and what clients read; the real openai client among them.
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/index.js';
import { EngineError, RequestError } from '../../src/errors.js';
import { serve } from '../../src/server/index.js';
import { start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/embeddings';
// As the scripted engine makes them: float32.
const vector = (index: number) => [index, Math.fround(0.1), Math.fround(-1e-9)];

describe('the body', () => {
  it.each([
    ['one text', ['one text']],
    [
      ['two', 'texts'],
      ['two', 'texts'],
    ],
    [[1, 2, 3], [[1, 2, 3]]],
    [
      [[1, 2], [3]],
      [[1, 2], [3]],
    ],
  ])('input %j', async (input, inputs) => {
    const { engine, post } = await start();
    const answer = await post(path, { model: 'x', input, user: 'somebody' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      object: 'list',
      data: inputs.map((_, index) => ({ object: 'embedding', index, embedding: vector(index) })),
      model: 'fake-1',
      usage: { prompt_tokens: inputs.length, total_tokens: inputs.length },
    });
    expect(engine.embedded[0].inputs).toEqual(inputs);
  });

  it('its options', async () => {
    const { engine, post } = await start();
    await post(path, { input: 'a', dimensions: 2, pooling: 'last', cache_salt: 's', priority: 4 });
    const { signal, ...options } = engine.embedded[0].options;
    expect(options).toEqual({ dimensions: 2, pooling: 'last', cacheSalt: 's', priority: 4 });
    expect(signal).toBeInstanceOf(AbortSignal);
    await post(path, { input: 'a', dimensions: null, pooling: null, encoding_format: null });
    expect(Object.keys(engine.embedded[1].options)).toEqual(['signal']);
  });

  it('base64 holds little-endian float32', async () => {
    const { post } = await start();
    const answer = await (await post(path, { input: ['a', 'b'], encoding_format: 'base64' })).json();
    const bytes = Buffer.from(answer.data[1].embedding, 'base64');
    expect([0, 4, 8].map((at) => bytes.readFloatLE(at))).toEqual(vector(1));
    expect(bytes).toHaveLength(12);
  });

  it.each([
    [{}, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: [[]] }, 'input[0]'],
    [{ input: ['a', 1] }, 'input'],
    [{ input: [1, [2]] }, 'input'],
    [{ input: [-1] }, 'input[0]'],
    [{ input: Array(6).fill('a') }, 'input'],
    [{ input: 'a', dimensions: 0 }, 'dimensions'],
    [{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
    [{ input: 'a', pooling: 'cls' }, 'pooling'],
  ])('refuses %j', async (body, param) => {
    const { engine, post } = await start({}, { maxBatch: 5 });
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toMatchObject({ type: 'invalid_request_error', param });
    expect(engine.embedded).toEqual([]);
  });
});

describe('errors of the engine', () => {
  it.each([
    [new RequestError('context_length_exceeded', 'prompt: has 600 tokens', 'prompt'), 400, 'input'],
    [new RequestError('invalid_request', 'dimensions: too many', 'dimensions'), 400, 'dimensions'],
    [new EngineError('queue_full', 'full'), 429, null],
    [new EngineError('aborted', 'ended'), 503, null],
    [new EngineError('engine_error', 'broken'), 500, null],
  ])('%s', async (error, status, param) => {
    const { post } = await start({ error });
    const answer = await post(path, { input: 'a' });
    expect(answer.status).toBe(status);
    expect((await answer.json()).error).toMatchObject({ code: error.code, param });
  });

  it('/abort_request ends them', async () => {
    const { engine, post } = await start({ delay: 100 });
    const done = post(path, { input: 'a', rid: 'mine' });
    await expect.poll(() => engine.embedded.length).toBe(1);
    await post('/abort_request', { rid: 'mine' });
    expect((await done).status).toBe(503);
    expect(engine.aborted).toBe(1);
  });
});

describe('the openai client', () => {
  const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });

  // It asks for base64 where the caller names no format, and hands out numbers.
  it.each([undefined, 'float', 'base64'] as const)('with encoding_format %s', async (format) => {
    const { url } = await start();
    const answer = await clientOf(url).embeddings.create({
      model: 'x',
      input: ['a', 'b'],
      ...(format && { encoding_format: format }),
    });
    expect(answer.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    const found: unknown = answer.data[1].embedding;
    if (format === 'base64') expect(typeof found).toBe('string');
    else expect([...(found as number[])]).toEqual(vector(1));
  });

  it('with the embedded model', async () => {
    const engine = new Engine({ threads: 1 });
    const server = await serve(engine, { port: 0 });
    const client = clientOf(server.url);
    const input = ['{"name": "Ann"}', 'SELECT a FROM b'];
    const { data, usage } = await client.embeddings.create({ model: 'x', input });
    const own = await engine.embed(input);
    expect(data.map(({ embedding }) => Float32Array.from(embedding))).toEqual(own.embeddings);
    expect(usage.prompt_tokens).toBe(own.usage.promptTokens);
    const cut = await client.embeddings.create({ model: 'x', input, dimensions: 8 });
    expect(cut.data[0].embedding).toHaveLength(8);
    expect(Math.hypot(...cut.data[0].embedding)).toBeCloseTo(1, 5);
    await expect(client.embeddings.create({ model: 'x', input, dimensions: 100_000 })).rejects.toMatchObject({
      status: 400,
      param: 'dimensions',
    });
    await server.close();
  });
});
