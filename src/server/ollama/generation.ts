// POST /api/chat and /api/generate, streamed unless `stream` is false.
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GenerateChunk } from '../../engine/index.js';
import { modelName, type ServerContext } from '../context.js';
import { type ChatEvent, Conversation, OutputReader } from '../conversation/index.js';
import { onlyChoice } from '../only-choice.js';
import { jsonLines, sendEvents } from '../sse.js';
import { afterFirst } from '../streams.js';
import { answerLines, Clock, type Piece, type Telling, wholeAnswer } from './answer.js';
import { type ChatBody, chatInput, chatSchema } from './chat-request.js';
import type { CommonFields } from './common-fields.js';
import { ollamaErrorBody } from './errors.js';
import { type GenerateBody, generateInput, generateSchema, rawRequest } from './generate-request.js';

const asMessage = (piece: Piece) => ({ message: { role: 'assistant', ...piece } });
const asResponse = ({ content, thinking }: Piece) => ({ response: content, ...(thinking && { thinking }) });

export function chatRoute(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Body: ChatBody }>('/chat', { schema: { body: chatSchema } }, async ({ body }, reply) => {
    const { messages } = body;
    if (!messages || messages.length === 0) return loaded(context, asMessage);
    return answer(context, reply, body, asMessage, async (signal) => {
      const conversation = await Conversation.plan(chatInput(body, messages, context), context);
      return onlyChoice(await conversation.stream(signal));
    });
  });
}

export function generateRoute(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Body: GenerateBody }>(
    '/generate',
    { schema: { body: generateSchema } },
    async ({ body }, reply) => {
      const { prompt } = body;
      if (!prompt) return loaded(context, asResponse);
      return answer(context, reply, body, asResponse, async (signal) => {
        if (body.raw) {
          const request = { ...rawRequest(body, prompt, context), signal };
          const { tokenizer } = await context.formats.get();
          const reader = new OutputReader({ tokenizer, skipsSpecialTokens: true });
          return rawEvents(await afterFirst(context.engine.stream(request)), reader);
        }
        const conversation = await Conversation.plan(generateInput(body, prompt, context), context);
        return onlyChoice(await conversation.stream(signal));
      });
    },
  );
}

/** An output that no chat template stands around: text alone. */
async function* rawEvents(
  chunks: AsyncIterable<GenerateChunk>,
  reader: OutputReader,
): AsyncGenerator<ChatEvent> {
  for await (const chunk of chunks) yield* reader.read(chunk);
}

/** `begin` gives the events once the first output is there. */
async function answer(
  context: ServerContext,
  reply: FastifyReply,
  { stream, logprobs }: CommonFields,
  say: Telling['say'],
  begin: (signal: AbortSignal) => Promise<AsyncIterable<ChatEvent>>,
): Promise<object> {
  const clock = new Clock();
  const model = modelName(context);
  const events = await begin(context.inFlight.signal(reply));
  clock.markFirst();
  const telling = { model, say, clock, ...(logprobs && { tokenizer: await context.engine.tokenizer() }) };
  if (stream === false) return wholeAnswer(events, telling);
  return sendEvents(reply, answerLines(events, telling), ollamaErrorBody, jsonLines);
}

/** Without a prompt Ollama loads the model: here it is. */
function loaded(context: ServerContext, say: Telling['say']): object {
  const created_at = new Date().toISOString();
  return { model: modelName(context), created_at, ...say({ content: '' }), done: true, done_reason: 'load' };
}
