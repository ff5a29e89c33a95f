// POST /v1/embeddings: of one text or several, or of token ids, as lists of numbers or as base64 of little-endian float32.
import type { FastifyInstance } from 'fastify';
import type { EmbedInput, EmbedResult } from '../../engine/index.js';
import { modelName, type ServerContext } from '../context.js';
import { anyPrompts, checkBatch } from '../prompts.js';
import { placeOptions, withoutNulls } from '../sampling.js';
import { type EmbeddingBody, embeddingSchema } from './embeddings-schema.js';

export function embeddingsRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight, settings } = context;
  app.post<{ Body: EmbeddingBody }>(
    '/embeddings',
    { schema: { body: embeddingSchema } },
    async ({ body }, reply) => {
      const model = modelName(context);
      const { prompts } = anyPrompts(body.input, 'input');
      checkBatch(prompts.length, settings.maxBatch, 'input');
      const inputs: EmbedInput[] = prompts.map(({ prompt, promptTokens }) => prompt ?? promptTokens ?? '');
      const result = await engine.embed(inputs, {
        ...placeOptions(body),
        ...withoutNulls({ dimensions: body.dimensions, pooling: body.pooling }),
        signal: inFlight.signal(reply, body.rid ?? undefined),
      });
      return embeddingList(result, model, body.encoding_format ?? 'float');
    },
  );
}

function embeddingList({ embeddings, usage }: EmbedResult, model: string, format: 'float' | 'base64') {
  const told = (values: Float32Array) =>
    format === 'float'
      ? [...values]
      : Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
  return {
    object: 'list',
    data: embeddings.map((values, index) => ({ object: 'embedding', index, embedding: told(values) })),
    model,
    usage: { prompt_tokens: usage.promptTokens, total_tokens: usage.promptTokens },
  };
}
