// Requests by route, method and status, and how long they took.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What stands for paths that no route has, so that nobody can make up labels. */
const NO_ROUTE = 'none';

const BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? NO_ROUTE;
}

export function countRequests(app: FastifyInstance, registry: Registry): void {
  const registers = [registry];
  const labelNames = ['endpoint', 'method'];
  const came = new Counter({ name: 'sglang:http_requests_total', help: 'Requests', labelNames, registers });
  const active = new Gauge({
    name: 'sglang:http_requests_active',
    help: 'Requests being answered',
    registers,
  });
  const answered = new Counter({
    name: 'sglang:http_responses_total',
    help: 'Answers by status; 499: the client went away first',
    labelNames: [...labelNames, 'status_code'],
    registers,
  });
  const times = new Histogram({
    name: 'espalier:http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['endpoint'],
    buckets: BOUNDS,
    registers,
  });
  app.addHook('onRequest', (request, reply, done) => {
    const labels = { endpoint: routeOf(request), method: request.method };
    const start = performance.now();
    came.inc(labels);
    active.inc();
    reply.raw.once('close', () => {
      active.dec();
      answered.inc({ ...labels, status_code: statusOf(reply.raw) });
      times.observe({ endpoint: labels.endpoint }, (performance.now() - start) / 1000);
    });
    done();
  });
}

/** The status that a client got; 499, as proxies call it, where it went away before its answer was complete. */
export function statusOf(raw: { readonly writableFinished: boolean; readonly statusCode: number }): number {
  return raw.writableFinished ? raw.statusCode : 499;
}
