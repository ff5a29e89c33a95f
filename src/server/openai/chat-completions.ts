// POST /v1/chat/completions, whole and streamed.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { afterFirst, sendEvents } from '../sse.js';
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
      const plan = planChat(body, context);
      const request = { ...plan.request, signal: inFlight.signal(reply) };
      if (!body.stream) return chatCompletion(await engine.generate(request), plan, model);
      const chunks = await afterFirst(engine.stream(request));
      return sendEvents(reply, chatChunks(chunks, plan, model), openaiErrorBody);
    },
  );
}
