// GET /v1/models and /v1/models/:model for Anthropic's clients: the one model that is served.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { HttpError } from '../errors.js';

export function anthropicModelsRoutes(app: FastifyInstance, context: ServerContext): void {
  const describe = () => {
    const id = modelName(context);
    const { contextLength } = context.model.info;
    return {
      type: 'model',
      id,
      display_name: id,
      created_at: new Date(context.model.loadedAt * 1000).toISOString(),
      max_input_tokens: contextLength,
      max_tokens: contextLength,
    };
  };
  const constraints = { dialect: 'anthropic' };
  app.get('/models', { constraints }, async () => {
    const model = describe();
    return { data: [model], has_more: false, first_id: model.id, last_id: model.id };
  });
  app.get<{ Params: { '*': string } }>('/models/*', { constraints }, async (request) => {
    const model = describe();
    if (request.params['*'] === model.id) return model;
    throw new HttpError(404, 'model_not_found', `model: ${request.params['*']}`);
  });
}
