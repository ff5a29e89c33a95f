// The Responses API: POST /v1/responses and the routes of stored responses.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../../context.js';
import { BackgroundResponses } from './background.js';
import { createResponseRoute } from './create.js';
import { ResponseStore } from './store.js';
import { storedResponseRoutes } from './stored.js';

export function responsesRoutes(app: FastifyInstance, context: ServerContext): void {
  const store = new ResponseStore(context.settings);
  const { maxBackgroundResponses } = context.settings;
  const background = new BackgroundResponses(store, context.inFlight, maxBackgroundResponses);
  createResponseRoute(app, context, { store, background });
  storedResponseRoutes(app, { store, background });
}
