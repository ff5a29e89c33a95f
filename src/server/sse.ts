// Server-sent events on a response, with back-pressure, and the one place where a reply is taken out of fastify's hands.
import type { FastifyReply } from 'fastify';
import { logFault } from './error-handler.js';
import { describeError, type Problem } from './errors.js';

/** Sends the events, then `[DONE]`; an error among them becomes the last event, in the dialect's form. */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<object>,
  toBody: (problem: Problem) => object,
): Promise<FastifyReply> {
  const { raw } = reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  try {
    for await (const event of events) await send(raw, JSON.stringify(event));
  } catch (error) {
    const problem = describeError(error);
    logFault(reply, problem, error);
    await send(raw, JSON.stringify(toBody(problem)));
  }
  await send(raw, '[DONE]');
  raw.end();
  return reply;
}

/** Waits while the client reads slowly. Does nothing once it is gone. */
async function send(raw: FastifyReply['raw'], data: string): Promise<void> {
  if (raw.destroyed || raw.write(`data: ${data}\n\n`)) return;
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

/** The same iterable once its first element is there, so that an error before it can still be an HTTP error. */
export async function afterFirst<T>(source: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; !step.done; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
