// One line a request at `info`: what was asked, what came of it, how long it took. What prompts and outputs say is not in
// it; bodies are, where `logRequests` asks for them.
import type { FastifyInstance } from 'fastify';
import type { LogLevel } from '../options.js';
import { routeOf, statusOf } from './http-metrics.js';
import { type RequestRecord, recordFor } from './request-record.js';

const TELLING: readonly LogLevel[] = ['info', 'debug', 'trace'];

export function logRequests(app: FastifyInstance, logLevel: LogLevel, withBodies: boolean): void {
  if (!TELLING.includes(logLevel)) return;
  app.addHook('onRequest', (request, reply, done) => {
    const { method } = request;
    const record = recordFor(request);
    reply.raw.once('close', () => {
      const line = {
        method,
        route: routeOf(request),
        status: statusOf(reply.raw),
        ms: rounded(performance.now() - record.startedAt),
        ...generationFigures(record),
        ...(record.error !== undefined && { error: record.error }),
        ...(withBodies && { body: request.body }),
      };
      request.log.info(line, 'request');
    });
    done();
  });
}

function generationFigures(record: RequestRecord): object {
  if (record.finishReasons.size === 0) return {};
  return {
    promptTokens: record.promptTokens,
    cachedTokens: record.cachedTokens,
    outputTokens: record.outputTokens,
    ...(record.firstTokenMs !== undefined && { firstTokenMs: rounded(record.firstTokenMs) }),
    finish: [...record.finishReasons].join(','),
  };
}

/** To a tenth of a millisecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
