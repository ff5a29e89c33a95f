// Server-sent events on a response, with back-pressure, and the one place where a reply is taken out of fastify's hands.
import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

export class EventStream {
  readonly #raw: FastifyReply['raw'];

  /** Sends the head of the response: after this, errors can only be events. */
  constructor(reply: FastifyReply) {
    reply.hijack();
    this.#raw = reply.raw;
    this.#raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    this.#raw.flushHeaders();
  }

  /** Sends `data:` and waits while the client reads slowly. Does nothing once the client is gone. */
  async send(data: object | '[DONE]'): Promise<void> {
    if (this.#raw.destroyed) return;
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    if (this.#raw.write(`data: ${text}\n\n`)) return;
    await Promise.race([once(this.#raw, 'drain'), once(this.#raw, 'close')]);
  }

  /** Sends `[DONE]` and ends the response. */
  async done(): Promise<void> {
    await this.send('[DONE]');
    this.#raw.end();
  }
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
