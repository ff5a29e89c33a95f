// GET /health: 200 once the model is loaded, 503 before and while the server closes. /health_generate also has the engine
// make a token. Neither needs an API key.
import type { FastifyInstance } from 'fastify';
import type { ServerContext } from './context.js';
import { HttpError } from './errors.js';

export function healthRoute(app: FastifyInstance, { model }: ServerContext): void {
  app.get('/health', async () => {
    const { modelId } = model.info;
    return { status: 'ok', model: modelId };
  });
}

/** 503 `unhealthy` where a token takes longer than `healthTimeout`. */
export function healthGenerateRoute(app: FastifyInstance, { engine, model, settings }: ServerContext): void {
  app.get('/health_generate', async () => {
    const { modelId } = model.info;
    const signal = AbortSignal.timeout(settings.healthTimeout);
    const { finishReason } = await engine.generate({
      promptTokens: [0],
      maxTokens: 1,
      ignoreEos: true,
      signal,
    });
    if (finishReason === 'abort')
      throw new HttpError(
        503,
        'unhealthy',
        `the engine made no token within healthTimeout = ${settings.healthTimeout} ms`,
      );
    return { status: 'ok', model: modelId };
  });
}
