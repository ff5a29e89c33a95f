// The server around the dialects: health, keys, ids, unknown routes, bodies, errors by class, disconnects, closing.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineInfo } from '../../src/engine/index.js';
import { CompileError, EngineError, RequestError, TokenizerError } from '../../src/errors.js';
import { createServer, serve } from '../../src/server/index.js';
import { FakeEngine, info, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const hello = { messages: [{ role: 'user', content: 'Hi' }] };

describe('health and loading', () => {
  it('answers 503 until the model is loaded, then 200; other routes say why they cannot answer yet', async () => {
    let loaded: (model: EngineInfo) => void = () => {};
    const app = createServer(new FakeEngine({}, new Promise((resolve) => (loaded = resolve))));
    const early = await app.inject({ url: '/health' });
    expect(early.statusCode).toBe(503);
    const chat = await app.inject({ method: 'POST', url: '/v1/chat/completions', payload: hello });
    expect(chat.statusCode).toBe(503);
    expect(chat.headers['retry-after']).toBe('1');
    expect(chat.json().error.code).toBe('model_loading');
    expect((await app.inject({ method: 'POST', url: '/generate', payload: { text: 'a' } })).statusCode).toBe(
      503,
    );
    loaded(info);
    await sleep(0);
    const late = await app.inject({ url: '/health' });
    expect(late.statusCode).toBe(200);
    expect(late.json()).toEqual({ status: 'ok', model: 'fake-1' });
  });

  it('tells why a model could not be loaded', async () => {
    const app = createServer(
      new FakeEngine({}, Promise.reject(new EngineError('native_missing', 'no addon'))),
    );
    await sleep(0);
    const answer = await app.inject({ url: '/health' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json().error.message).toBe('the model could not be loaded: no addon');
  });
});

describe('API key', () => {
  it('is asked for on all routes but /health', async () => {
    const { url, post } = await start({}, { apiKey: 'secret' });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const path of ['/v1/models', '/get_model_info', '/unknown'])
      expect((await fetch(url + path)).status).toBe(401);
    const refused = await post('/v1/chat/completions', hello, { authorization: 'Bearer wrong' });
    expect(refused.status).toBe(401);
    expect((await refused.json()).error).toMatchObject({
      type: 'authentication_error',
      code: 'invalid_api_key',
    });
    expect((await post('/v1/chat/completions', hello, { authorization: 'Bearer secret' })).status).toBe(200);
  });
});

describe('request ids', () => {
  it('are echoed, made up when absent, and on streams too', async () => {
    const { post } = await start();
    const named = await post('/v1/chat/completions', hello, { 'x-request-id': 'abc' });
    expect(named.headers.get('x-request-id')).toBe('abc');
    const unnamed = await post('/v1/chat/completions', { ...hello, stream: true });
    expect(unnamed.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    await unnamed.text();
  });
});

describe('bodies', () => {
  it('says where JSON is malformed', async () => {
    const { post } = await start();
    const answer = await post('/v1/chat/completions', '{"messages": [\n  {"role": "user",}]}');
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toEqual({
      message:
        'the body is not valid JSON: expected a property name, found "}" at line 2, column 19 (offset 33)',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_json',
    });
  });

  it('names the limits of size and depth', async () => {
    const { post } = await start({}, { bodyLimit: 1000, maxBodyDepth: 10 });
    const large = await post('/generate', { text: 'x'.repeat(1000) });
    expect(large.status).toBe(413);
    expect((await large.json()).error.message).toBe(
      'the body is larger than the limit bodyLimit = 1000 bytes',
    );
    const deep = await post('/v1/chat/completions', `{"a":${'['.repeat(10)}${']'.repeat(10)}}`);
    expect(deep.status).toBe(400);
    expect((await deep.json()).error.message).toContain('limit maxBodyDepth = 10');
  });

  it('refuses other media types, and a missing body', async () => {
    const { url, post } = await start();
    const typed = await post('/generate', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(typed.status).toBe(415);
    const empty = await fetch(`${url}/v1/chat/completions`, { method: 'POST' });
    expect(empty.status).toBe(400);
    expect((await empty.json()).error.message).toBe('the body must be object');
  });
});

describe('unknown routes', () => {
  it('are 404 in the dialect of their prefix', async () => {
    const { url } = await start();
    const v1 = await fetch(`${url}/v1/images/generations`, { method: 'POST' });
    expect(v1.status).toBe(404);
    expect((await v1.json()).error).toEqual({
      message: 'there is no POST /v1/images/generations',
      type: 'invalid_request_error',
      param: null,
      code: 'not_found',
    });
    const garbled = await fetch(`${url}/v1/models/%ZZ`);
    expect(garbled.status).toBe(400);
    expect((await garbled.json()).error).toMatchObject({ type: 'invalid_request_error', code: 'bad_url' });
    expect((await (await fetch(`${url}/nope`)).json()).error).toEqual({
      message: 'there is no GET /nope',
      code: 'not_found',
    });
  });
});

describe('errors of the engine', () => {
  const cases: [string, Error, number, object, string | null][] = [
    [
      'a schema that does not compile',
      new CompileError('unsupported_keyword', 'keyword "not" is not supported', {
        pointer: '/properties/a/not',
      }),
      400,
      {
        code: 'unsupported_keyword',
        message: 'keyword "not" is not supported at #/properties/a/not',
        param: null,
      },
      null,
    ],
    [
      'a request that is not valid',
      new RequestError('context_length_exceeded', 'too long', 'messages'),
      400,
      { code: 'context_length_exceeded', message: 'too long', param: 'messages' },
      null,
    ],
    ['a full queue', new EngineError('queue_full', 'the queue is full'), 429, { code: 'queue_full' }, '1'],
    [
      'a fault of the engine',
      new EngineError('native_error', 'it broke'),
      500,
      { code: 'native_error', message: 'it broke' },
      null,
    ],
    ['a bug', new TypeError('x is not a function'), 500, { code: 'internal_error' }, null],
  ];

  it.each(cases)('%s', async (_, error, status, body, retryAfter) => {
    const { post, engine } = await start((request) => (request.seed === 1 ? { error } : {}));
    for (const stream of [false, true]) {
      const chat = await post('/v1/chat/completions', { ...hello, stream, seed: 1 });
      expect(chat.status).toBe(status);
      expect(chat.headers.get('retry-after')).toBe(retryAfter);
      expect((await chat.json()).error).toMatchObject(body);
      const native = await post('/generate', { text: 'a', stream, sampling_params: { sampling_seed: 1 } });
      expect(native.status).toBe(status);
      expect(native.headers.get('retry-after')).toBe(retryAfter);
      expect(await native.json()).not.toHaveProperty('error.type');
    }
    expect((await post('/v1/chat/completions', hello)).status).toBe(200);
    expect(engine.requests).toHaveLength(5);
  });

  it('names fields as the dialect does', async () => {
    const { post } = await start({
      error: new RequestError('invalid_request', 'stopTokenIds: holds 900', 'stopTokenIds'),
    });
    const chat = await (await post('/v1/chat/completions', hello)).json();
    expect(chat.error).toMatchObject({ message: 'stop_token_ids: holds 900', param: 'stop_token_ids' });
    const native = await (await post('/generate', { text: 'a' })).json();
    expect(native.error.message).toBe('sampling_params.stop_token_ids: holds 900');
  });

  it("a chat that the template refuses is the client's", async () => {
    const { post } = await start({ error: new TokenizerError('template_error', 'roles must alternate') });
    expect((await post('/v1/chat/completions', hello)).status).toBe(400);
  });

  it('does not tell clients what a bug says', async () => {
    const { post } = await start({ error: new Error('secret path') });
    expect(await (await post('/v1/chat/completions', hello)).text()).not.toContain('secret path');
  });
});

describe('clients that go away', () => {
  it.each([
    ['/v1/chat/completions', { ...hello, stream: true }],
    ['/v1/chat/completions', hello],
    ['/generate', { text: 'a' }],
    ['/generate', { text: ['a', 'b'], stream: true }],
  ])('end the generation (%s %j)', async (path, body) => {
    const { url, engine } = await start({ pieces: Array(200).fill('x'), delay: 10 });
    const client = new AbortController();
    const asked = fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: client.signal,
    });
    await expect.poll(() => engine.requests.length).toBeGreaterThan(0);
    await sleep(20);
    client.abort();
    await asked.then((response) => response.text()).catch(() => {});
    await expect.poll(() => engine.aborted).toBe(engine.requests.length);
  });
});

describe('closing', () => {
  const body = JSON.stringify({ ...hello, stream: true });
  const ask = (url: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

  it('lets running requests finish, then closes the engine', async () => {
    const engine = new FakeEngine({ pieces: Array(50).fill('x'), delay: 20 });
    const server = await serve(engine, { port: 0 });
    const answer = await ask(server.url);
    const closing = server.close();
    await sleep(20);
    const late = await fetch(`${server.url}/v1/models`);
    expect(late.status).toBe(503);
    expect((await late.json()).error.code).toBe('closing');
    expect(await answer.text()).toContain('[DONE]');
    await closing;
    expect(engine.closed).toBe(true);
    expect(engine.aborted).toBe(0);
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  });

  it('ends those that take longer than drainTimeout', async () => {
    const engine = new FakeEngine({ pieces: Array(500).fill('x'), delay: 20 });
    const server = await serve(engine, { port: 0, drainTimeout: 50 });
    const answer = await ask(server.url);
    await Promise.all([server.close(), answer.text()]);
    expect(engine.aborted).toBe(1);
    expect(engine.closed).toBe(true);
  });

  it('is not held up by a client that does not read', async () => {
    const engine = new FakeEngine({ pieces: Array(100).fill('x'.repeat(1 << 20)) });
    const server = await serve(engine, { port: 0, drainTimeout: 50 });
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => engine.requests.length).toBe(1);
    await server.close();
    socket.destroy();
  });

  it('closes everything when the model cannot be loaded', async () => {
    const engine = new FakeEngine({}, Promise.reject(new EngineError('native_missing', 'no addon')));
    await expect(serve(engine, { port: 0 })).rejects.toThrow('no addon');
    expect(engine.closed).toBe(true);
  });
});

it('refuses an unknown tool-call format by name', () => {
  expect(() => createServer(new FakeEngine(), { toolCallFormat: 'nope' })).toThrow(
    "unknown tool-call format 'nope'; known are auto, hermes",
  );
});
