// Counts the requests being answered, so that closing can wait for them, and ends them when waiting takes too long.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from './errors.js';
import { recordFor, recordUnder } from './ops/request-record.js';

/** Milliseconds that an aborted request gets to tell its client. */
const GRACE = 1000;

/** Work behind its request's answer. */
export interface DetachedWork {
  readonly signal: AbortSignal;
  abort(): void;
  /** Call once it is over. */
  end(): void;
}

export class InFlight {
  #count = 0;
  #ended = false;
  #idle: (() => void) | undefined;
  #draining = false;
  /** Those that run, by the ids that their clients know. */
  readonly #byId = new Map<string, Set<AbortController>>();

  readonly #answerTimeout: number;

  /** `answerTimeout`: milliseconds from a request's coming within which its output must be complete; 0: no limit. */
  constructor(answerTimeout: number) {
    this.#answerTimeout = answerTimeout;
  }

  /** Requests that are being answered. */
  get count(): number {
    return this.#count;
  }

  /** Whether the server is closing, and so takes no more requests. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Call when a request comes in; it is over when its response closes. */
  track(reply: FastifyReply): void {
    recordFor(reply.request); // its time begins here
    this.#count++;
    reply.raw.once('close', () => this.#oneLess());
  }

  #oneLess(): void {
    this.#count--;
    if (this.#count === 0) this.#idle?.();
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
    const end = setTimeout(() => {
      this.#ended = true;
      this.abort(undefined);
    }, timeout);
    let give: NodeJS.Timeout | undefined;
    const given = new Promise<void>((resolve) => {
      give = setTimeout(resolve, timeout + GRACE);
    });
    await Promise.race([idle, given]);
    clearTimeout(end);
    clearTimeout(give);
  }

  /**
   * Aborts when the client goes away before its answer is complete, when the request takes longer than `answerTimeout` (its
   * reason is then the error to tell), when the server closes and will not wait on, or when {@link abort} names the id.
   */
  signal(reply: FastifyReply, id = reply.request.id): AbortSignal {
    const { gone, release } = this.#open(reply.request, id);
    reply.raw.once('close', () => {
      release();
      if (!reply.raw.writableFinished) gone.abort();
    });
    if (reply.raw.destroyed) gone.abort();
    return gone.signal;
  }

  /** For work that goes on when its request has been answered: closing waits for it, too. */
  detach(request: FastifyRequest, id = request.id): DetachedWork {
    const { gone, release } = this.#open(request, id);
    this.#count++;
    return {
      signal: gone.signal,
      abort: () => gone.abort(),
      end: () => {
        release();
        this.#oneLess();
      },
    };
  }

  #open(request: FastifyRequest, id: string): { gone: AbortController; release: () => void } {
    const gone = new AbortController();
    const named = this.#byId.get(id) ?? new Set();
    this.#byId.set(id, named.add(gone));
    const timer = this.#limitTime(request, gone);
    if (this.#ended) gone.abort();
    recordUnder(gone.signal, recordFor(request));
    const release = () => {
      clearTimeout(timer);
      named.delete(gone);
      if (named.size === 0) this.#byId.delete(id);
    };
    return { gone, release };
  }

  #limitTime(request: FastifyRequest, gone: AbortController): NodeJS.Timeout | undefined {
    const limit = this.#answerTimeout;
    if (limit === 0) return undefined;
    const error = new HttpError(
      504,
      'request_timeout',
      `the output was not complete within answerTimeout = ${limit} ms`,
    );
    const left = recordFor(request).startedAt + limit - performance.now();
    return setTimeout(() => gone.abort(error), Math.max(0, left));
  }

  /** Ends the requests with this id, or all; those that ended already are no matter. */
  abort(id: string | undefined): void {
    const found = id === undefined ? [...this.#byId.values()] : [this.#byId.get(id) ?? []];
    for (const controller of found.flatMap((some) => [...some])) controller.abort();
  }
}
