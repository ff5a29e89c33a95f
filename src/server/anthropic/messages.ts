// POST /v1/messages, whole and streamed, and /v1/messages/count_tokens.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { Conversation, countPromptTokens } from '../conversation/index.js';
import { onlyChoice } from '../only-choice.js';
import { namedEvents, sendEvents } from '../sse.js';
import { anthropicErrorBody } from './errors.js';
import { countTokensSchema, type MessagesBody, messagesSchema, type PromptBody } from './messages-schema.js';
import { messagesInput, promptInput } from './request.js';
import { messageEvents } from './stream.js';
import { wholeMessage } from './whole.js';

export function messagesRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Body: MessagesBody }>(
    '/messages',
    { schema: { body: messagesSchema } },
    async ({ body }, reply) => {
      const model = modelName(context);
      const input = { ...messagesInput(body, context), countsPrompt: body.stream === true };
      const conversation = await Conversation.plan(input, context);
      const stream = await conversation.stream(context.inFlight.signal(reply));
      const events = messageEvents(onlyChoice(stream), {
        model,
        maxTokens: body.max_tokens,
        hidesThinking: body.thinking?.display === 'omitted',
        promptTokens: conversation.promptTokens,
      });
      if (!body.stream) return wholeMessage(events);
      return sendEvents(reply, events, anthropicErrorBody, namedEvents);
    },
  );
  app.post<{ Body: PromptBody }>(
    '/messages/count_tokens',
    { schema: { body: countTokensSchema } },
    async ({ body }) => ({ input_tokens: await countPromptTokens(promptInput(body, context), context) }),
  );
}
