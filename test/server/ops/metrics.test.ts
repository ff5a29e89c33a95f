// GET /metrics: SGLang's names, what they count, and labels that nobody can make up.
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { GenerationMetrics } from '../../../src/server/ops/generation-metrics.js';
import { RateWindow } from '../../../src/server/ops/rate-window.js';
import { ServedEngine } from '../../../src/server/ops/served-engine.js';
import { WeightedHistogram } from '../../../src/server/ops/weighted-histogram.js';
import { FakeEngine, start, stopAll } from '../fake-engine.js';

afterEach(stopAll);

const hello = { messages: [{ role: 'user', content: 'Hi' }] };

async function figures(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [
        line
          .slice(0, end)
          .replace(/,?model_name="fake-1"/, '')
          .replace('{}', ''),
        Number(line.slice(end)),
      ];
    }),
  );
}

describe('GET /metrics', () => {
  it('counts generations, whole and streamed, and their tokens', async () => {
    const { url, post } = await start({ pieces: ['a', 'b', 'c', 'd'], delay: 5 });
    await post('/v1/chat/completions', hello);
    await (await post('/generate', { text: 'x', stream: true })).text();
    await (await post('/generate', { text: ['x', 'y'], stream: true })).text();
    await (await post('/v1/completions', { prompt: 'x', n: 2, regex: 'a' })).text();
    const found = await figures(url);
    expect(found.get('sglang:num_requests_total')).toBe(6);
    expect(found.get('sglang:generation_tokens_total')).toBe(24);
    expect(found.get('sglang:prompt_tokens_total')).toBe(66);
    expect(found.get('sglang:cached_tokens_total')).toBe(48);
    expect(found.get('sglang:num_so_requests_total')).toBe(1);
    expect(found.get('sglang:num_aborted_requests_total')).toBe(0);
    expect(found.get('sglang:time_to_first_token_seconds_count')).toBe(6);
    expect(found.get('sglang:inter_token_latency_seconds_count')).toBe(18);
    expect(found.get('sglang:e2e_request_latency_seconds_count')).toBe(6);
    expect(found.get('sglang:gen_throughput')).toBeCloseTo(2.4);
    expect(found.get('sglang:cache_hit_rate')).toBeCloseTo(8 / 11);
    // The streams' tokens came 5 ms apart and more.
    expect(found.get('sglang:inter_token_latency_seconds_bucket{le="0.002"}')).toBe(0);
  });

  it('reads the engine when asked', async () => {
    const { url, engine } = await start();
    engine.counters = {
      running: 3,
      queued: 2,
      pagesTotal: 10,
      pagesFree: 2,
      pagesCached: 3,
      pagesEvicted: 4,
    };
    const found = await figures(url);
    expect(found.get('sglang:num_running_reqs')).toBe(3);
    expect(found.get('sglang:num_queue_reqs')).toBe(2);
    expect(found.get('sglang:token_usage')).toBe(0.5);
    expect(found.get('sglang:num_used_tokens')).toBe(80);
    expect(found.get('sglang:max_total_num_tokens')).toBe(160);
    expect(found.get('sglang:evicted_tokens_total')).toBe(64);
    expect((await figures(url)).get('sglang:evicted_tokens_total')).toBe(64);
  });

  it('counts what clients leave and what fails', async () => {
    const { url, post } = await start((request) =>
      request.seed === 1 ? { error: new Error('no') } : { pieces: Array(100).fill('x'), delay: 10 },
    );
    await post('/v1/chat/completions', { ...hello, seed: 1 });
    const client = new AbortController();
    const answer = await fetch(`${url}/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'x', stream: true }),
      signal: client.signal,
    });
    await answer.body?.getReader().read();
    client.abort();
    await expect.poll(async () => (await figures(url)).get('sglang:num_aborted_requests_total')).toBe(1);
    const found = await figures(url);
    expect(found.get('espalier:num_failed_requests_total')).toBe(1);
    expect(found.get('sglang:num_requests_total')).toBe(2);
    expect(
      found.get(
        'sglang:http_responses_total{endpoint="/v1/chat/completions",method="POST",status_code="500"}',
      ),
    ).toBe(1);
    expect(
      found.get('sglang:http_responses_total{endpoint="/generate",method="POST",status_code="499"}'),
    ).toBe(1);
  });

  it('counts thinking that has a budget and its answer as one', async () => {
    const { url, post, engine } = await start(
      ({ stop }) => (stop ? { pieces: ['hm'], matchedStop: '</think>' } : { pieces: ['yes', '.'] }),
      { reasoningFormat: 'qwen3' },
    );
    for (const stream of [false, true])
      await (await post('/v1/chat/completions', { ...hello, thinking_budget: 9, stream, n: 2 })).text();
    expect(engine.requests).toHaveLength(8);
    const found = await figures(url);
    expect(found.get('sglang:num_requests_total')).toBe(4);
    expect(found.get('sglang:prompt_tokens_total')).toBe(44);
    expect(found.get('sglang:time_to_first_token_seconds_count')).toBe(4);
    expect(found.get('sglang:e2e_request_latency_seconds_count')).toBe(4);
  });

  it('has one label for all unknown paths, and needs no key', async () => {
    const { url } = await start({}, { apiKey: 'secret' });
    for (const path of ['/a', '/b', '/c"d']) expect((await fetch(url + path)).status).toBe(401);
    const found = await figures(url);
    expect(found.get('sglang:http_requests_total{endpoint="none",method="GET"}')).toBe(3);
    expect([...found.keys()].filter((name) => name.includes('/a'))).toEqual([]);
  });

  it('can be turned off', async () => {
    const { url } = await start({}, { metrics: false });
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });
});

it('a reader that leaves a stream counts as an abort, once', async () => {
  const registry = new Registry();
  const engine = new ServedEngine(new FakeEngine(), new GenerationMetrics(registry), () => {});
  for await (const _ of engine.stream({ prompt: 'x' })) break;
  for await (const _ of engine.stream({ prompt: 'x' }));
  const text = await registry.metrics();
  expect(text).toContain('sglang:num_aborted_requests_total 1\n');
  expect(text).toContain('sglang:num_requests_total 2\n');
});

it('a window forgets what is older', () => {
  const window = new RateWindow(3);
  window.add(500, 1);
  window.add(1500, 10);
  window.add(1999, 10);
  expect(window.sum(2999)).toBe(21);
  expect(window.sum(3000)).toBe(20);
  window.add(4100, 5);
  expect(window.sum(4100)).toBe(5);
  expect(window.sum(90_000)).toBe(0);
});

it('a histogram counts values at a bound below it, and weighs them', async () => {
  const registry = new Registry();
  const histogram = new WeightedHistogram(registry, 'times', 'Times', [1, 2]);
  histogram.observe(1, 3);
  histogram.observe(1.5);
  histogram.observe(9);
  expect(await registry.metrics()).toContain(
    'times_bucket{le="1"} 3\ntimes_bucket{le="2"} 4\ntimes_bucket{le="+Inf"} 5\ntimes_sum 13.5\ntimes_count 5',
  );
});
