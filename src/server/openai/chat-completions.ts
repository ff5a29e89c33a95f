// POST /v1/chat/completions, whole and streamed.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { Conversation } from '../conversation/index.js';
import { sendEvents } from '../sse.js';
import { chatInput } from './chat-request.js';
import { type ChatBody, chatSchema } from './chat-schema.js';
import { chatChunks } from './chat-stream.js';
import { chatTools } from './chat-tools.js';
import { chatCompletion } from './chat-whole.js';
import { openaiErrorBody } from './errors.js';
import { toldInTerms } from './tool-errors.js';

export function chatCompletionsRoute(app: FastifyInstance, context: ServerContext): void {
  const { engine, inFlight, settings } = context;
  app.post<{ Body: ChatBody }>(
    '/chat/completions',
    { schema: { body: chatSchema } },
    async ({ body }, reply) => {
      const model = modelName(context);
      const tools = chatTools(body, settings.maxTools);
      const input = chatInput(body, tools);
      const conversation = await Conversation.plan(input, context).catch((error: unknown) => {
        throw toldInTerms(error, tools.fieldOf);
      });
      const tokenizer = input.logprobs === undefined ? undefined : await engine.tokenizer();
      const signal = inFlight.signal(reply, body.rid ?? undefined);
      const telling = { model, tokenizer, custom: tools.custom };
      if (!body.stream) return chatCompletion(await conversation.whole(signal), telling);
      const events = chatChunks(await conversation.stream(signal), {
        ...telling,
        choices: input.choices ?? 1,
        includeUsage: body.stream_options?.include_usage === true,
        streamsReasoning: body.stream_reasoning !== false,
      });
      return sendEvents(reply, events, openaiErrorBody);
    },
  );
}
