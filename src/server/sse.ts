// Streamed answers, with back-pressure: server-sent events or lines of JSON; the one place where a reply is taken out of fastify's hands.
import type { FastifyReply } from 'fastify';
import { type ErrorBody, logFault } from './error-handler.js';
import { describeError } from './errors.js';

/** How a stream is written down. */
export interface StreamForm {
  readonly contentType: string;
  write(event: object): string;
  /** Behind the last event. */
  readonly end: string;
}

/** Server-sent events without names, then `[DONE]`: OpenAI's and SGLang's. */
export const dataEvents: StreamForm = {
  contentType: 'text/event-stream; charset=utf-8',
  write: (event) => `data: ${JSON.stringify(event)}\n\n`,
  end: 'data: [DONE]\n\n',
};

/** Server-sent events that are named after their `type`. */
export const namedEvents: StreamForm = {
  contentType: dataEvents.contentType,
  write: (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
  end: '',
};

/** A line of JSON each: Ollama's. */
export const jsonLines: StreamForm = {
  contentType: 'application/x-ndjson',
  write: (event) => `${JSON.stringify(event)}\n`,
  end: '',
};

/** Sends the events; an error among them becomes the last event, in the dialect's form. */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<object>,
  toBody: ErrorBody,
  form: StreamForm = dataEvents,
): Promise<FastifyReply> {
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': form.contentType,
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  try {
    for await (const event of events) await send(raw, form.write(event));
  } catch (error) {
    const problem = describeError(error);
    logFault(reply, problem, error);
    await send(raw, form.write(toBody(problem, reply.request)));
  }
  raw.end(form.end);
  return reply;
}

/** Waits while the client reads slowly. Does nothing once it is gone. */
async function send(raw: FastifyReply['raw'], text: string): Promise<void> {
  if (raw.destroyed || raw.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
