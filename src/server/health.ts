// GET /health: 200 once the model is loaded, 503 before and while the server closes. Needs no API key.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from './context.js';

export function healthRoute(app: FastifyInstance, { model }: ServerContext): void {
  app.get('/health', async () => {
    const { modelId } = model.info;
    return { status: 'ok', model: modelId };
  });
}
