// Which web pages of other origins may call the server: none, unless `corsOrigins` names them.
import type { FastifyInstance } from 'fastify';

/** Seconds for which a browser may remember what a preflight allowed. */
const MAX_AGE = 600;

/** `*` among the origins allows every page. Nothing is set for pages of other origins, so browsers keep answers from them. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    reply.header('vary', 'origin');
    if (origin === undefined || !(allowed.has('*') || allowed.has(origin))) return;
    reply.header('access-control-allow-origin', allowed.has('*') ? '*' : origin);
    reply.header('access-control-expose-headers', 'x-request-id, retry-after');
    const asked = request.headers['access-control-request-method'];
    if (request.method !== 'OPTIONS' || asked === undefined) return;
    const names = request.headers['access-control-request-headers'];
    return reply
      .headers({
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        ...(names !== undefined && { 'access-control-allow-headers': names }),
        'access-control-max-age': MAX_AGE,
      })
      .code(204)
      .send();
  });
}
