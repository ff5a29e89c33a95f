// Door of the compile room: source text in, CompiledGrammar out.
export { type CompileOptions, compile, type GrammarSource, MAX_CACHED_GRAMMARS } from './compile.js';
export {
  CompiledGrammar,
  type CompiledGrammarDetails,
  type KeywordNote,
  type Verdict,
} from './compiled-grammar.js';
export { RecentCache } from './recent-cache.js';
export { warmMasks } from './warm.js';
export { WARM_SAMPLES } from './warm-samples.js';
