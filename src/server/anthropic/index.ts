// Anthropic's dialect: its routes below /v1, and its error bodies.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';
import { answerErrors } from '../error-handler.js';
import { anthropicErrorBody } from './errors.js';
import { messagesRoutes } from './messages.js';
import { anthropicModelsRoutes } from './models.js';

/** The engine's fields as bodies of messages call them. */
const fieldNames = {
  prompt: 'messages',
  promptTokens: 'messages',
  topP: 'top_p',
  topK: 'top_k',
  stop: 'stop_sequences',
};

/** A fastify plugin, so that its error handler is its own. */
export function anthropicRoutes(context: ServerContext) {
  return async (app: FastifyInstance): Promise<void> => {
    answerErrors(app, anthropicErrorBody, fieldNames);
    messagesRoutes(app, context);
    anthropicModelsRoutes(app, context);
  };
}
