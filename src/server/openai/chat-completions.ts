// POST /v1/chat/completions, whole and streamed.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { Conversation } from '../conversation/index.js';
import { sendEvents } from '../sse.js';
import { chatInput } from './chat-request.js';
import { type ChatBody, chatSchema } from './chat-schema.js';
import { chatChunks } from './chat-stream.js';
import { chatCompletion } from './chat-whole.js';
import { openaiErrorBody } from './errors.js';

export function chatCompletionsRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight, settings } = context;
  app.post<{ Body: ChatBody }>(
    '/chat/completions',
    { schema: { body: chatSchema } },
    async ({ body }, reply) => {
      const model = modelName(context);
      const input = chatInput(body, settings);
      const conversation = await Conversation.plan(input, context);
      const tokenizer = input.logprobs === undefined ? undefined : await engine.tokenizer();
      const signal = inFlight.signal(reply, body.rid ?? undefined);
      if (!body.stream) return chatCompletion(await conversation.whole(signal), model, tokenizer);
      const events = chatChunks(await conversation.stream(signal), {
        model,
        choices: input.choices ?? 1,
        includeUsage: body.stream_options?.include_usage === true,
        streamsReasoning: body.stream_reasoning !== false,
        tokenizer,
      });
      return sendEvents(reply, events, openaiErrorBody);
    },
  );
}
