// POST /v1/responses, whole and streamed.
import type { FastifyInstance } from 'fastify';
import { modelName, type ServerContext } from '../../context.js';
import { type ChatEvent, Conversation } from '../../conversation/index.js';
import { onlyChoice } from '../../only-choice.js';
import { namedEvents, sendEvents } from '../../sse.js';
import { toldInTerms } from '../tool-errors.js';
import { type ResponsesBody, responsesSchema } from './body.js';
import { planResponse, type ResponsePlan } from './plan.js';
import { beginResponse, type ResponseObject } from './response.js';
import type { ResponseStore } from './store.js';
import { flatField } from './tools.js';
import { fittingChat } from './truncation.js';
import { type ResponseEvent, ResponseWriter } from './writer.js';

type ChatEvents = AsyncIterable<ChatEvent>;

export function createResponseRoute(
  app: FastifyInstance,
  context: ServerContext,
  store: ResponseStore,
): void {
  const { engine, inFlight, settings } = context;
  app.post<{ Body: ResponsesBody }>(
    '/responses',
    { schema: { body: responsesSchema } },
    async ({ body }, reply) => {
      const begun = beginResponse(body, modelName(context));
      const plan = planResponse(body, settings, store);
      const { asSummary, tools, chat } = plan;
      const tokenizer = chat.logprobs === undefined ? undefined : await engine.tokenizer();
      const signal = inFlight.signal(reply, body.rid ?? undefined);
      const events = await converse(plan, body, context, signal);
      const writer = new ResponseWriter(begun, { custom: tools.custom, asSummary, tokenizer });
      const keep = (response: ResponseObject) => {
        if (body.store !== false) store.put({ response, input: plan.input });
      };
      if (!body.stream) return whole(events, writer, keep);
      return sendEvents(
        reply,
        streamed(events, writer, keep),
        (problem) => writer.fail(problem),
        namedEvents,
      );
    },
  );
}

/** @throws RequestError about tools in the terms of their flat form */
async function converse(
  { chat, tools }: ResponsePlan,
  { truncation }: ResponsesBody,
  context: ServerContext,
  signal: AbortSignal,
): Promise<ChatEvents> {
  try {
    const fitting = truncation === 'auto' ? await fittingChat(chat, context) : chat;
    return onlyChoice(await (await Conversation.plan(fitting, context)).stream(signal));
  } catch (error) {
    throw toldInTerms(error, flatField(tools.callablePlaces));
  }
}

/** The last state of the response that a stream tells of. */
async function whole(
  events: ChatEvents,
  writer: ResponseWriter,
  keep: (response: ResponseObject) => void,
): Promise<ResponseObject> {
  for await (const event of events) writer.write(event);
  keep(writer.response);
  return writer.response;
}

/** It is kept before its last event is sent, so that the client can go on from it at once. */
async function* streamed(
  events: ChatEvents,
  writer: ResponseWriter,
  keep: (response: ResponseObject) => void,
): AsyncGenerator<ResponseEvent> {
  yield* writer.begin();
  for await (const event of events) {
    const written = writer.write(event);
    if (event.type === 'end') keep(writer.response);
    yield* written;
  }
}
