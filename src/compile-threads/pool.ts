// Threads that compile: started when work finds none idle, ended when their work is no longer wanted or takes too long, for
// that stops it wherever it is. An idle thread does not keep the process alive; one at work does.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { CompiledParts, CompileJob } from '../compile/index.js';
import { EngineError, LimitError } from '../errors.js';
import type { CompilerLimits } from './limits.js';
import { type CompileReply, receiveError } from './messages.js';

/** The compiled worker; run from sources, the one that the last build left in dist/. */
const workerFile = fileURLToPath(new URL('../../dist/compile-threads/worker.js', import.meta.url));

/** MiB of a thread's young objects, twice V8's default: those of a large schema live long, and are copied less often so. */
const YOUNG_MEGABYTES = 96;

/** Work that was given to the pool. */
export interface Task {
  readonly done: Promise<CompiledParts>;
  /** Ends the work; `done` rejects with the reason. Nothing happens when it is done already. */
  cancel(reason: unknown): void;
}

class QueuedTask implements Task {
  readonly job: CompileJob;
  readonly maxCompileMs: number;
  readonly done: Promise<CompiledParts>;
  resolve: (parts: CompiledParts) => void = () => {};
  reject: (reason: unknown) => void = () => {};
  readonly #pool: CompilePool;

  constructor(pool: CompilePool, job: CompileJob, maxCompileMs: number) {
    this.#pool = pool;
    this.job = job;
    this.maxCompileMs = maxCompileMs;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  cancel(reason: unknown): void {
    this.#pool.drop(this, reason);
  }
}

interface Running {
  readonly task: QueuedTask;
  readonly timer: NodeJS.Timeout;
}

type PoolLimits = Pick<CompilerLimits, 'maxCompileThreads' | 'maxWaiting' | 'maxHeapMegabytes'>;

export class CompilePool {
  /** Whether threads can be started: their code is there. */
  static readonly isAvailable = existsSync(workerFile);

  readonly #limits: PoolLimits;
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Running>();
  readonly #waiting = new Set<QueuedTask>();

  constructor(limits: PoolLimits) {
    this.#limits = limits;
  }

  /** @throws EngineError `queue_full` */
  run(job: CompileJob, maxCompileMs: number): Task {
    const { maxWaiting, maxCompileThreads } = this.#limits;
    if (this.#running.size >= maxCompileThreads && this.#waiting.size >= maxWaiting)
      throw new EngineError(
        'queue_full',
        `${this.#waiting.size} grammars wait to be compiled; try again later (limit maxWaiting = ${maxWaiting})`,
      );
    const task = new QueuedTask(this, job, maxCompileMs);
    this.#waiting.add(task);
    this.#next();
    return task;
  }

  /** @internal For {@link Task.cancel}. */
  drop(task: QueuedTask, reason: unknown): void {
    this.#waiting.delete(task);
    for (const [worker, running] of this.#running) if (running.task === task) this.#end(worker);
    task.reject(reason);
    this.#next();
  }

  /** Ends all threads; work that is not done rejects with the reason. */
  async close(reason: unknown): Promise<void> {
    for (const task of this.#waiting) task.reject(reason);
    this.#waiting.clear();
    for (const { task } of this.#running.values()) task.reject(reason);
    const workers = [...this.#running.keys(), ...this.#idle.splice(0)];
    await Promise.all(workers.map((worker) => this.#end(worker)));
  }

  #next(): void {
    for (const task of this.#waiting) {
      if (this.#running.size >= this.#limits.maxCompileThreads) return;
      this.#waiting.delete(task);
      this.#begin(task);
    }
  }

  #begin(task: QueuedTask): void {
    const { maxCompileMs, job } = task;
    const worker = this.#idle.pop() ?? this.#start();
    const tooLate = () =>
      task.cancel(
        new LimitError(
          'maxCompileMs',
          maxCompileMs,
          'compiling this takes too long; raise the limit, or simplify the grammar',
        ),
      );
    this.#running.set(worker, { task, timer: setTimeout(tooLate, maxCompileMs) });
    worker.ref();
    worker.postMessage(job);
  }

  #start(): Worker {
    const resourceLimits = {
      maxOldGenerationSizeMb: this.#limits.maxHeapMegabytes,
      maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
    };
    const worker = new Worker(workerFile, { resourceLimits });
    worker.on('message', (reply: CompileReply) => this.#finish(worker, reply));
    worker.on('error', (error) => this.#fail(worker, this.#diedOf(error)));
    worker.on('exit', (code) => this.#fail(worker, died(`it exited with code ${code}`)));
    return worker;
  }

  #finish(worker: Worker, reply: CompileReply): void {
    const running = this.#running.get(worker);
    if (!running) return; // it was ended meanwhile
    this.#release(worker, running);
    worker.unref();
    this.#idle.push(worker);
    if ('parts' in reply) running.task.resolve(reply.parts);
    else running.task.reject(receiveError(reply.error));
    this.#next();
  }

  /** A thread that died takes its work with it; the others go on. */
  #fail(worker: Worker, reason: unknown): void {
    const running = this.#running.get(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    if (!running) return;
    this.#release(worker, running);
    running.task.reject(reason);
    this.#next();
  }

  #end(worker: Worker): Promise<number> {
    const running = this.#running.get(worker);
    if (running) this.#release(worker, running);
    return worker.terminate();
  }

  #release(worker: Worker, { timer }: Running): void {
    clearTimeout(timer);
    this.#running.delete(worker);
  }

  #diedOf(error: Error): Error {
    const { maxHeapMegabytes } = this.#limits;
    return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? new LimitError('maxHeapMegabytes', maxHeapMegabytes, 'compiling this takes too much memory')
      : died(error.message, error);
  }
}

function died(reason: string, cause?: Error): EngineError {
  return new EngineError(
    'compile_thread_died',
    `the thread that compiled this ended: ${reason}`,
    cause && { cause },
  );
}
