// An engine over a fixture model whose requests are promises.
import {
  loadNative,
  type ModelHandle,
  type NativeEngine,
  type NativeEngineOptions,
  type NativeEvent,
  type NativeRequest,
  type NativeSampling,
} from '../../../src/native/index.js';
import { specFor } from './tiny-llama.js';

export const addon = loadNative();
export const greedy: NativeSampling = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };
export const vocabSize = 203;

export const defaults: NativeEngineOptions = {
  device: 'cpu',
  dtype: 'auto',
  threads: 2,
  kvTokens: 2048,
  hostKvTokens: 0,
  pageSize: 4,
  maxRunning: 16,
  chunkedPrefillSize: 64,
  maxQueued: 256,
  radixCache: true,
  radixEviction: 'lru',
  schedulePolicy: 'lpm',
  overlap: false,
  jumpForward: true,
  maskRows: 64,
};

export interface Outcome {
  readonly tokens: number[];
  readonly allowed: number[];
  readonly logprobs: number[];
  readonly alternatives: number[];
  readonly alternativeLogprobs: number[];
  readonly promptLogprobs: number[];
  readonly promptAlternatives: number[];
  readonly embedding?: Float32Array;
  readonly finish: NonNullable<NativeEvent['finish']>;
}

/** The method that the addon has for tests alone: what contradicts what in its bookkeeping, or ''. */
type Checked = NativeEngine & { check(): Promise<string> };

export interface Harness {
  readonly engine: Checked;
  /** Submits; the promise settles with the last event. Throws what submit throws. */
  run(request?: Partial<NativeRequest>): Promise<Outcome>;
  readonly eventBatches: NativeEvent[][];
}

let models: Map<string, Promise<ModelHandle>> | undefined;

export function model(name: 'plain' | 'bf16' | 'llama3' = 'plain'): Promise<ModelHandle> {
  models ??= new Map();
  if (!models.has(name)) models.set(name, addon.loadModel(specFor(name)));
  return models.get(name)!;
}

let lastId = 0;

export async function harness(
  options: Partial<NativeEngineOptions> = {},
  name: 'plain' | 'bf16' | 'llama3' = 'plain',
): Promise<Harness> {
  return engineOn(await model(name), options);
}

export function engineOn(handle: ModelHandle, options: Partial<NativeEngineOptions> = {}): Harness {
  type Open = Omit<Outcome, 'finish'> & { readonly done: (outcome: Outcome) => void };
  const open = new Map<number, Open>();
  const eventBatches: NativeEvent[][] = [];
  const onEvents = (events: NativeEvent[]) => {
    eventBatches.push(events);
    for (const event of events) {
      const { id, tokens, allowed, finish } = event;
      const request = open.get(id);
      if (!request) throw new Error(`event of unknown request ${id}`);
      request.tokens.push(...tokens);
      request.allowed.push(...allowed);
      request.logprobs.push(...(event.logprobs?.chosen ?? []));
      request.alternatives.push(...(event.logprobs?.alternatives ?? []));
      request.alternativeLogprobs.push(...(event.logprobs?.alternativeLogprobs ?? []));
      request.promptLogprobs.push(...(event.promptLogprobs?.chosen ?? []));
      request.promptAlternatives.push(...(event.promptLogprobs?.alternatives ?? []));
      if (!finish) continue;
      open.delete(id);
      const { done, ...rest } = request;
      done({ ...rest, ...(event.embedding && { embedding: event.embedding }), finish });
    }
  };
  const engine = addon.createEngine(handle, { ...defaults, ...options }, onEvents) as Checked;
  const run = (request: Partial<NativeRequest> = {}) => {
    const full: NativeRequest = {
      id: ++lastId,
      prompt: Int32Array.of(1, 2, 3),
      maxTokens: 8,
      sampling: greedy,
      stopTokens: new Int32Array(0),
      ...request,
    };
    engine.submit(full);
    const none = {
      tokens: [],
      allowed: [],
      logprobs: [],
      alternatives: [],
      alternativeLogprobs: [],
      promptLogprobs: [],
      promptAlternatives: [],
    };
    return new Promise<Outcome>((done) => open.set(full.id, { ...structuredClone(none), done }));
  };
  return { engine, run, eventBatches };
}

/** A small deterministic generator for test data: the next integer in [0, below). */
export function randomInts(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function randomPrompt(next: (below: number) => number, length: number): Int32Array {
  return Int32Array.from({ length }, () => next(vocabSize));
}
