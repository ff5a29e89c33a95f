// Where a compiled grammar comes from, as far as explaining needs it: the grammar as its author wrote it, asked for when needed.
import type { Grammar, LeftRecursionLimits, PdaLimits } from '../grammar/index.js';

export type SourceKind =
  | 'schema'
  | 'regex'
  | 'gbnf'
  | 'ebnf'
  | 'structural-tag'
  | 'lark'
  | 'code'
  | 'grammar'
  | 'image';

/** What explaining starts from. */
export interface GrammarOrigin {
  readonly kind: SourceKind;
  /** The JSON Schema as it was compiled; only of kind `schema`. */
  readonly schema?: unknown;
  /** The grammar's own text, where that is what a reader wants to see; only of kind `lark`. */
  readonly text?: string | undefined;
  /** Whether the rules are over bytes; those of a grammar with a lexer are over its terminals. */
  readonly isBytes: boolean;
  /** The grammar in the author's own rules, before anything is merged. */
  grammar(): Grammar;
  readonly limits: LeftRecursionLimits & PdaLimits;
}
