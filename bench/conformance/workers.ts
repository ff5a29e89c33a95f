// Judges cases on worker threads, each case with a deadline: one endless compilation must not end the run.
import { Worker } from 'node:worker_threads';
import type { Case, Verdicts } from './case.js';
import { crashedCase } from './judge.js';

export interface WorkerOptions {
  /** Threads. */
  readonly workers: number;
  /** Longest time for one case, milliseconds. */
  readonly timeoutMillis: number;
  /** The worker's module. */
  readonly script: URL;
}

/** Sends every case to a worker and calls `onVerdicts` as they come back, in no particular order. */
export async function judgeAll(
  cases: AsyncIterable<Case>,
  options: WorkerOptions,
  onVerdicts: (verdicts: Verdicts) => void,
): Promise<void> {
  const iterator = cases[Symbol.asyncIterator]();
  // One reader at a time: a generator's next() may not overlap with itself and keep the order of its rows.
  let reading: Promise<unknown> = Promise.resolve();
  const next = (): Promise<IteratorResult<Case>> => {
    const result = reading.then(() => iterator.next());
    reading = result.catch(() => undefined);
    return result;
  };
  const lane = async () => {
    let worker: CaseWorker | undefined;
    try {
      for (let item = await next(); !item.done; item = await next()) {
        worker ??= await CaseWorker.start(options);
        const verdicts = await worker.judge(item.value);
        onVerdicts(verdicts);
        if (worker.ended) worker = undefined;
      }
    } finally {
      await worker?.end();
    }
  };
  await Promise.all(Array.from({ length: options.workers }, lane));
}

/** One thread and the case that it is on. */
class CaseWorker {
  ended = false;
  readonly #worker: Worker;
  readonly #timeoutMillis: number;

  private constructor(worker: Worker, timeoutMillis: number) {
    this.#worker = worker;
    this.#timeoutMillis = timeoutMillis;
  }

  static async start({ script, timeoutMillis }: WorkerOptions): Promise<CaseWorker> {
    const worker = new Worker(script);
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    removeListeners(worker);
    return new CaseWorker(worker, timeoutMillis);
  }

  /** Verdicts of the case; `crashed` when the thread dies or is ended at the deadline. */
  async judge(testCase: Case): Promise<Verdicts> {
    const start = performance.now();
    return await new Promise((resolve) => {
      const settle = (verdicts: Verdicts) => {
        clearTimeout(timer);
        removeListeners(this.#worker);
        resolve(verdicts);
      };
      const giveUp = (reason: string) => {
        this.ended = true;
        void this.#worker.terminate();
        settle(crashedCase(testCase, reason, performance.now() - start));
      };
      const timer = setTimeout(() => giveUp('timeout'), this.#timeoutMillis);
      this.#worker.once('message', settle);
      this.#worker.once('error', (error: unknown) => giveUp(String(error)));
      this.#worker.once('exit', () => giveUp('the worker ended'));
      this.#worker.postMessage(testCase);
    });
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.#worker.terminate();
  }
}

/** By name: a worker's own hooks on listeners being added must stay. */
function removeListeners(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}
