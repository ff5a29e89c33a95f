// Door of the grammar room: the IR, its builder, and its compilation to a pushdown automaton.
export {
  bytes,
  choice,
  EMPTY,
  GrammarBuilder,
  NEVER,
  op,
  optional,
  quiet,
  regular,
  repeat,
  scope,
  sequence,
  token,
} from './builder.js';
export { limitCharacters } from './character-limit.js';
export { closedLexeme } from './closed-lexeme.js';
export { type Dispatch, dispatch, type FreeTextLimits, type Trigger, textWithout } from './free-text.js';
export type { Grammar, Node, RegisterOp, Rule, RuleId, TokenSet } from './ir.js';
export { insideJsonString } from './json-string.js';
export { type LeftRecursionLimits, removeLeftRecursion } from './left-recursion.js';
export { classText, lexemeText } from './lexeme-text.js';
export { choiceOf, sequenceOf } from './lists.js';
export { mergeInto } from './merge.js';
export { type MergeLimits, mergeRegular } from './normalize.js';
export {
  isNullable,
  nullableRules,
  WithoutEmptyContext,
  withoutEmptyNode,
} from './nullable.js';
export { prepareGrammar } from './prepare.js';
export { printGrammar, printNode, printTokens, ruleNames } from './print.js';
export { pruneUnproductive } from './productive.js';
export { regularLanguage } from './regular-language.js';
export { referencedRules } from './rules-that.js';
export { mapSubnodes, subnodes } from './subnodes.js';
export { type PdaLimits, toPda, tracedPda } from './to-pda.js';
export type { StateOrigins, TerminalPlace } from './trace.js';
export { holdsToken, writtenText } from './written-text.js';
