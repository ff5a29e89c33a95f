// What the server bounds by itself: requests at once, an output's time, constraints' size, clients that do not read; who may
// call it, and what it logs.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { events, start, stopAll } from '../fake-engine.js';

afterEach(async () => {
  vi.restoreAllMocks();
  await stopAll();
});

const hello = { messages: [{ role: 'user', content: 'Hi' }] };
const slow = { pieces: Array(200).fill('x'), delay: 10 };

describe('requests at once', () => {
  it('are bounded, with 429 and Retry-After; health, metrics and aborts stay open', async () => {
    const { url, post } = await start(slow, { maxConcurrentRequests: 2 });
    const running = [1, 2].map((id) => post('/generate', { text: 'x', rid: `r${id}`, stream: true }));
    const [one, two] = await Promise.all(running);
    const third = await post('/v1/chat/completions', hello);
    expect(third.status).toBe(429);
    expect(third.headers.get('retry-after')).toBe('1');
    expect((await third.json()).error).toMatchObject({
      code: 'too_many_requests',
      type: 'rate_limit_error',
      message: '2 requests are being answered (limit maxConcurrentRequests = 2)',
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    expect((await post('/abort_request', { rid: 'r1' })).status).toBe(200);
    await one.text();
    const fourth = await post('/generate', { text: 'x', rid: 'r4', stream: true });
    expect(fourth.status).toBe(200);
    await post('/abort_request', { abort_all: true });
    await Promise.all([two.text(), fourth.text()]);
  });
});

describe('answerTimeout', () => {
  it('ends an output that takes longer with an error, whole and streamed', async () => {
    const { post, engine } = await start(slow, { answerTimeout: 400 });
    const whole = await post('/v1/chat/completions', hello);
    expect(whole.status).toBe(504);
    expect((await whole.json()).error).toMatchObject({
      code: 'request_timeout',
      message: 'the output was not complete within answerTimeout = 400 ms',
    });
    for (const path of ['/v1/chat/completions', '/generate']) {
      const answer = await post(path, { ...(path === '/generate' ? { text: 'x' } : hello), stream: true });
      expect(answer.status).toBe(200);
      const told = await events(answer);
      expect(told.at(-2).error).toMatchObject({ code: 'request_timeout' });
      expect(told.length).toBeGreaterThan(3);
    }
    expect(engine.aborted).toBe(3);
  });

  it('leaves alone what is in time, and what a client ends is no error', async () => {
    const { post, engine } = await start({ pieces: ['a', 'b'], delay: 150 }, { answerTimeout: 60_000 });
    expect((await post('/v1/chat/completions', hello)).status).toBe(200);
    const asked = post('/generate', { text: 'x', rid: 'r' });
    while (engine.requests.length < 2) await sleep(1);
    await post('/abort_request', { rid: 'r' });
    expect((await (await asked).json()).meta_info.finish_reason.type).toBe('abort');
  });
});

describe('maxSchemaBytes', () => {
  it('is named where a constraint or tools are over it', async () => {
    const { post } = await start({}, { maxSchemaBytes: 100 });
    const schema = { type: 'object', description: 'x'.repeat(100) };
    const refused = async (path: string, body: object) => {
      const answer = await post(path, body);
      expect(answer.status).toBe(400);
      const { error } = await answer.json();
      expect(error.code).toBe('schema_too_large');
      return error.message;
    };
    expect(await refused('/generate', { text: 'x', sampling_params: { json_schema: schema } })).toBe(
      'schema: takes 134 bytes (limit maxSchemaBytes = 100)',
    );
    expect(await refused('/v1/completions', { prompt: 'x', stream: true, regex: 'é'.repeat(51) })).toContain(
      'regex: takes 102 bytes',
    );
    const tools = [{ type: 'function', function: { name: 'f', parameters: schema } }];
    expect(await refused('/v1/chat/completions', { ...hello, tools })).toContain('tools: takes');
    expect((await post('/v1/completions', { prompt: 'x', regex: 'a' })).status).toBe(200);
  });
});

describe('a client that does not read', () => {
  const ask = (url: string, size: number) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = JSON.stringify({ text: 'x', stream: true });
    socket.on('error', () => {});
    socket.write(
      `POST /generate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    if (size === 0) socket.pause();
    else socket.on('data', () => {});
    return socket;
  };

  it('is cut after slowReaderTimeout, one that reads is not', async () => {
    // Cumulative events of a long text: more than the system's buffers hold.
    const pieces = Array(400).fill('x'.repeat(20_000));
    const { url, engine } = await start({ pieces, delay: 1 }, { slowReaderTimeout: 300 });
    const stuck = ask(url, 0);
    const warned = vi.fn();
    process.once('warning', warned);
    for (let waited = 0; engine.aborted === 0 && waited < 8000; waited += 50) await sleep(50);
    expect(engine.aborted).toBe(1);
    expect(warned).not.toHaveBeenCalled(); // waiting for the client leaves no listeners behind
    process.off('warning', warned);
    stuck.destroy();
    const idle = await start({ pieces: ['a', 'b'], delay: 700 }, { slowReaderTimeout: 200 });
    const answer = await idle.post('/generate', { text: 'x', stream: true });
    expect((await events(answer)).at(-1)).toBe('[DONE]');
  });
});

describe('keys', () => {
  it('any of several opens the routes, the admin key all, and only it the admin routes', async () => {
    const { url, post } = await start({}, { apiKey: ['one', 'two'], adminApiKey: 'root' });
    const status = async (path: string, key: string) =>
      (await fetch(url + path, { headers: { authorization: `Bearer ${key}` } })).status;
    for (const key of ['one', 'two', 'root']) expect(await status('/v1/models', key)).toBe(200);
    expect(await status('/v1/models', 'three')).toBe(401);
    expect(await status('/flush_cache', 'one')).toBe(403);
    expect(await status('/flush_cache', 'three')).toBe(401);
    expect(await status('/flush_cache', 'root')).toBe(200);
    expect((await post('/v1/chat/completions', hello, { 'x-api-key': 'two' })).status).toBe(200);
    expect((await post('/v1/chat/completions', hello, { 'x-api-key': 'no' })).status).toBe(401);
  });

  it('an admin key alone leaves the other routes open', async () => {
    const { url } = await start({}, { adminApiKey: 'root' });
    expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    expect((await fetch(`${url}/flush_cache`)).status).toBe(401);
  });
});

describe('CORS', () => {
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });

  it('is off', async () => {
    const { url } = await start();
    const answer = await preflight(url, 'https://a.example');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets the pages of named origins in, on streams and errors too, before keys are asked for', async () => {
    const { url, post } = await start({}, { corsOrigins: ['https://a.example'], apiKey: 'k' });
    const allowed = await preflight(url, 'https://a.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization');
    expect((await preflight(url, 'https://b.example')).headers.get('access-control-allow-origin')).toBeNull();
    const headers = { origin: 'https://a.example', authorization: 'Bearer k' };
    const stream = await post('/v1/chat/completions', { ...hello, stream: true }, headers);
    expect(stream.headers.get('access-control-allow-origin')).toBe('https://a.example');
    await stream.text();
    const refused = await post('/v1/chat/completions', hello, { origin: 'https://a.example' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://a.example');
  });
});

describe('log lines', () => {
  const linesOf = async (options: object, body: object) => {
    const lines: Record<string, unknown>[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      lines.push(JSON.parse(String(text)));
      return true;
    });
    const { post } = await start({}, { logLevel: 'info', ...options });
    await (await post('/v1/chat/completions', body, { 'x-request-id': 'abc' })).text();
    const told = () => lines.filter(({ route }) => route !== undefined);
    await expect.poll(() => told().length).toBeGreaterThan(0);
    await sleep(20);
    return told();
  };

  it('tell one request each, and nothing of its text', async () => {
    const lines = await linesOf({}, { ...hello, stream: true });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      reqId: 'abc',
      method: 'POST',
      route: '/v1/chat/completions',
      status: 200,
      promptTokens: 11,
      cachedTokens: 8,
      outputTokens: 3,
      finish: 'stop',
      msg: 'request',
    });
    expect(lines[0].ms).toBeTypeOf('number');
    expect(lines[0].firstTokenMs).toBeTypeOf('number');
    expect(JSON.stringify(lines)).not.toContain('Hi');
  });

  it('have the code of an error, and bodies where they are asked for', async () => {
    const [line] = await linesOf({ logRequests: true }, { ...hello, temperature: 'hot' });
    expect(line).toMatchObject({ status: 400, error: 'invalid_value', body: hello });
    expect(line).not.toHaveProperty('finish');
  });
});
