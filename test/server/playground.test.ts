// The playground's routes over a scripted engine: what is asked of the engine, events, errors with their places, the marked
// path in the cache, and who is let in.
import { afterEach, describe, expect, it } from 'vitest';
import type { CachedPrefix } from '../../src/engine/index.js';
import { EngineError } from '../../src/errors.js';
import { MAX_CACHE_NODES, MAX_NODE_TEXT } from '../../src/server/playground/cache.js';

import { buildPlayground } from '../support/built-playground.js';
import { events, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const ids = (text: string) => [...text].map((character) => character.charCodeAt(0));

describe('POST /playground/generate', () => {
  it('tells the prompt, each step and the end', async () => {
    const script = { pieces: ['x', 'y'], tokens: ids('xy'), allowed: [3, 1], finishReason: 'stop' as const };
    const { engine, post } = await start(script);
    engine.prompt = 'user: Hi\n';
    const answer = await post('/playground/generate', {
      messages: [{ role: 'user', content: 'Hi' }],
      constraint: { kind: 'regex', text: '[xyz]y' },
      temperature: 0,
      max_tokens: 9,
      seed: 3,
    });
    expect(engine.requests).toMatchObject([
      { promptTokens: ids('user: Hi\n'), regex: '[xyz]y', temperature: 0, maxTokens: 9, seed: 3 },
    ]);
    expect(engine.rendered).toMatchObject([{ messages: [{ role: 'user', content: 'Hi' }] }]);
    expect(engine.requests[0]).not.toHaveProperty('logprobs');
    const [prompt, first, second, end, done] = await events(answer);
    expect(prompt).toEqual({ type: 'prompt', ids: ids('user: Hi\n'), text: 'user: Hi\n' });
    expect(first.steps).toEqual([{ id: 120, bytes: [120], allowed: 3, forced: null }]);
    expect(second.steps).toEqual([{ id: 121, bytes: [121], allowed: 1, forced: 'token' }]);
    expect(end).toMatchObject({ type: 'end', text: 'xy', finish_reason: 'stop', matched_stop: null });
    expect(end.usage).toMatchObject({ prompt_tokens: 11, cached_tokens: 8, output_tokens: 2 });
    expect(end.cached_text_length).toBe(8);
    expect(done).toBe('[DONE]');
  });

  it('tells which alternatives the mask forbade', async () => {
    const alternatives = ids('qxy').map((token, index) => ({ token, logprob: -1 - index }));
    const logprobs = [{ token: 121, logprob: -3, alternatives }];
    const { engine, post } = await start({ pieces: ['y'], tokens: [121], allowed: [2], logprobs });
    const asked = { prompt: 'p', constraint: { kind: 'ebnf', text: 'root ::= [xy]' }, alternatives: 3 };
    const [prompt, told] = await events(await post('/playground/generate', asked));
    expect(engine.requests[0]).toMatchObject({ logprobs: 3, ebnf: 'root ::= [xy]' });
    expect(prompt.ids).toEqual(ids('p'));
    expect(told.steps[0].alternatives).toEqual([
      { id: 113, bytes: [113], logprob: -1, allowed: false },
      { id: 120, bytes: [120], logprob: -2, allowed: true },
      { id: 121, bytes: [121], logprob: -3, allowed: true },
    ]);
  });

  it.each([
    [{}, 'invalid_value', 'give one of messages and prompt'],
    [{ prompt: 'a', messages: [{ role: 'user', content: 'b' }] }, 'invalid_value', 'give one of'],
    [{ prompt: 'a', top_q: 1 }, 'invalid_value', 'top_q is not a known parameter'],
    [{ prompt: 'a', alternatives: 21 }, 'invalid_value', 'alternatives'],
    [{ prompt: 'a', constraint: { kind: 'sql', text: '' } }, 'invalid_value', 'constraint.kind'],
  ])('refuses %j', async (body, code, message) => {
    const { post } = await start();
    const answer = await post('/playground/generate', body);
    expect(answer.status).toBe(400);
    const { error } = await answer.json();
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('tells an error amid the output as an event', async () => {
    const { post } = await start({ pieces: ['x'], lateError: new EngineError('engine_error', 'it broke') });
    const told = await events(await post('/playground/generate', { prompt: 'a' }));
    expect(told.at(-2)).toEqual({ error: { code: 'engine_error', message: 'it broke', param: null } });
  });

  it('ends the generation of a client that goes away', async () => {
    const { engine, url } = await start({ pieces: Array(50).fill('x'), delay: 10 });
    const client = new AbortController();
    const { body } = await fetch(`${url}/playground/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"prompt":"a"}',
      signal: client.signal,
    });
    await body?.getReader().read();
    client.abort();
    await expect.poll(() => engine.aborted).toBe(1);
  });
});

describe('POST /playground/check', () => {
  const check = async (kind: string, text: string) => {
    const { post } = await start();
    return (await post('/playground/check', { constraint: { kind, text } })).json();
  };

  it('tells the size of a constraint that compiles', async () => {
    const told = await check('schema', '{"type": "string", "examples": ["a"]}');
    expect(told.image_bytes).toBeGreaterThan(0);
    expect(told.compile_ms).toBeGreaterThan(0);
  });

  it.each([
    ['regex', 'a(b', 'invalid_regex', { column: expect.any(Number) }],
    ['ebnf', 'root ::= "a"\nroot ::= (', 'invalid_grammar', { line: 2, column: expect.any(Number) }],
    ['lark', 'start: A\nA: "x', 'invalid_grammar', { line: 2, column: 4 }],
    ['schema', '{\n "type": }', 'invalid_schema', { line: 2, column: 10 }],
    ['schema', '{"properties": {"a": {"type": 1}}}', 'invalid_schema', { pointer: '/properties/a/type' }],
  ])('tells the place of a fault in %s %j', async (kind, text, code, place) => {
    const { error } = await check(kind, text);
    expect(error.code).toBe(code);
    expect(error.place).toEqual(place);
  });
});

describe('POST /playground/cache', () => {
  const prefix = (text: string, more: Partial<CachedPrefix> = {}): CachedPrefix => ({
    salt: '',
    tokens: ids(text),
    text,
    pages: 1,
    lockedPages: 0,
    hostPages: 0,
    hits: 2,
    used: 1,
    children: [],
    ...more,
  });
  const ask = async (prefixes: readonly CachedPrefix[], body: object) => {
    const { engine, post } = await start();
    engine.prefixes = prefixes;
    return (await post('/playground/cache', body)).json();
  };

  it('marks the path of a prompt, and how much of it was reused', async () => {
    const other = prefix('abx');
    const longest = prefix('abcd', { children: [prefix('q'), prefix('efzz', { pages: 3, lockedPages: 2 })] });
    const told = await ask([prefix('b'), other, longest], { prompt_tokens: ids('abcdef'), cached_tokens: 5 });
    expect(told.shown).toBe(5);
    const marks = told.roots.map(({ matched, reused }: { matched: number; reused: number }) => [
      matched,
      reused,
    ]);
    expect(marks).toEqual([
      [0, 0],
      [0, 0],
      [4, 4],
    ]);
    const [q, rest] = told.roots[2].children;
    expect(q).toMatchObject({ matched: 0, reused: 0 });
    expect(rest).toMatchObject({ text: 'efzz', tokens: 4, pages: 3, locked_pages: 2, matched: 2, reused: 1 });
  });

  it('does not go on behind a node that agrees in part', async () => {
    const told = await ask([prefix('abcd', { children: [prefix('ab')] })], { prompt_tokens: ids('abab') });
    expect(told.roots[0]).toMatchObject({ matched: 2, reused: 0 });
    expect(told.roots[0].children[0].matched).toBe(0);
  });

  it('tells no text of prefixes with a salt, and long ones in part', async () => {
    const long = prefix('z'.repeat(MAX_NODE_TEXT + 5));
    const told = await ask([prefix('secret', { salt: 'tenant' }), long], { prompt_tokens: ids('secret') });
    expect(told.roots[0]).toMatchObject({ text: null, tokens: 6, matched: 0 });
    expect(told.roots[1].text).toHaveLength(MAX_NODE_TEXT);
    expect(MAX_CACHE_NODES).toBeGreaterThan(0);
  });
});

describe('the page', () => {
  it('is served with a strict policy, its assets for good', async () => {
    buildPlayground();
    const { url } = await start();
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(assets).toHaveLength(3);
    for (const path of assets) {
      expect(path).toMatch(/^playground\/assets\/\w+-[A-Z0-9a-f]{8}\.(js|css|svg)$/);
      const asset = await fetch(`${url}/${path}`);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toContain('immutable');
    }
    for (const name of ['nothing.js', '..%2findex.html', '%2e%2e%2f%2e%2e%2fpackage.json'])
      expect((await fetch(`${url}/playground/assets/${name}`)).status).toBe(404);
  });

  it('needs no API key, but its data does', async () => {
    buildPlayground();
    const { url, post } = await start({}, { apiKey: 'secret' });
    expect((await fetch(url)).status).toBe(200);
    for (const path of ['/playground/info', '/playground/stats'])
      expect((await fetch(url + path)).status).toBe(401);
    expect((await post('/playground/cache', {})).status).toBe(401);
    const authorization = 'Bearer secret';
    const info = await fetch(`${url}/playground/info`, { headers: { authorization } });
    expect(await info.json()).toMatchObject({ model: 'fake-1', vocab_size: 100, has_chat_template: false });
  });

  it('is not there where it is turned off', async () => {
    const { url } = await start({}, { playground: false });
    for (const path of ['/', '/playground/info']) expect((await fetch(url + path)).status).toBe(404);
  });
});

it('GET /playground/stats tells counters, 0 for those that the engine lacks', async () => {
  const { url } = await start();
  const stats = await (await fetch(`${url}/playground/stats`)).json();
  expect(stats).toMatchObject({ running: 0, queued: 0, pages_total: 0 });
  expect(stats.at).toBeGreaterThan(0);
});
