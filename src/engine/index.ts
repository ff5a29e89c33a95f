// Door of the engine room.
export { choiceRequests, type IndexedChunk, MAX_CHOICES, merged, resultOf, resultsOf } from './choices.js';
export { isConstrained } from './constraints.js';
export {
  type EmbedInput,
  type EmbedOptions,
  type EmbedResult,
  type EmbedUsage,
  MAX_EMBED_INPUTS,
} from './embedding.js';
export { Engine, type ObjectResult } from './engine.js';
export { IncompleteOutputError } from './incomplete-output.js';
export { interleaved } from './interleaved.js';
export { MaskEngine, type MaskEngineOptions, MaskRow } from './mask-engine.js';
export type { MaskPathStats, MaskStats } from './mask-stats.js';
export { EMBEDDED_MODEL } from './options.js';
export type { Pooling } from './pooling.js';
export {
  MAX_ALL_MASKS,
  MAX_HOT_MASKS,
  type MaskLevel,
  type PrecomputeOptions,
} from './precompute.js';
export { CONSTRAINT_FIELDS } from './request.js';
export type {
  CachedPrefix,
  ChatMessage,
  ChosenTokenLogprob,
  ConstraintOptions,
  EngineInfo,
  EngineOptions,
  FinishReason,
  GenerateChunk,
  GenerateRequest,
  GenerateResult,
  GenerateUsage,
  LoadProgress,
  SamplingOptions,
  SpeculationOptions,
  TokenLogprob,
  ToolCallMessage,
  ToolDefinition,
} from './types.js';
export { type WarmMemory, type WarmOptions, warmTokenizer } from './warm.js';
export type { WarmMode } from './warming.js';
