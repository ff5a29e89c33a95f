// The grammar IR: what every front end writes and the pushdown automaton is compiled from.
// Rules over bytes; regular parts are whole DFAs (lexemes), nesting is by reference.
import type { Dfa } from '../automata/index.js';
import type { SourceLocation } from '../errors.js';

/** Index of a rule in {@link Grammar.rules}. */
export type RuleId = number;

export type Node =
  /** Matches the empty string. */
  | { readonly kind: 'empty' }
  /** Matches nothing at all. */
  | { readonly kind: 'never' }
  /** Matches exactly these bytes. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A lexeme: matches the byte strings of a DFA over bytes. */
  | { readonly kind: 'regular'; readonly dfa: Dfa }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  /** `min` to `max` times (max may be Infinity). Costs a counter, not copies of states. */
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number }
  | { readonly kind: 'reference'; readonly rule: RuleId };

export interface Rule {
  readonly name: string;
  readonly body: Node;
  readonly source?: SourceLocation;
}

/** A context-free grammar over bytes whose language is that of `start`. */
export interface Grammar {
  readonly rules: readonly Rule[];
  readonly start: Node;
}
