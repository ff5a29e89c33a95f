// Responses in the background: they run on when their request has been answered, and are polled, followed and cancelled by id.
// Bounded by `maxBackgroundResponses`; what has ended is in the store alone.
import { EventEmitter, once } from 'node:events';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import type { ChatEvent } from '../../conversation/index.js';
import { describeError, HttpError } from '../../errors.js';
import type { DetachedWork, InFlight } from '../../in-flight.js';
import type { ConversationItem } from './items.js';
import type { ResponseObject } from './response.js';
import type { ResponseStore } from './store.js';
import type { ResponseEvent, ResponseWriter } from './writer.js';

export interface BackgroundTask {
  readonly writer: ResponseWriter;
  readonly input: readonly ConversationItem[];
  /** Whether its events are kept, to be followed. */
  readonly keepsEvents: boolean;
  /** Begins the generation; settles with its first output. */
  open(signal: AbortSignal): Promise<AsyncIterable<ChatEvent>>;
}

export class BackgroundResponses {
  readonly #store: ResponseStore;
  readonly #inFlight: InFlight;
  readonly #most: number;
  readonly #running = new Map<string, BackgroundRun>();

  constructor(store: ResponseStore, inFlight: InFlight, maxBackgroundResponses: number) {
    this.#store = store;
    this.#inFlight = inFlight;
    this.#most = maxBackgroundResponses;
  }

  /** @throws HttpError 429 `too_many_background_responses` */
  start(task: BackgroundTask, request: FastifyRequest, rid: string | undefined): BackgroundRun {
    const { size } = this.#running;
    if (size >= this.#most)
      throw new HttpError(
        429,
        'too_many_background_responses',
        `${size} background responses are running (limit maxBackgroundResponses = ${this.#most})`,
        { retryAfter: 1 },
      );
    const { id } = task.writer.response;
    const run = new BackgroundRun(task, this.#inFlight.detach(request, rid), request.log);
    this.#running.set(id, run);
    void run.finish().then(() => {
      this.#running.delete(id);
      if (!run.isForgotten) this.#store.put(run.stored());
    });
    return run;
  }

  /** One that has not ended. */
  get(id: string): BackgroundRun | undefined {
    return this.#running.get(id);
  }
}

export class BackgroundRun {
  readonly #task: BackgroundTask;
  readonly #work: DetachedWork;
  readonly #log: FastifyBaseLogger;
  readonly #events: ResponseEvent[] = [];
  #isCancelled = false;
  #isOver = false;
  /** Rings when there is news. */
  readonly #bell = new EventEmitter().setMaxListeners(0);
  /** Whether it was deleted while it ran. */
  isForgotten = false;

  constructor(task: BackgroundTask, work: DetachedWork, log: FastifyBaseLogger) {
    this.#task = task;
    this.#work = work;
    this.#log = log;
  }

  get response(): ResponseObject {
    return this.#task.writer.response;
  }

  get input(): readonly ConversationItem[] {
    return this.#task.input;
  }

  get keepsEvents(): boolean {
    return this.#task.keepsEvents;
  }

  stored() {
    const { response, input } = this;
    return { response, input, ...(this.keepsEvents && { events: this.#events }) };
  }

  /** Runs it to its end, whatever that is. */
  async finish(): Promise<void> {
    const { writer, open } = this.#task;
    this.#add(writer.begin());
    try {
      const events = await open(this.#work.signal);
      this.#add(writer.progress());
      for await (const event of events) this.#add(writer.write(event));
    } catch (error) {
      if (this.#isCancelled) writer.cancel();
      else this.#fail(error);
    } finally {
      this.#isOver = true;
      this.#bell.emit('ring');
      this.#work.end();
    }
  }

  #fail(error: unknown): void {
    const problem = describeError(error);
    if (problem.status === 500) this.#log.error(error);
    this.#add([this.#task.writer.fail(problem)]);
  }

  /** The response once it has ended, which it may have done by itself. */
  async cancel(): Promise<ResponseObject> {
    this.#isCancelled = true;
    this.#work.abort();
    while (!this.#isOver) await once(this.#bell, 'ring');
    return this.response;
  }

  /** Its events behind the one with this number, as they come; a reader does not slow it down. */
  async *follow(after: number): AsyncGenerator<ResponseEvent> {
    for (let next = after + 1; ; ) {
      while (next < this.#events.length) yield this.#events[next++];
      if (this.#isOver) return;
      await once(this.#bell, 'ring');
    }
  }

  #add(events: readonly ResponseEvent[]): void {
    if (this.keepsEvents) this.#events.push(...events);
    this.#bell.emit('ring');
  }
}
