// Runs generations as the engine does, and counts them; where the server itself ends one, its error is told.
import type { GenerateChunk, GenerateRequest, GenerateResult, IndexedChunk } from '../../engine/index.js';
import type { Runner } from '../batch.js';
import { HttpError } from '../errors.js';
import type { GenerationMetrics } from './generation-metrics.js';
import { Watch } from './watch.js';

export class WatchedRunner implements Runner {
  readonly #runner: Runner;
  readonly #metrics: GenerationMetrics | undefined;
  readonly #check: (request: GenerateRequest) => void;

  /** `check` throws for requests that are over the server's limits. */
  constructor(
    runner: Runner,
    metrics: GenerationMetrics | undefined,
    check: (request: GenerateRequest) => void,
  ) {
    this.#runner = runner;
    this.#metrics = metrics;
    this.#check = check;
  }

  async generate(request: GenerateRequest): Promise<GenerateResult> {
    return this.#whole(request, async () => [await this.#runner.generate(request)]).then(([one]) => one);
  }

  generateChoices(request: GenerateRequest, n: number): Promise<GenerateResult[]> {
    return this.#whole(request, () => this.#runner.generateChoices(request, n));
  }

  stream(request: GenerateRequest): AsyncIterable<GenerateChunk> {
    return this.#watched(request, () => this.#runner.stream(request), 1);
  }

  streamChoices(request: GenerateRequest, n: number): AsyncIterable<IndexedChunk> {
    return this.#watched(request, () => this.#runner.streamChoices(request, n), n);
  }

  async #whole(request: GenerateRequest, run: () => Promise<GenerateResult[]>): Promise<GenerateResult[]> {
    this.#check(request);
    const watch = new Watch(request, this.#metrics);
    const results = await run().catch((error: unknown) => {
      watch.failed(error);
      throw error;
    });
    for (const result of results) watch.result(result);
    throwIfEnded(request, results);
    return results;
  }

  #watched<C extends GenerateChunk & { readonly index?: number }>(
    request: GenerateRequest,
    open: () => AsyncIterable<C>,
    outputs: number,
  ): AsyncIterable<C> {
    const metrics = this.#metrics;
    const check = this.#check;
    return {
      [Symbol.asyncIterator]() {
        const watch = new Watch(request, metrics, outputs);
        let iterator: AsyncIterator<C> | undefined;
        return {
          async next() {
            try {
              if (!iterator) {
                check(request);
                iterator = open()[Symbol.asyncIterator]();
              }
              const step = await iterator.next();
              if (step.done) return step;
              watch.chunk(step.value);
              if (step.value.result) throwIfEnded(request, [step.value.result]);
              return step;
            } catch (error) {
              watch.failed(error);
              throw error;
            }
          },
          async return() {
            watch.left();
            return (await iterator?.return?.()) ?? { done: true, value: undefined };
          },
        };
      },
    };
  }
}

/** What the server ended for a reason of its own is an error; what a client ended, or named in /abort_request, is not. */
function throwIfEnded({ signal }: GenerateRequest, results: readonly GenerateResult[]): void {
  const reason: unknown = signal?.reason;
  if (reason instanceof HttpError && results.some(({ finishReason }) => finishReason === 'abort'))
    throw reason;
}
