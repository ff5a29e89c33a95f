// GET /v1/models and /v1/models/:model: the one model that is served.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { HttpError } from '../errors.js';

export function modelsRoutes(app: FastifyInstance, context: ServerContext): void {
  const describe = () => ({
    id: modelName(context),
    object: 'model',
    created: context.model.loadedAt,
    owned_by: 'espalier',
    max_model_len: context.model.info.contextLength,
  });
  app.get('/models', async () => ({ object: 'list', data: [describe()] }));
  app.get<{ Params: { '*': string } }>('/models/*', async (request) => {
    const model = describe();
    if (request.params['*'] === model.id) return model;
    throw new HttpError(
      404,
      'model_not_found',
      `the model ${JSON.stringify(request.params['*'])} is not served here; ${JSON.stringify(model.id)} is`,
    );
  });
}
