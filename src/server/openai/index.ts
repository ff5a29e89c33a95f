// The OpenAI dialect: the routes below /v1 and their error bodies.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';
import { answerErrors } from '../error-handler.js';
import { tokenizeRoutes } from '../tokenize.js';
import { chatCompletionsRoute } from './chat-completions.js';
import { completionsRoute } from './completions.js';
import { embeddingsRoute } from './embeddings.js';
import { openaiErrorBody } from './errors.js';
import { modelsRoutes } from './models.js';
import { responsesRoutes } from './responses/index.js';

/** The engine's fields as chat bodies call them. */
const fieldNames = {
  prompt: 'messages',
  stopTokenIds: 'stop_token_ids',
  logitBias: 'logit_bias',
  minTokens: 'min_tokens',
};

/** A fastify plugin, so that its error handler is its own. */
export function openaiRoutes(context: ServerContext) {
  return async (app: FastifyInstance): Promise<void> => {
    answerErrors(app, openaiErrorBody, fieldNames);
    modelsRoutes(app, context);
    chatCompletionsRoute(app, context);
    app.register(async (responses) => {
      answerErrors(responses, openaiErrorBody, { ...fieldNames, prompt: 'input', promptTokens: 'input' });
      responsesRoutes(responses, context);
    });
    app.register(async (completions) => {
      answerErrors(completions, openaiErrorBody, { ...fieldNames, prompt: 'prompt', promptTokens: 'prompt' });
      completionsRoute(completions, context);
      tokenizeRoutes(completions, context);
    });
    app.register(async (embeddings) => {
      answerErrors(embeddings, openaiErrorBody, { prompt: 'input', promptTokens: 'input', inputs: 'input' });
      embeddingsRoute(embeddings, context);
    });
  };
}
