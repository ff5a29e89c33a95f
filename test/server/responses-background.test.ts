// Background responses: answered at once, polled, followed, cancelled, deleted; bounded, and waited for when the server closes.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../src/errors.js';
import { type Running, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/responses';
const ask = { input: 'Hi', background: true };
const slow = { pieces: Array.from({ length: 200 }, (_, index) => `${index} `), delay: 10 };

async function get({ url }: Running, id: string, query = '') {
  const answer = await fetch(`${url}${path}/${id}${query}`);
  return { status: answer.status, body: await answer.json() };
}

async function ended(server: Running, id: string) {
  for (;;) {
    const { body } = await get(server, id);
    if (body.status !== 'queued' && body.status !== 'in_progress') return body;
    await sleep(10);
  }
}

/** Data of server-sent events. */
async function told(answer: Response): Promise<{ type: string; sequence_number: number }[]> {
  const blocks = (await answer.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => JSON.parse(block.replace(/^event: .*\ndata: /, '')));
}

describe('a background response', () => {
  it('is queued, then in progress, then complete, and is gone on from', async () => {
    const server = await start({ pieces: ['One ', 'two.'], delay: 100 });
    const queued = await (await server.post(path, ask)).json();
    expect(queued).toMatchObject({ status: 'queued', background: true, output: [], usage: null });
    await expect.poll(async () => (await get(server, queued.id)).body.status).toBe('in_progress');
    const done = await ended(server, queued.id);
    expect(done).toMatchObject({
      id: queued.id,
      status: 'completed',
      output: [{ type: 'message', content: [{ text: 'One two.' }] }],
      usage: { input_tokens: 11 },
    });
    const next = await server.post(path, { input: 'And?', previous_response_id: queued.id });
    expect(next.status).toBe(200);
    expect(server.engine.requests[1].messages).toHaveLength(3);
    expect((await get(server, queued.id, '/input_items')).body.data).toHaveLength(1);
  });

  it('is refused at once for what is wrong, and fails later for what goes wrong', async () => {
    const server = await start({ error: new EngineError('no_memory', 'no room') });
    const wrong = await server.post(path, { ...ask, regex: '(', tools: [{ type: 'none' }] });
    expect(wrong.status).toBe(400);
    const { id } = await (await server.post(path, ask)).json();
    expect(await ended(server, id)).toMatchObject({ status: 'failed', error: { code: 'no_memory' } });
  });

  it('is cancelled, which ends its output, and stays so', async () => {
    const server = await start(slow);
    const { id } = await (await server.post(path, ask)).json();
    await expect.poll(async () => (await get(server, id)).body.status).toBe('in_progress');
    const cancelled = await server.post(`${path}/${id}/cancel`, {});
    expect(await cancelled.json()).toMatchObject({ id, status: 'cancelled' });
    expect(server.engine.aborted).toBe(1);
    expect((await get(server, id)).body.status).toBe('cancelled');
    expect(await (await server.post(`${path}/${id}/cancel`, {})).json()).toMatchObject({
      status: 'cancelled',
    });
  });

  it('that is complete stays so when it is cancelled', async () => {
    const server = await start();
    const { id } = await (await server.post(path, ask)).json();
    await ended(server, id);
    expect(await (await server.post(`${path}/${id}/cancel`, {})).json()).toMatchObject({
      status: 'completed',
    });
  });

  it('is deleted while it runs, and does not come back', async () => {
    const server = await start(slow);
    const { id } = await (await server.post(path, ask)).json();
    expect((await fetch(`${server.url}${path}/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect(server.engine.aborted).toBe(1);
    expect((await get(server, id)).status).toBe(404);
  });

  it.each([
    ['not stored', { ...ask, store: false }, {}],
    ['where none are stored', ask, { maxStoredResponses: 0 }],
  ])('is refused: %s', async (_, body, options) => {
    const { post } = await start({}, options);
    const refused = await post(path, body);
    expect(refused.status).toBe(400);
    expect((await refused.json()).error.param).toBe('background');
  });

  it('is one of maxBackgroundResponses', async () => {
    const server = await start(slow, { maxBackgroundResponses: 2 });
    const ids = [];
    for (let i = 0; i < 2; i++) ids.push((await (await server.post(path, ask)).json()).id);
    const refused = await server.post(path, ask);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await refused.json()).error).toMatchObject({ code: 'too_many_background_responses' });
    await server.post(`${path}/${ids[0]}/cancel`, {});
    expect((await server.post(path, ask)).status).toBe(200);
    await server.post('/abort_request', { abort_all: true });
    expect(await ended(server, ids[1])).toMatchObject({ status: 'failed', error: { code: 'aborted' } });
  });

  it('is waited for when the server closes', async () => {
    const { post, app, engine } = await start({ pieces: ['a', 'b', 'c'], delay: 60 });
    await post(path, ask);
    await app.close();
    expect(engine.aborted).toBe(0);
    expect(engine.requests).toHaveLength(1);
  });
});

describe('its events', () => {
  it('are followed from any of them on, while it runs and when it has ended', async () => {
    const server = await start({ pieces: ['One ', 'two ', 'three.'], delay: 60 });
    const { url, post } = server;
    const leaves = new AbortController();
    const first = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, stream: true }),
      signal: leaves.signal,
    });
    const reader = first.body?.getReader();
    const begun = new TextDecoder().decode((await reader?.read())?.value);
    const id = /"id":"(resp_\w+)"/.exec(begun)?.[1] ?? '';
    leaves.abort();
    const follow = (query: string) => fetch(`${url}${path}/${id}?stream=true${query}`);
    const live = await told(await follow(''));
    expect(live.map(({ type }) => type).slice(0, 3)).toEqual([
      'response.created',
      'response.queued',
      'response.in_progress',
    ]);
    expect(live.at(-1)).toMatchObject({ type: 'response.completed', response: { id, status: 'completed' } });
    expect(live.map((event) => event.sequence_number)).toEqual(live.map((_, index) => index));
    expect(await told(await follow(''))).toEqual(live);
    expect(await told(await follow('&starting_after=3'))).toEqual(live.slice(4));
    expect(await told(await follow('&starting_after=999'))).toEqual([]);
    expect((await follow('&starting_after=x')).status).toBe(400);
    expect((await post(`${path}/${id}/cancel`, {})).status).toBe(200);
  });

  it('are not kept of one that was not asked to stream', async () => {
    const server = await start();
    const { id } = await (await server.post(path, ask)).json();
    expect(await get(server, id, '?stream=true')).toMatchObject({
      status: 400,
      body: { error: { param: 'stream' } },
    });
    await ended(server, id);
    expect((await get(server, id, '?stream=true')).status).toBe(400);
  });
});
