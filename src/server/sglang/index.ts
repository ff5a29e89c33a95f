// The SGLang dialect: its native routes and their error bodies.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from '../context.js';
import { answerErrors } from '../error-handler.js';
import { healthGenerateRoute } from '../health.js';
import { tokenizeRoutes } from '../tokenize.js';
import { abortRequestRoute } from './abort-request.js';
import { sglangErrorBody } from './errors.js';
import { flushCacheRoute } from './flush-cache.js';
import { generateRoute } from './generate.js';
import { modelInfoRoutes } from './model-info.js';
import { parseRoutes } from './parse.js';
import { serverInfoRoutes } from './server-info.js';

/** The engine's fields as /generate calls them. */
const fieldNames = {
  promptTokens: 'input_ids',
  stopTokenIds: 'sampling_params.stop_token_ids',
  logitBias: 'sampling_params.logit_bias',
  minTokens: 'sampling_params.min_new_tokens',
};

/** A fastify plugin, so that its error handler is its own. */
export function sglangRoutes(context: ServerContext) {
  return async (app: FastifyInstance): Promise<void> => {
    answerErrors(app, sglangErrorBody, fieldNames);
    generateRoute(app, context);
    abortRequestRoute(app, context);
    healthGenerateRoute(app, context);
    tokenizeRoutes(app, context);
    parseRoutes(app, context);
    flushCacheRoute(app, context);
    modelInfoRoutes(app, context);
    serverInfoRoutes(app, context);
  };
}
