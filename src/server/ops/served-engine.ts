// The engine as routes see it: generations are counted, and where the server itself ends one, its error is told.
import type { GenerateChunk, GenerateRequest, GenerateResult, IndexedChunk } from '../../engine/index.js';
import type { EngineLike } from '../engine-like.js';
import { HttpError } from '../errors.js';
import type { GenerationMetrics } from './generation-metrics.js';
import { Watch } from './watch.js';

export class ServedEngine implements EngineLike {
  readonly #engine: EngineLike;
  readonly #metrics: GenerationMetrics | undefined;
  readonly #check: (request: GenerateRequest) => void;

  /** `check` throws for requests that are over the server's limits. */
  constructor(
    engine: EngineLike,
    metrics: GenerationMetrics | undefined,
    check: (request: GenerateRequest) => void,
  ) {
    this.#engine = engine;
    this.#metrics = metrics;
    this.#check = check;
  }

  async generate(request: GenerateRequest): Promise<GenerateResult> {
    return this.#whole(request, async () => [await this.#engine.generate(request)]).then(([one]) => one);
  }

  generateChoices(request: GenerateRequest, n: number): Promise<GenerateResult[]> {
    return this.#whole(request, () => this.#engine.generateChoices(request, n));
  }

  stream(request: GenerateRequest): AsyncIterable<GenerateChunk> {
    return this.#watched(request, () => this.#engine.stream(request), 1);
  }

  streamChoices(request: GenerateRequest, n: number): AsyncIterable<IndexedChunk> {
    return this.#watched(request, () => this.#engine.streamChoices(request, n), n);
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

  ready() {
    return this.#engine.ready();
  }
  applyChatTemplate(...args: Parameters<EngineLike['applyChatTemplate']>) {
    return this.#engine.applyChatTemplate(...args);
  }
  tokenize(...args: Parameters<EngineLike['tokenize']>) {
    return this.#engine.tokenize(...args);
  }
  detokenize(...args: Parameters<EngineLike['detokenize']>) {
    return this.#engine.detokenize(...args);
  }
  tokenizer() {
    return this.#engine.tokenizer();
  }
  embed(...args: Parameters<EngineLike['embed']>) {
    return this.#engine.embed(...args);
  }
  compile(...args: Parameters<EngineLike['compile']>) {
    return this.#engine.compile(...args);
  }
  stats() {
    return this.#engine.stats();
  }
  cachedPrefixes(most: number) {
    return this.#engine.cachedPrefixes(most);
  }
  flushCache() {
    return this.#engine.flushCache();
  }
  close() {
    return this.#engine.close();
  }
}

/** What the server ended for a reason of its own is an error; what a client ended, or named in /abort_request, is not. */
function throwIfEnded({ signal }: GenerateRequest, results: readonly GenerateResult[]): void {
  const reason: unknown = signal?.reason;
  if (reason instanceof HttpError && results.some(({ finishReason }) => finishReason === 'abort'))
    throw reason;
}
