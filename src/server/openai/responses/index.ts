// The Responses API: POST /v1/responses and the routes of stored responses.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.js';
import { createResponseRoute } from './create.js';
import { ResponseStore } from './store.js';
import { storedResponseRoutes } from './stored.js';

export function responsesRoutes(app: FastifyInstance, context: ServerContext): void {
  const store = new ResponseStore(context.settings);
  createResponseRoute(app, context, store);
  storedResponseRoutes(app, store);
}
