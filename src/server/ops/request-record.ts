// What is known of one HTTP request's generations, for its log line and its trace. It is found by the abort signal that
// the route gives to the engine, so that no dialect has to hand it on.
import type { Context } from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import type { GenerateResult } from '../../engine/index.js';

export class RequestRecord {
  /** Milliseconds, as of performance.now(). */
  readonly startedAt = performance.now();
  promptTokens = 0;
  cachedTokens = 0;
  outputTokens = 0;
  /** Milliseconds from the request to the first token of any of its outputs. */
  firstTokenMs: number | undefined;
  readonly finishReasons = new Set<string>();
  /** Where spans of its generations belong. */
  traceContext: Context | undefined;
  /** The code of the error that ended it. */
  error: string | undefined;

  firstToken(at: number): void {
    this.firstTokenMs ??= at - this.startedAt;
  }

  finished({ usage, finishReason }: GenerateResult): void {
    this.promptTokens += usage.promptTokens;
    this.cachedTokens += usage.cachedTokens;
    this.outputTokens += usage.outputTokens;
    this.finishReasons.add(finishReason);
  }
}

const RECORD = Symbol('record');

/** The record of a request, made when first asked for: the errors of some come before any hook. */
export function recordFor({ raw }: FastifyRequest): RequestRecord {
  const holder = raw as object as { [RECORD]?: RequestRecord };
  holder[RECORD] ??= new RequestRecord();
  return holder[RECORD];
}

const records = new WeakMap<AbortSignal, RequestRecord>();

/** Ties a request's signal to its record. */
export function recordUnder(signal: AbortSignal, record: RequestRecord): void {
  records.set(signal, record);
}

/** The record of the request that a signal ends. */
export function recordOf(signal: AbortSignal | undefined): RequestRecord | undefined {
  return signal && records.get(signal);
}

/** Aborts with either of the two, and has the record of the request that `signal` belongs to. */
export function joinSignals(signal: AbortSignal, other: AbortSignal): AbortSignal {
  const joined = AbortSignal.any([signal, other]);
  const record = records.get(signal);
  if (record) records.set(joined, record);
  return joined;
}
