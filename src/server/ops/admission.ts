// How many requests the server works on at once. The engine's queue holds those that wait for the model; this bounds what
// waits before it: bodies being read, grammars, tokenizing.
import type { FastifyInstance } from 'fastify';
import { HttpError } from '../errors.js';
import { routeOf } from './http-metrics.js';

/** Routes that work is ended by, so they are open where there is too much of it. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set([
  '/abort_request',
  '/flush_cache',
  '/v1/responses/:id/cancel',
]);

/** Refuses what would be one too many with 429 `too_many_requests`, before its body is read. */
export function limitConcurrency(app: FastifyInstance, maxConcurrentRequests: number): void {
  let count = 0;
  app.addHook('onRequest', async (request, reply) => {
    const hasBody = request.method === 'POST' || request.method === 'PUT';
    if (!hasBody || ALWAYS_OPEN.has(routeOf(request))) return;
    if (count >= maxConcurrentRequests)
      throw new HttpError(
        429,
        'too_many_requests',
        `${count} requests are being answered (limit maxConcurrentRequests = ${maxConcurrentRequests})`,
        { retryAfter: 1 },
      );
    count++;
    reply.raw.once('close', () => {
      count--;
    });
  });
}
