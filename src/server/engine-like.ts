// What the server needs of an engine: the part of Engine's API that it calls, so that tests can stand a small one in.
import type { GenerateChunk, GenerateRequest, GenerateResult } from '../engine/index.js';
import type { ToolCallFormat } from '../tools/index.js';

/** A request as the server makes it: a grammar in IR form is one more kind of constraint. */
export type ServerRequest = GenerateRequest & {
  readonly grammar?: ReturnType<ToolCallFormat['constraint']>;
};

/** What the server tells about the model. */
export interface ModelInfo {
  readonly modelPath: string;
  readonly modelId: string;
  /** Most positions, prompt and output together. */
  readonly contextLength: number;
  readonly vocabSize: number;
  readonly eosTokenIds: readonly number[];
  /** Name of the compute kernels in use. */
  readonly kernels: string;
  /** The engine's options with their defaults filled in. */
  readonly options: object;
}

export interface EngineLike {
  /** Settles once the model is loaded. */
  ready(): Promise<ModelInfo>;
  generate(request: ServerRequest): Promise<GenerateResult>;
  /** Errors of the request come with the first chunk, before any output. */
  stream(request: ServerRequest): AsyncIterable<GenerateChunk>;
  stats(): object;
  /** Drops all cached prefixes that no running request holds. */
  flushCache(): Promise<unknown>;
  close(): Promise<void>;
}
