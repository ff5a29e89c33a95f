// Counts the requests being answered, so that closing can wait for them, and ends them when waiting takes too long.
import type { FastifyReply } from 'fastify';

export class InFlight {
  #count = 0;
  readonly #end = new AbortController();
  #idle: (() => void) | undefined;
  #draining = false;

  /** Whether the server is closing, and so takes no more requests. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Call when a request comes in; it is over when its response closes. */
  track(reply: FastifyReply): void {
    this.#count++;
    reply.raw.once('close', () => {
      this.#count--;
      if (this.#count === 0) this.#idle?.();
    });
  }

  /** Waits until no request is in flight, or aborts those that remain after `timeout` milliseconds and waits for their end. */
  async drain(timeout: number): Promise<void> {
    this.#draining = true;
    if (this.#count === 0) return;
    const timer = setTimeout(() => this.#end.abort(), timeout);
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    clearTimeout(timer);
  }

  /** Aborts when the client goes away before its answer is complete, or when the server closes and will not wait on. */
  signal(reply: FastifyReply): AbortSignal {
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    if (reply.raw.destroyed) gone.abort();
    return AbortSignal.any([gone.signal, this.#end.signal]);
  }
}
