// Door of the engine room.
export { Engine, IncompleteOutputError, type ObjectResult } from './engine.js';
export { MaskEngine, type MaskEngineOptions } from './mask-engine.js';
export type { MaskPathStats, MaskStats } from './mask-stats.js';
export { EMBEDDED_MODEL } from './options.js';
export {
  MAX_ALL_MASKS,
  MAX_HOT_MASKS,
  type MaskLevel,
  type PrecomputeOptions,
} from './precompute.js';
export type {
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
  SamplingOptions,
  TokenLogprob,
  ToolCallMessage,
  ToolDefinition,
} from './types.js';
export { type WarmOptions, warmTokenizer } from './warm.js';
export type { WarmMode } from './warming.js';
