// What the server needs of an engine: the part of Engine's API that it calls, so that tests can stand a small one in.
import type { CompiledGrammar } from '../compile/index.js';
import type {
  CachedPrefix,
  ChatMessage,
  ConstraintOptions,
  EmbedInput,
  EmbedOptions,
  EmbedResult,
  Engine,
  EngineInfo,
  GenerateChunk,
  GenerateRequest,
  GenerateResult,
  IndexedChunk,
} from '../engine/index.js';
import type { TokenBytes } from './token-names.js';

/** Counters of an engine, as far as it keeps them. */
export type EngineStats = Partial<Awaited<ReturnType<Engine['stats']>>>;

export interface EngineLike {
  /** Settles once the model is loaded. */
  ready(): Promise<EngineInfo>;
  generate(request: GenerateRequest): Promise<GenerateResult>;
  /** Errors of the request come with the first chunk, before any output. */
  stream(request: GenerateRequest): AsyncIterable<GenerateChunk>;
  /** `n` outputs of one prompt, which is computed once. */
  generateChoices(request: GenerateRequest, n: number): Promise<GenerateResult[]>;
  streamChoices(request: GenerateRequest, n: number): AsyncIterable<IndexedChunk>;
  /** Of each input, in their order. */
  embed(inputs: readonly EmbedInput[], options?: EmbedOptions): Promise<EmbedResult>;
  /** The prompt that the model's chat template makes of a chat. */
  applyChatTemplate(
    messages: readonly ChatMessage[],
    options?: Readonly<Record<string, unknown>> & { readonly tools?: readonly object[] },
  ): Promise<string>;
  tokenize(text: string, options?: { readonly addSpecialTokens?: boolean }): Promise<Int32Array>;
  detokenize(ids: Iterable<number>, options?: { readonly skipSpecialTokens?: boolean }): Promise<string>;
  tokenizer(): Promise<TokenBytes>;
  /** The grammar that a request under this constraint has; undefined where it asks for none. */
  compile(constraint: ConstraintOptions, signal?: AbortSignal): Promise<CompiledGrammar | undefined>;
  /** What the prefix cache holds: at most `most` pieces of text, the nearest to the beginnings first. */
  cachedPrefixes(most: number): Promise<readonly CachedPrefix[]>;
  stats(): Promise<EngineStats>;
  /** Drops all cached prefixes that no running request holds. */
  flushCache(): Promise<unknown>;
  close(): Promise<void>;
}
