// POST /v1/chat/completions, whole and streamed.
import type { FastifyInstance } from 'fastify';
import { Batch } from '../batch.js';
import { modelName, type ServerContext } from '../context.js';
import { sendEvents } from '../sse.js';
import { planChat } from './chat-request.js';
import { type ChatBody, chatSchema } from './chat-schema.js';
import { chatChunks } from './chat-stream.js';
import { chatCompletion } from './chat-whole.js';
import { openaiErrorBody } from './errors.js';

export function chatCompletionsRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight } = context;
  app.post<{ Body: ChatBody }>(
    '/chat/completions',
    { schema: { body: chatSchema } },
    async ({ body }, reply) => {
      const model = modelName(context);
      const plan = await planChat(body, context);
      const tokenizer = plan.request.logprobs === undefined ? undefined : await engine.tokenizer();
      const batch = new Batch(
        engine,
        [plan.request],
        inFlight.signal(reply, body.rid ?? undefined),
        plan.choices,
      );
      if (!body.stream) return chatCompletion(await batch.whole(), plan, model, tokenizer);
      return sendEvents(reply, chatChunks(await batch.stream(), plan, model, tokenizer), openaiErrorBody);
    },
  );
}
