// OpenTelemetry spans: one for each request, as a server's, below the caller's where headers name one; below it one for each
// generation, with its prefill and its decode. Without a tracer provider in the process nothing is kept.
import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type { GenerateRequest, GenerateResult } from '../../engine/index.js';
import { routeOf, statusOf } from './http-metrics.js';
import { recordFor } from './request-record.js';

function tracer(): Tracer {
  return trace.getTracer('espalier');
}

export function traceRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const record = recordFor(request);
    const route = routeOf(request);
    const attributes = { 'http.request.method': request.method, 'http.route': route };
    const parent = propagation.extract(context.active(), request.headers);
    const span = tracer().startSpan(
      `${request.method} ${route}`,
      { kind: SpanKind.SERVER, attributes },
      parent,
    );
    record.traceContext = trace.setSpan(parent, span);
    reply.raw.once('close', () => {
      const status = statusOf(reply.raw);
      span.setAttribute('http.response.status_code', status);
      if (record.error !== undefined) span.setAttribute('error.type', record.error);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    done();
  });
}

/** The spans of one generation. `prefill` begins when the engine has the request, so waiting in its queue is part of it. */
export class GenerationSpans {
  readonly #span: Span;
  readonly #below: Context;
  #phase: Span;
  #isDecoding = false;

  constructor(request: GenerateRequest, parent: Context) {
    this.#span = tracer().startSpan('generate', { attributes: requestAttributes(request) }, parent);
    this.#below = trace.setSpan(parent, this.#span);
    this.#phase = tracer().startSpan('prefill', {}, this.#below);
  }

  /** The first of all outputs; `ago`: how many milliseconds from now, 0 or less. */
  firstToken(ago: number): void {
    if (this.#isDecoding) return;
    this.#isDecoding = true;
    const at = Date.now() + ago;
    this.#phase.end(at);
    this.#phase = tracer().startSpan('decode', { startTime: at }, this.#below);
  }

  ended(results: readonly GenerateResult[]): void {
    const total = (of: (usage: GenerateResult['usage']) => number) =>
      results.reduce((sum, { usage }) => sum + of(usage), 0);
    this.#span.setAttributes({
      'gen_ai.usage.input_tokens': results[0]?.usage.promptTokens ?? 0,
      'gen_ai.usage.output_tokens': total(({ outputTokens }) => outputTokens),
      'gen_ai.usage.cache_read.input_tokens': results[0]?.usage.cachedTokens ?? 0,
      'gen_ai.response.finish_reasons': results.map(({ finishReason }) => finishReason),
    });
    this.#end();
  }

  failed(reason: string): void {
    this.#span.setAttribute('error.type', reason);
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#end();
  }

  #end(): void {
    this.#phase.end();
    this.#span.end();
  }
}

function requestAttributes({ maxTokens, temperature, topP, seed }: GenerateRequest): Attributes {
  return {
    'gen_ai.operation.name': 'generate',
    'gen_ai.provider.name': 'espalier',
    ...(maxTokens !== undefined && { 'gen_ai.request.max_tokens': maxTokens }),
    ...(temperature !== undefined && { 'gen_ai.request.temperature': temperature }),
    ...(topP !== undefined && { 'gen_ai.request.top_p': topP }),
    ...(seed !== undefined && { 'gen_ai.request.seed': seed }),
  };
}
