// POST /api/embed: of one text or several, and /api/embeddings, its older form, of one.
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { EmbedResult } from '../../engine/index.js';
import { modelName, type ServerContext } from '../context.js';
import { checkBatch } from '../prompts.js';
import { withoutNulls } from '../sampling.js';

interface EmbedBody {
  readonly input: string | readonly string[];
  readonly dimensions?: number | null;
}

const shared = {
  model: { type: ['string', 'null'] },
  options: { type: ['object', 'null'] },
  keep_alive: { type: ['string', 'number', 'null'] },
} as const;

const embedSchema = {
  type: 'object',
  required: ['input'],
  properties: {
    ...shared,
    input: { type: ['string', 'array'], minItems: 1, items: { type: 'string' } },
    truncate: { type: ['boolean', 'null'] },
    dimensions: { type: ['integer', 'null'], minimum: 1 },
  },
} as const;

const embeddingsSchema = {
  type: 'object',
  required: ['prompt'],
  properties: { ...shared, prompt: { type: 'string' } },
} as const;

/** Nothing of `options` changes an embedding. */
export function embedRoutes(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight, settings } = context;
  const embed = (reply: FastifyReply, { input, dimensions }: EmbedBody): Promise<EmbedResult> => {
    const inputs = typeof input === 'string' ? [input] : input;
    checkBatch(inputs.length, settings.maxBatch, 'input');
    return engine.embed(inputs, { ...withoutNulls({ dimensions }), signal: inFlight.signal(reply) });
  };
  app.post<{ Body: EmbedBody }>('/embed', { schema: { body: embedSchema } }, async ({ body }, reply) => {
    const start = performance.now();
    const { embeddings, usage } = await embed(reply, body);
    return {
      model: modelName(context),
      embeddings: embeddings.map((values) => [...values]),
      total_duration: Math.round((performance.now() - start) * 1e6),
      load_duration: 0,
      prompt_eval_count: usage.promptTokens,
    };
  });
  app.post<{ Body: { readonly prompt: string } }>(
    '/embeddings',
    { schema: { body: embeddingsSchema } },
    async ({ body }, reply) => {
      const { embeddings } = await embed(reply, { input: body.prompt });
      return { embedding: [...embeddings[0]] };
    },
  );
}
