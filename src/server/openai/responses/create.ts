// POST /v1/responses, whole and streamed.
import type { FastifyInstance } from 'fastify';
import { RequestError } from '../../../errors.js';
import { modelName, type ServerContext } from '../../context.js';
import { type ChatEvent, Conversation } from '../../conversation/index.js';
import { onlyChoice } from '../../only-choice.js';
import type { ServerSettings } from '../../options.js';
import { namedEvents, sendEvents } from '../../sse.js';
import { openaiErrorBody } from '../errors.js';
import { toldInTerms } from '../tool-errors.js';
import type { BackgroundResponses } from './background.js';
import { type ResponsesBody, responsesSchema } from './body.js';
import { planResponse, type ResponsePlan } from './plan.js';
import { beginResponse, type ResponseObject } from './response.js';
import type { ResponseStore } from './store.js';
import { flatField } from './tools.js';
import { fittingChat } from './truncation.js';
import { type ResponseEvent, ResponseWriter } from './writer.js';

type ChatEvents = AsyncIterable<ChatEvent>;

/** Where responses are found again. */
export interface ResponsePlaces {
  readonly store: ResponseStore;
  readonly background: BackgroundResponses;
}

export function createResponseRoute(
  app: FastifyInstance,
  context: ServerContext,
  { store, background }: ResponsePlaces,
): void {
  const { engine, inFlight, settings } = context;
  app.post<{ Body: ResponsesBody }>(
    '/responses',
    { schema: { body: responsesSchema } },
    async ({ body }, reply) => {
      checkBackground(body, settings);
      const begun = beginResponse(body, modelName(context));
      const plan = planResponse(body, settings, store);
      const { asSummary, tools, chat, input } = plan;
      const tokenizer = chat.logprobs === undefined ? undefined : await engine.tokenizer();
      const conversation = await converse(plan, body, context);
      const writer = new ResponseWriter(begun, { custom: tools.custom, asSummary, tokenizer });
      const rid = body.rid ?? undefined;
      const open = async (signal: AbortSignal) => onlyChoice(await conversation.stream(signal));
      if (body.background) {
        const task = { writer, input, open, keepsEvents: body.stream === true };
        const run = background.start(task, reply.request, rid);
        return body.stream ? sendEvents(reply, run.follow(-1), openaiErrorBody, namedEvents) : begun;
      }
      const events = await open(inFlight.signal(reply, rid));
      const keep = (response: ResponseObject) => {
        if (body.store !== false) store.put({ response, input });
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

/** @throws RequestError for a background response that could not be found again. */
function checkBackground({ background, store }: ResponsesBody, { maxStoredResponses }: ServerSettings): void {
  if (!background || (store !== false && maxStoredResponses > 0)) return;
  const why = store === false ? 'store is false' : 'this server keeps none (maxStoredResponses = 0)';
  throw new RequestError(
    'invalid_value',
    `background needs a response that is stored, but ${why}`,
    'background',
  );
}

/** @throws RequestError about tools in the terms of their flat form */
async function converse(
  { chat, tools }: ResponsePlan,
  { truncation }: ResponsesBody,
  context: ServerContext,
): Promise<Conversation> {
  try {
    const fitting = truncation === 'auto' ? await fittingChat(chat, context) : chat;
    return await Conversation.plan(fitting, context);
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
