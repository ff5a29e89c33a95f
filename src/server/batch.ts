// The prompts of one request, each with one or several outputs, run at once: an error of one ends the others.
import {
  type GenerateChunk,
  type GenerateRequest,
  type GenerateResult,
  interleaved,
} from '../engine/index.js';
import type { EngineLike } from './engine-like.js';
import { joinSignals } from './ops/request-record.js';
import { afterFirst, mapped } from './streams.js';

/** A chunk and the number of the output that it belongs to: those of the first prompt, of the second, and so on. */
export type BatchChunk = readonly [index: number, chunk: GenerateChunk];

/** A chunk that tells its output, where its request has several. */
type OutputChunk = GenerateChunk & { readonly index?: number };

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
    const streams = await this.#all((request) => afterFirst(this.#stream(request)));
    if (streams.length > 1) return this.#merge(streams);
    return mapped(streams[0], (chunk): BatchChunk => [chunk.index ?? 0, chunk]);
  }

  #stream(request: GenerateRequest): AsyncIterable<OutputChunk> {
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

  async *#merge(streams: readonly AsyncIterable<OutputChunk>[]): AsyncGenerator<BatchChunk> {
    for await (const [prompt, chunk] of interleaved(streams, () => this.#end?.abort()))
      yield [prompt * this.#outputs + (chunk.index ?? 0), chunk];
  }
}
