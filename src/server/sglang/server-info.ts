// GET /server_info, and /get_server_info as SGLang's clients still call it: the engine's options, kernels and counters.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';

export function serverInfoRoutes(app: FastifyInstance, context: ServerContext): void {
  const answer = async () => {
    const { modelPath, kernels, options } = context.model.info;
    const formats = await context.formats.get();
    return {
      server: 'espalier',
      model_path: modelPath,
      served_model_name: modelName(context),
      kernels,
      engine_options: options,
      tool_call_parser: formats.tools.name,
      reasoning_parser: formats.reasoning?.name ?? null,
      stats: await context.engine.stats(),
    };
  };
  for (const url of ['/server_info', '/get_server_info']) app.get(url, answer);
}
