// Ollama's routes by plain fetch: lines of JSON, errors in their form, the one model told of, what is refused.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../src/errors.js';
import { start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const messages = [{ role: 'user', content: 'Hi' }];

async function lines(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('chat', () => {
  it('streams lines unless told otherwise', async () => {
    const { post, engine } = await start({});
    const answer = await post('/api/chat', { model: 'fake-1', messages });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const said = await lines(answer);
    expect(said.map(({ message }) => (message as { content: string }).content)).toEqual([
      'Hello',
      ', ',
      'world',
      '',
    ]);
    expect(said.at(-1)).toMatchObject({
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 11,
      eval_count: 3,
    });
    expect(engine.requests[0]).toMatchObject({
      messages,
      temperature: 0.8,
      topK: 40,
      topP: 0.9,
      maxTokens: 512,
    });
  });

  it('is whole with stream: false', async () => {
    const { post } = await start({ finishReason: 'length' });
    const answer = await (await post('/api/chat', { messages, stream: false })).json();
    expect(answer).toMatchObject({
      model: 'fake-1',
      message: { role: 'assistant', content: 'Hello, world' },
      done: true,
      done_reason: 'length',
    });
    expect(answer.total_duration).toBe(answer.prompt_eval_duration + answer.eval_duration);
  });

  it('calls tools', async () => {
    const pieces = ['<tool_call>\n{"name": "look", "arguments": {"at": ', '"sky"}}\n</tool_call>'];
    const { post } = await start({ pieces });
    const parameters = { type: 'object', properties: { at: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'look', parameters } }];
    const said = await lines(await post('/api/chat', { messages, tools }));
    const calls = said.flatMap(({ message }) => (message as { tool_calls?: object[] }).tool_calls ?? []);
    expect(calls).toMatchObject([{ function: { name: 'look', arguments: { at: 'sky' } } }]);
  });

  it('without messages says that the model is there', async () => {
    const { post, engine } = await start({});
    const answer = await (await post('/api/chat', { model: 'x', keep_alive: '5m' })).json();
    expect(answer).toMatchObject({ message: { content: '' }, done: true, done_reason: 'load' });
    expect(engine.requests).toEqual([]);
  });
});

it('thinking stands apart', async () => {
  const { post } = await start({ pieces: ['<think>Hm', '.</think>', 'Yes'] }, { reasoningFormat: 'qwen3' });
  const answer = await (await post('/api/chat', { messages, stream: false, think: true })).json();
  expect(answer.message).toEqual({ role: 'assistant', content: 'Yes', thinking: 'Hm.' });
});

describe('generate', () => {
  it('is a chat of one message', async () => {
    const { post, engine } = await start({});
    const said = await lines(await post('/api/generate', { prompt: 'Hi', system: 'Be brief.' }));
    expect(said.map(({ response }) => response)).toEqual(['Hello', ', ', 'world', '']);
    expect(engine.requests[0].messages).toEqual([{ role: 'system', content: 'Be brief.' }, ...messages]);
  });

  it('takes the prompt as it is with raw, and tells log-probabilities', async () => {
    const found = [{ token: 97, logprob: -1, alternatives: [{ token: 97, logprob: -1 }] }];
    const { post, engine } = await start({ pieces: ['a'], logprobs: found });
    const body = { prompt: '<s>Hi', raw: true, stream: false, logprobs: true, top_logprobs: 1 };
    const answer = await (await post('/api/generate', body)).json();
    const named = { token: 'a', logprob: -1, bytes: [97] };
    expect(answer).toMatchObject({
      response: 'a',
      done: true,
      logprobs: [{ ...named, top_logprobs: [named] }],
    });
    expect(engine.requests[0]).toMatchObject({ prompt: '<s>Hi', logprobs: 1 });
    expect((await post('/api/generate', { prompt: '' })).status).toBe(200);
  });

  it('ends when the client goes away', async () => {
    const { url, engine } = await start({ pieces: Array(200).fill('x'), delay: 5 });
    for (const raw of [false, true]) {
      const client = new AbortController();
      const answer = await fetch(`${url}/api/generate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'Hi', raw }),
        signal: client.signal,
      });
      expect(answer.status).toBe(200);
      client.abort();
      await expect.poll(() => engine.aborted).toBe(raw ? 2 : 1);
    }
  });
});

describe('models', () => {
  it('are listed and shown', async () => {
    const { url, post, engine } = await start({});
    engine.chatTemplates = ['{{ messages }}'];
    const get = async (path: string) => (await fetch(url + path)).json();
    expect(await get('/api/version')).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    const model = { name: 'fake-1', model: 'fake-1', details: { format: 'safetensors' } };
    expect(await get('/api/tags')).toMatchObject({
      models: [{ ...model, digest: expect.stringMatching(/^\w{64}$/) }],
    });
    expect(await get('/api/ps')).toMatchObject({ models: [{ ...model, context_length: 512 }] });
    for (const named of [{ model: 'fake-1' }, { name: 'fake-1:latest' }])
      expect(await (await post('/api/show', named)).json()).toMatchObject({
        template: '{{ messages }}',
        capabilities: ['completion', 'tools'],
        model_info: { 'espalier.context_length': 512 },
      });
    const thinking = await start({}, { reasoningFormat: 'qwen3' });
    expect((await (await thinking.post('/api/show', {})).json()).capabilities).toContain('thinking');
    const unknown = await post('/api/show', { model: 'llama3' });
    expect([unknown.status, await unknown.json()]).toEqual([404, { error: "model 'llama3' not found" }]);
  });

  it.each(['pull', 'push', 'create', 'copy', 'delete'])('%s is refused', async (name) => {
    const { url } = await start({});
    const answer = await fetch(`${url}/api/${name}`, { method: name === 'delete' ? 'DELETE' : 'POST' });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toEqual({
      error: expect.stringContaining(`/api/${name} is not supported: `),
    });
  });
});

describe('embeddings', () => {
  it('of one text or several, and in the older form', async () => {
    const { post, engine } = await start();
    const many = await (await post('/api/embed', { input: ['a', 'b'], dimensions: 2 })).json();
    expect(many).toEqual({
      model: 'fake-1',
      embeddings: [0, 1].map((index) => [index, Math.fround(0.1), Math.fround(-1e-9)]),
      total_duration: expect.any(Number),
      load_duration: 0,
      prompt_eval_count: 2,
    });
    expect(engine.embedded[0]).toMatchObject({ inputs: ['a', 'b'], options: { dimensions: 2 } });
    expect((await (await post('/api/embed', { input: 'a' })).json()).embeddings).toHaveLength(1);
    const old = await (await post('/api/embeddings', { prompt: 'a' })).json();
    expect(old).toEqual({ embedding: [0, Math.fround(0.1), Math.fround(-1e-9)] });
  });

  it('not of nothing, nor of more than maxBatch', async () => {
    const { post } = await start({}, { maxBatch: 2 });
    for (const body of [{}, { input: [] }, { input: [1] }, { input: ['a', 'b', 'c'] }])
      expect((await post('/api/embed', body)).status).toBe(400);
  });
});

describe('errors are in the dialect', () => {
  const refused: [string, object][] = [
    ['options.temperature must be number or null', { messages, options: { temperature: 'hot' } }],
    ['options.warmth is not a known parameter', { messages, options: { warmth: 1 } }],
    ['options.num_ctx is 513', { messages, options: { num_ctx: 513 } }],
    ['messages[0].role must be', { messages: [{ role: 'judge', content: 'x' }] }],
    ['messages[0].images is not supported', { messages: [{ role: 'user', content: 'x', images: ['x'] }] }],
  ];
  it.each(refused)('400: %s', async (message, body) => {
    const { post } = await start({});
    const answer = await post('/api/chat', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringContaining(message) });
  });

  it('401, 404 and 429', async () => {
    const { post } = await start({ error: new EngineError('queue_full', 'full') }, { apiKey: 'secret' });
    const key = { authorization: 'Bearer secret' };
    const told = async (path: string, headers = {}) => {
      const answer = await post(path, { messages }, headers);
      return [answer.status, await answer.json()];
    };
    expect(await told('/api/chat')).toEqual([401, { error: expect.stringContaining('API key') }]);
    expect(await told('/api/nope', key)).toEqual([404, { error: 'there is no POST /api/nope' }]);
    expect(await told('/api/chat', key)).toEqual([429, { error: 'full' }]);
  });

  it('in the middle of a stream', async () => {
    const { post } = await start({ lateError: new EngineError('broken', 'broken') });
    expect((await lines(await post('/api/chat', { messages }))).at(-1)).toEqual({ error: 'broken' });
  });
});

it('JSON is taken whatever its type, but not from a page in a browser', async () => {
  const { url } = await start({});
  const body = JSON.stringify({ messages, stream: false });
  const post = (headers: Record<string, string>) =>
    fetch(`${url}/api/chat`, { method: 'POST', headers, body });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await post(form)).status).toBe(200);
  const refused = await post({ ...form, origin: 'http://example.com' });
  expect(refused.status).toBe(415);
  expect(await refused.json()).toEqual({ error: 'the content type must be application/json' });
});

it('no body is the fault of the server', async () => {
  const { post } = await start({});
  const some = (...known: unknown[]) =>
    fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 19 }, fc.jsonValue({ maxDepth: 2 }));
  const text = some('x', '', null);
  const call = fc.record({ function: fc.record({ name: text, arguments: some({}) }) });
  const message = fc.record(
    {
      role: some('user', 'assistant', 'tool'),
      content: text,
      tool_calls: fc.array(call),
      tool_name: text,
      images: some([]),
    },
    { requiredKeys: ['role'] },
  );
  const options = fc.record(
    {
      temperature: some(0),
      num_predict: some(1, -2),
      stop: some(['x']),
      num_ctx: some(1),
      seed: some(-1, 3),
      mirostat: some(0),
    },
    { requiredKeys: [] },
  );
  const body = fc.record(
    {
      messages: fc.oneof(fc.array(message, { maxLength: 3 }), some([])),
      prompt: text,
      raw: some(true, false),
      options: fc.oneof(options, some({})),
      format: some('json', {}),
      tools: some([{ type: 'function', function: { name: 'f' } }]),
      think: some(true, 'low'),
      logprobs: some(true),
      stream: some(true, false),
    },
    { requiredKeys: [] },
  );
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('chat', 'generate', 'show'), async (sent, at) => {
      const answer = await post(`/api/${at}`, sent);
      await answer.text();
      seen.add(answer.status);
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
  expect([...seen].sort()).toEqual([200, 400]);
});
