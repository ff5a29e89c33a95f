// One generation, of one or several outputs, as it is told to the metrics, to its request's record and to traces.
import {
  type GenerateChunk,
  type GenerateRequest,
  type GenerateResult,
  isConstrained,
} from '../../engine/index.js';
import { EspalierError } from '../../errors.js';
import type { GenerationMetrics } from './generation-metrics.js';
import { type RequestRecord, recordOf } from './request-record.js';
import { GenerationSpans } from './tracing.js';

export class Watch {
  readonly #start = performance.now();
  readonly #metrics: GenerationMetrics | undefined;
  readonly #record: RequestRecord | undefined;
  /** When the last token of each output came; 0 before its first. */
  readonly #last: Float64Array;
  #open: number;
  readonly #spans: GenerationSpans | undefined;
  readonly #results: GenerateResult[] = [];

  constructor(request: GenerateRequest, metrics: GenerationMetrics | undefined, outputs = 1) {
    this.#metrics = metrics;
    this.#record = recordOf(request.signal);
    this.#last = new Float64Array(outputs);
    this.#open = outputs;
    metrics?.began(isConstrained(request));
    const parent = this.#record?.traceContext;
    this.#spans = parent && new GenerationSpans(request, parent);
  }

  chunk(chunk: GenerateChunk & { readonly index?: number }): void {
    const { index = 0, tokens, result } = chunk;
    if (tokens.length > 0) this.#tokens(index, tokens.length);
    if (result) this.#ended(result);
  }

  #tokens(index: number, count: number): void {
    const now = performance.now();
    const last = this.#last[index];
    this.#last[index] = now;
    this.#metrics?.came(count, now);
    if (last > 0) this.#metrics?.tokens(count, (now - last) / count);
    else {
      this.#first(now);
    }
  }

  /** An output that comes all at once: its times are the engine's. */
  result(result: GenerateResult): void {
    const { firstTokenMs, totalMs, outputTokens } = result.usage;
    const now = performance.now();
    const rest = totalMs - firstTokenMs;
    this.#metrics?.came(outputTokens, now);
    if (outputTokens > 0) this.#first(now - rest);
    if (outputTokens > 1) this.#metrics?.tokens(outputTokens - 1, rest / (outputTokens - 1));
    this.#ended(result);
  }

  #first(at: number): void {
    this.#metrics?.firstToken(at - this.#start);
    this.#record?.firstToken(at);
    this.#spans?.firstToken(at - performance.now());
  }

  #ended(result: GenerateResult): void {
    const now = performance.now();
    this.#open--;
    this.#metrics?.finished(result, now - this.#start, now);
    this.#record?.finished(result);
    this.#results.push(result);
    if (this.#open === 0) this.#spans?.ended(this.#results);
  }

  failed(error: unknown): void {
    if (this.#open === 0) return;
    this.#open = 0;
    this.#metrics?.failed();
    this.#spans?.failed(error instanceof EspalierError ? error.code : 'internal_error');
  }

  /** The reader went away; nothing where all outputs had ended. */
  left(): void {
    if (this.#open === 0) return;
    this.#open = 0;
    this.#metrics?.left();
    this.#spans?.failed('client_left');
  }
}
