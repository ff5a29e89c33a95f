// The OpenAI dialect: the routes below /v1 and their error bodies.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';
import { answerErrors } from '../error-handler.js';
import { chatCompletionsRoute } from './chat-completions.js';
import { openaiErrorBody } from './errors.js';
import { modelsRoutes } from './models.js';

/** A fastify plugin, so that its error handler is its own. */
export function openaiRoutes(context: ServerContext) {
  return async (app: FastifyInstance): Promise<void> => {
    answerErrors(app, openaiErrorBody);
    modelsRoutes(app, context);
    chatCompletionsRoute(app, context);
  };
}
