// GET /model_info, and /get_model_info as SGLang's clients still call it.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';

export function modelInfoRoutes(app: FastifyInstance, context: ServerContext): void {
  const answer = async () => {
    const { modelPath, contextLength, vocabSize, eosTokenIds } = context.model.info;
    return {
      model_path: modelPath,
      served_model_name: modelName(context),
      is_generation: true,
      context_length: contextLength,
      vocab_size: vocabSize,
      eos_token_ids: eosTokenIds,
    };
  };
  for (const url of ['/model_info', '/get_model_info']) app.get(url, answer);
}
