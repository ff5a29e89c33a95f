// The grammar half's front door, `espalier/grammar`: no Node, no native code; runs in a browser.
export {
  ACCEPT_STATE,
  type AutomatonLimits,
  type ByteMachine,
  type ByteState,
  type ClassedAutomaton,
  type ConfigurationSet,
  DEFAULT_MAX_STATES,
  DEFAULT_MAX_SUBSET_STEPS,
  type Dfa,
  type DfaEdge,
  EDGE_WORDS,
  Machine,
  type MachineOptions,
  type Pda,
  type TextCheck,
} from './automata/index.js';
export {
  Expression,
  g,
  MAX_EXPRESSION_DEPTH,
  type OutputOf,
  type Part,
  type RepeatOptions,
  type ResultOf,
  type StandardIssue,
  type StandardResult,
  type StandardSchema,
  type StaticSchema,
  type TokenName,
  type UntilOptions,
} from './builder/index.js';
export {
  type Compilable,
  CompiledGrammar,
  type CompiledGrammarDetails,
  type CompileOptions,
  compile,
  DEFAULT_WARM_MASKS_MILLIS,
  DEFAULT_WARM_MILLIS,
  type GrammarSource,
  type KeywordNote,
  type LoadGrammarOptions,
  loadGrammar,
  MAX_CACHED_GRAMMARS,
  maskCount,
  type PrecomputedMasks,
  type Verdict,
  type WarmCompilerOptions,
  type WarmMasksOptions,
  warmCompiler,
  warmMasks,
} from './compile/index.js';
export * from './errors.js';
export type {
  ActiveRule,
  Expected,
  ExpectedLiteral,
  ExplainedKeyword,
  GrammarExplanation,
  GrammarOrigin,
  RailroadOptions,
  SourceKind,
  TextExplanation,
} from './explain/index.js';
export type { EbnfDialect, EbnfOptions, GbnfOptions } from './frontends/ebnf/index.js';
export type {
  ContentPolicy,
  FormatPolicy,
  JsonSchemaOptions,
  PropertyOrder,
  WhitespacePolicy,
} from './frontends/json-schema/index.js';
export type { IndenterOptions, LarkLexer, LarkOptions } from './frontends/lark/index.js';
export type { RegexSyntax } from './frontends/regex/index.js';
export type {
  Grammar,
  LeftRecursionLimits,
  MergeLimits,
  Node,
  PdaLimits,
  RegisterOp,
  Rule,
  RuleId,
  TokenSet,
} from './grammar/index.js';
export { bytes, choice, GrammarBuilder, optional, repeat, sequence } from './grammar/index.js';
export { type GrammarName, grammars } from './grammars/index.js';
export {
  DEFAULT_FORCED_BYTES,
  type ForcingMatcher,
  forcedTokens,
  Matcher,
  MatcherFactory,
  type MatcherOptions,
  type NamedVocabulary,
} from './matcher/index.js';
export {
  buildImageFromBytes,
  buildTokenizerImage,
  type ChatTemplateOptions,
  type DecodeOptions,
  type DecoderVocabulary,
  type DeferredTokenizerFiles,
  type EncodeOptions,
  IncrementalDecoder,
  type LeadingSpaceRule,
  openTokenizerImage,
  type TokenFlag,
  Tokenizer,
  type TokenizerFacts,
  type TokenizerFiles,
  type TokenizerImage,
  type TokenSource,
} from './tokenizer/index.js';
