// Counts the requests being answered, so that closing can wait for them, and ends them when waiting takes too long.
import type { FastifyReply } from 'fastify';

/** Milliseconds that an aborted request gets to tell its client. */
const GRACE = 1000;

export class InFlight {
  #count = 0;
  readonly #end = new AbortController();
  #idle: (() => void) | undefined;
  #draining = false;
  /** Those that run, by the ids that their clients know. */
  readonly #byId = new Map<string, Set<AbortController>>();

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

  /**
   * Waits until no request is in flight. Those that remain after `timeout` milliseconds are aborted, and those whose
   * clients do not even read the end of it are left behind.
   */
  async drain(timeout: number): Promise<void> {
    this.#draining = true;
    if (this.#count === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const end = setTimeout(() => this.#end.abort(), timeout);
    let give: NodeJS.Timeout | undefined;
    const given = new Promise<void>((resolve) => {
      give = setTimeout(resolve, timeout + GRACE);
    });
    await Promise.race([idle, given]);
    clearTimeout(end);
    clearTimeout(give);
  }

  /**
   * Aborts when the client goes away before its answer is complete, when the server closes and will not wait on, or when
   * {@link abort} names the id.
   */
  signal(reply: FastifyReply, id = reply.request.id): AbortSignal {
    const gone = new AbortController();
    const named = this.#byId.get(id) ?? new Set();
    this.#byId.set(id, named.add(gone));
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort();
      named.delete(gone);
      if (named.size === 0) this.#byId.delete(id);
    });
    if (reply.raw.destroyed) gone.abort();
    return AbortSignal.any([gone.signal, this.#end.signal]);
  }

  /** Ends the requests with this id, or all; those that ended already are no matter. */
  abort(id: string | undefined): void {
    const found = id === undefined ? [...this.#byId.values()] : [this.#byId.get(id) ?? []];
    for (const controller of found.flatMap((some) => [...some])) controller.abort();
  }
}
