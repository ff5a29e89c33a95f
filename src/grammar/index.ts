// Door of the grammar room: the IR, its builder, and its compilation to a pushdown automaton.
export {
  bytes,
  choice,
  EMPTY,
  GrammarBuilder,
  NEVER,
  optional,
  regular,
  repeat,
  sequence,
} from './builder.js';
export type { Grammar, Node, Rule, RuleId } from './ir.js';
export { mergeInto } from './merge.js';
