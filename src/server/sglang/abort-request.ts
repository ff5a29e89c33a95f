// /abort_request: ends a running request by its `rid` (or its x-request-id), or all of them.
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../../errors.js';
import type { ServerContext } from '../context.js';

interface AbortBody {
  readonly rid?: string | null;
  readonly abort_all?: boolean | null;
}

const abortSchema = {
  type: 'object',
  properties: { rid: { type: ['string', 'null'] }, abort_all: { type: ['boolean', 'null'] } },
};

/** An id that nobody runs under is no error: its request may just have ended. */
export function abortRequestRoute(app: FastifyInstance, { inFlight }: ServerContext): void {
  app.post<{ Body: AbortBody }>(
    '/abort_request',
    { schema: { body: abortSchema } },
    async ({ body }, reply) => {
      if (!body.rid && !body.abort_all)
        throw new RequestError('invalid_value', 'rid is required, unless abort_all is true', 'rid');
      inFlight.abort(body.abort_all ? undefined : (body.rid ?? undefined));
      return reply.type('text/plain; charset=utf-8').send('');
    },
  );
}
