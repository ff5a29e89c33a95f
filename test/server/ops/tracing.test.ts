// OpenTelemetry spans of requests and generations, as a provider in the process sees them.
import { propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { tracesUrl } from '../../../src/cli/otlp.js';
import { start, stopAll } from '../fake-engine.js';

const exporter = new InMemorySpanExporter();

beforeAll(() => {
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterEach(async () => {
  exporter.reset();
  await stopAll();
});
afterAll(() => trace.disable());

const hello = { messages: [{ role: 'user', content: 'Hi' }] };
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

async function spans(...names: string[]): Promise<Map<string, ReadableSpan>> {
  await expect
    .poll(() => exporter.getFinishedSpans().map(({ name }) => name))
    .toEqual(expect.arrayContaining(names));
  return new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
}

it.each([
  false,
  true,
])('stand below the caller’s: request, generation, prefill, decode (stream %s)', async (stream) => {
  const { post } = await start({ pieces: ['a', 'b'], delay: 5 });
  await (await post('/v1/chat/completions', { ...hello, stream, temperature: 0.5 }, { traceparent })).text();
  const found = await spans('POST /v1/chat/completions', 'generate', 'prefill', 'decode');
  expect([...found.keys()].sort()).toEqual(['POST /v1/chat/completions', 'decode', 'generate', 'prefill']);
  const [request, generate] = ['POST /v1/chat/completions', 'generate'].map((name) => found.get(name)!);
  expect(request.kind).toBe(SpanKind.SERVER);
  expect(request.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(request.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  expect(request.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/v1/chat/completions',
    'http.response.status_code': 200,
  });
  expect(generate.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  expect(generate.attributes).toMatchObject({
    'gen_ai.request.temperature': 0.5,
    'gen_ai.usage.input_tokens': 11,
    'gen_ai.usage.output_tokens': 2,
    'gen_ai.response.finish_reasons': ['stop'],
  });
  for (const name of ['prefill', 'decode'])
    expect(found.get(name)?.parentSpanContext?.spanId).toBe(generate.spanContext().spanId);
  expect(JSON.stringify([...found.values()].map(({ attributes }) => attributes))).not.toContain('Hi');
});

it('tell of errors', async () => {
  const { post } = await start({ error: new Error('no') });
  await post('/v1/chat/completions', hello);
  const found = await spans('POST /v1/chat/completions', 'generate');
  expect(found.get('generate')?.status.code).toBe(SpanStatusCode.ERROR);
  expect(found.get('POST /v1/chat/completions')?.attributes).toMatchObject({
    'http.response.status_code': 500,
    'error.type': 'internal_error',
  });
});

it('go to the collector that is named', () => {
  expect(tracesUrl('localhost:4318')).toBe('http://localhost:4318/v1/traces');
  expect(tracesUrl('https://a.example/x')).toBe('https://a.example/x');
  expect(() => tracesUrl('http://')).toThrow('--otlp-traces-endpoint must be a URL');
});
