// /flush_cache: drops every cached prefix that no running request holds.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';

export function flushCacheRoute(app: FastifyInstance, { engine }: ServerContext): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/flush_cache',
    handler: async (_request, reply) => {
      await engine.flushCache();
      return reply.type('text/plain; charset=utf-8').send('Cache flushed.\n');
    },
  });
}
