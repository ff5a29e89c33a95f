// GET /playground/info: what the page needs to know of the model before it asks for anything.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { MAX_ALTERNATIVES } from './generate-request.js';
import type { InfoView } from './protocol.js';

export function infoRoute(app: FastifyInstance, context: ServerContext): void {
  app.get('/playground/info', async (): Promise<InfoView> => {
    const { contextLength, vocabSize, kernels, options } = context.model.info;
    const { chatTemplates } = await context.engine.tokenizer();
    return {
      model: modelName(context),
      context_length: contextLength,
      vocab_size: vocabSize,
      device: options.device,
      kernels,
      page_size: options.pageSize,
      jump_forward: options.jumpForward,
      has_chat_template: chatTemplates.length > 0,
      max_alternatives: MAX_ALTERNATIVES,
    };
  });
}
