// POST /v1/chat/completions, whole and streamed.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { modelName, type ServerContext } from '../context.js';
import { logFault } from '../error-handler.js';
import { describeError } from '../errors.js';
import { afterFirst, EventStream } from '../sse.js';
import { type ChatPlan, planChat } from './chat-request.js';
import { type ChatBody, chatSchema } from './chat-schema.js';
import { chatChunks } from './chat-stream.js';
import { chatCompletion } from './chat-whole.js';
import { openaiErrorBody } from './errors.js';

export function chatCompletionsRoute(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Body: ChatBody }>(
    '/chat/completions',
    { schema: { body: chatSchema } },
    async (request, reply) => {
      const model = modelName(context);
      const plan = planChat(request.body, context);
      const signal = context.inFlight.signal(reply);
      if (request.body.stream) return streamChat(context, plan, model, signal, reply);
      const result = await context.engine.generate({ ...plan.request, signal });
      return chatCompletion(result, plan, model);
    },
  );
}

async function streamChat(
  { engine }: ServerContext,
  plan: ChatPlan,
  model: string,
  signal: AbortSignal,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const chunks = await afterFirst(engine.stream({ ...plan.request, signal }));
  const events = new EventStream(reply);
  try {
    for await (const event of chatChunks(chunks, plan, model)) await events.send(event);
  } catch (error) {
    const problem = describeError(error);
    logFault(reply, problem, error);
    await events.send(openaiErrorBody(problem));
  }
  await events.done();
  return reply;
}
