// Door of the compile room: source text in, CompiledGrammar out.
export {
  type Compilable,
  compile,
  MAX_CACHED_GRAMMARS,
  type PendingCompile,
  prepareCompile,
} from './compile.js';
export {
  CompiledGrammar,
  type CompiledGrammarDetails,
  type KeywordNote,
  type Verdict,
} from './compiled-grammar.js';
export { type LoadGrammarOptions, loadGrammar } from './load.js';
export { type CompiledParts, type CompileJob, compileJob, frontEnd } from './parts.js';
export { RecentCache } from './recent-cache.js';
export { maskCount, type PrecomputedMasks } from './saved-masks.js';
export type { CompileOptions, GrammarSource, PlainSource } from './source.js';
export { DEFAULT_WARM_MILLIS, type WarmCompilerOptions, warmCompiler } from './warm-compiler.js';
export { DEFAULT_WARM_MASKS_MILLIS, type WarmMasksOptions, warmMasks } from './warm-masks.js';
export { WARM_SAMPLES } from './warm-samples.js';
