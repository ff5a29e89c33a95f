// What the server needs of an engine: the part of Engine's API that it calls, so that tests can stand a small one in.
import type { EngineInfo, GenerateChunk, GenerateRequest, GenerateResult } from '../engine/index.js';

export interface EngineLike {
  /** Settles once the model is loaded. */
  ready(): Promise<EngineInfo>;
  generate(request: GenerateRequest): Promise<GenerateResult>;
  /** Errors of the request come with the first chunk, before any output. */
  stream(request: GenerateRequest): AsyncIterable<GenerateChunk>;
  stats(): Promise<object>;
  /** Drops all cached prefixes that no running request holds. */
  flushCache(): Promise<unknown>;
  close(): Promise<void>;
}
