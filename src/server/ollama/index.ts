// Ollama's dialect: the routes below /api and their error bodies.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServerContext } from '../context.js';
import { answerErrors } from '../error-handler.js';
import { HttpError } from '../errors.js';
import { parseJsonBody } from '../json-body.js';
import { embedRoutes } from './embed.js';
import { ollamaErrorBody } from './errors.js';
import { chatRoute, generateRoute } from './generation.js';
import { ollamaModelsRoutes } from './models.js';

/** The engine's fields as bodies here call them. */
const fieldNames = {
  prompt: 'messages',
  promptTokens: 'messages',
  topP: 'options.top_p',
  topK: 'options.top_k',
  minP: 'options.min_p',
  repetitionPenalty: 'options.repeat_penalty',
};

/** Ollama's ways to change which models there are. */
const STORE = ['/pull', '/push', '/create', '/copy', '/delete'] as const;

/** A fastify plugin, so that its error handler is its own. */
export function ollamaRoutes(context: ServerContext) {
  return async (app: FastifyInstance): Promise<void> => {
    answerErrors(app, ollamaErrorBody, fieldNames);
    takeUntypedBodies(app, context.settings.maxBodyDepth);
    chatRoute(app, context);
    app.register(async (generate) => {
      answerErrors(generate, ollamaErrorBody, { ...fieldNames, prompt: 'prompt', promptTokens: 'prompt' });
      generateRoute(generate, context);
    });
    app.register(async (embed) => {
      answerErrors(embed, ollamaErrorBody, { ...fieldNames, prompt: 'input', promptTokens: 'input' });
      embedRoutes(embed, context);
    });
    ollamaModelsRoutes(app, context);
    for (const url of STORE)
      refuse(app, url, 'the one model that is served is chosen when the server is started');
  };
}

function refuse(app: FastifyInstance, url: string, why: string): void {
  app.route({
    method: url === '/delete' ? 'DELETE' : 'POST',
    url,
    handler: async () => {
      throw new HttpError(501, 'not_implemented', `${app.prefix}${url} is not supported: ${why}`);
    },
  });
}

/**
 * Ollama takes JSON whatever its content type says, and its examples for curl say none. From a page in a browser that
 * stays refused: such a request needs no leave of the server to be sent.
 */
function takeUntypedBodies(app: FastifyInstance, maxBodyDepth: number): void {
  app.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, body: string) => {
    if (request.headers.origin !== undefined)
      throw new HttpError(415, 'unsupported_media_type', 'the content type must be application/json');
    return parseJsonBody(body, maxBodyDepth);
  });
}
