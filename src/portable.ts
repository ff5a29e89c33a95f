// The grammar half's front door, `espalier/grammar`: no Node, no native code; runs in a browser.
export type { AutomatonLimits, ConfigurationSet, MachineOptions, Pda } from './automata/index.js';
export {
  CompiledGrammar,
  type CompileOptions,
  compile,
  type GrammarSource,
  type KeywordNote,
  MAX_CACHED_GRAMMARS,
  type Verdict,
} from './compile/index.js';
export * from './errors.js';
export type { JsonSchemaOptions, WhitespacePolicy } from './frontends/json-schema/index.js';
export type { Grammar, Node, PdaLimits, Rule, RuleId } from './grammar/index.js';
export { bytes, choice, GrammarBuilder, optional, repeat, sequence } from './grammar/index.js';
export { Matcher } from './matcher/index.js';
export { buildImageFromBytes, openTokenizerImage, type TokenizerImage } from './tokenizer/index.js';
