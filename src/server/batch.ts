// The prompts of one request, each with one or several outputs, run at once: an error of one ends the others.
import type { GenerateChunk, GenerateRequest, GenerateResult } from '../engine/index.js';
import type { EngineLike } from './engine-like.js';
import { joinSignals } from './ops/request-record.js';
import { afterFirst } from './sse.js';

/** A chunk and the number of the output that it belongs to: those of the first prompt, of the second, and so on. */
export type BatchChunk = readonly [index: number, chunk: GenerateChunk];

/** What runs requests: the engine, or something before it. */
export type Runner = Pick<EngineLike, 'generate' | 'stream' | 'generateChoices' | 'streamChoices'>;

export class Batch {
  readonly #engine: Runner;
  readonly #requests: readonly GenerateRequest[];
  readonly #outputs: number;
  /** Ends the others; one alone needs none. */
  readonly #end: AbortController | undefined;

  /** `signal` ends all of them; each has `outputs` outputs. */
  constructor(engine: Runner, requests: readonly GenerateRequest[], signal: AbortSignal, outputs = 1) {
    this.#engine = engine;
    this.#outputs = outputs;
    this.#end = requests.length > 1 ? new AbortController() : undefined;
    const both = this.#end ? joinSignals(signal, this.#end.signal) : signal;
    this.#requests = requests.map((request) => ({ ...request, signal: both }));
  }

  /** The results, in the order of the prompts. */
  async whole(): Promise<GenerateResult[]> {
    if (this.#outputs === 1) return this.#all((request) => this.#engine.generate(request));
    return (await this.#all((request) => this.#engine.generateChoices(request, this.#outputs))).flat();
  }

  /** All outputs as they come. Errors before the first output of each are thrown here, later ones from the iteration. */
  async stream(): Promise<AsyncIterable<BatchChunk>> {
    return this.#merge(await this.#all((request) => afterFirst(this.#stream(request))));
  }

  #stream(request: GenerateRequest): AsyncIterable<GenerateChunk & { readonly index?: number }> {
    return this.#outputs === 1
      ? this.#engine.stream(request)
      : this.#engine.streamChoices(request, this.#outputs);
  }

  /** Runs `work` on every request at once; the first error aborts the others, and is thrown when all have ended. */
  async #all<R>(work: (request: GenerateRequest) => Promise<R>): Promise<R[]> {
    let failure: { error: unknown } | undefined;
    const results: R[] = [];
    const each = async (request: GenerateRequest, index: number) => {
      try {
        results[index] = await work(request);
      } catch (error) {
        failure ??= { error };
        this.#end?.abort();
      }
    };
    await Promise.all(this.#requests.map(each));
    if (failure) throw failure.error;
    return results;
  }

  /** Each stream has at most one chunk waiting here, so a slow reader slows all of them and nothing piles up. */
  async *#merge(
    streams: readonly AsyncIterable<GenerateChunk & { readonly index?: number }>[],
  ): AsyncGenerator<BatchChunk> {
    const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
    const settled: { index: number; step: ReturnType<(typeof iterators)[number]['next']> }[] = [];
    let wake = () => {};
    const advance = (index: number) => {
      const step = iterators[index].next();
      const settle = () => {
        settled.push({ index, step });
        wake();
      };
      step.then(settle, settle);
    };
    iterators.forEach((_, index) => {
      advance(index);
    });
    try {
      for (let active = iterators.length; active > 0; ) {
        const next = settled.shift();
        if (!next) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const step = await next.step;
        if (step.done) active--;
        else {
          yield [next.index * this.#outputs + (step.value.index ?? 0), step.value];
          advance(next.index);
        }
      }
    } finally {
      this.#end?.abort();
      await Promise.allSettled(iterators.map((iterator) => iterator.return?.()));
    }
  }
}
