// The library's front door.

export {
  type AsyncCompileOptions,
  compileAsync,
  DEFAULT_COMPILER_LIMITS,
  GrammarCompiler,
  type GrammarCompilerOptions,
} from './compile-threads/index.js';
export {
  type CachedPrefix,
  type ChatMessage,
  type ChosenTokenLogprob,
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
  type IndexedChunk,
  type LoadProgress,
  MAX_ALL_MASKS,
  MAX_CHOICES,
  MAX_HOT_MASKS,
  MaskEngine,
  type MaskEngineOptions,
  type MaskLevel,
  type MaskPathStats,
  MaskRow,
  type MaskStats,
  type ObjectResult,
  type PrecomputeOptions,
  type SamplingOptions,
  type SpeculationOptions,
  type TokenLogprob,
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
