// The library's front door.

export {
  type ChatMessage,
  type ConstraintOptions,
  EMBEDDED_MODEL,
  Engine,
  type EngineInfo,
  type EngineOptions,
  type FinishReason,
  type GenerateChunk,
  type GenerateRequest,
  type GenerateResult,
  type GenerateUsage,
  IncompleteOutputError,
  MaskEngine,
  type MaskEngineOptions,
  type MaskPathStats,
  type MaskStats,
  type ObjectResult,
  type SamplingOptions,
  type ToolCallMessage,
  type ToolDefinition,
  type WarmOptions,
  warmTokenizer,
} from './engine/index.js';
export type * from './native/index.js';
export * from './portable.js';
export {
  type CacheOutcome,
  MAX_CACHED_IMAGES,
  type OpenedTokenizer,
  type OpenTokenizerOptions,
  openTokenizer,
} from './tokenizer-files/index.js';
