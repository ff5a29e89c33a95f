// Door of the compile room: source text in, CompiledGrammar out.
import type { WhitespacePolicy } from '../frontends/json-schema/index.js';

export interface CompileOptions {
  /** White space between JSON tokens; default `flexible`. */
  readonly whitespace?: WhitespacePolicy;
  /** List keywords that cannot be enforced in `unenforced` instead of refusing them; default false. */
  readonly lenient?: boolean;
}
