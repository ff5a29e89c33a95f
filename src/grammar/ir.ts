// The grammar IR: what every front end writes and the pushdown automaton is compiled from.
// Rules over bytes; regular parts are whole DFAs (lexemes), nesting is by reference.
import type { Dfa, TextCheck, TokenSet } from '../automata/index.js';
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
  /** A lexeme: matches the byte strings of a DFA over bytes. `quiet`: no part of a tracked value, as white space is. */
  | { readonly kind: 'regular'; readonly dfa: Dfa; readonly quiet?: boolean }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  /** `min` to `max` times (max may be Infinity). Costs a counter, not copies of states. */
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number }
  | { readonly kind: 'reference'; readonly rule: RuleId }
  /** The body in a frame of its own: its {@link RegisterOp}s work on fresh registers, a counter, marks and a set of words. */
  | { readonly kind: 'scope'; readonly body: Node }
  /** Reads nothing; changes or asks the registers of the innermost scope. */
  | { readonly kind: 'op'; readonly op: RegisterOp }
  /** One token of the vocabulary, by what it is and not by its bytes. */
  | { readonly kind: 'token'; readonly tokens: TokenSet };

/**
 * What a grammar may do with the registers of a scope. Rules that the scope's body reaches by references in last place work
 * on the same registers; any other reference has none of its own and must not hold ops.
 */
export type RegisterOp =
  /** Adds 1 to the counter; possible only while it is below `limit`. With `saturates` it stops at the limit instead. */
  | { readonly kind: 'count'; readonly limit: number; readonly saturates?: boolean }
  /** Possible only when the counter is at least `min`. */
  | { readonly kind: 'atLeast'; readonly min: number }
  /** Marks `bit`; possible only when it is not marked yet. */
  | { readonly kind: 'mark'; readonly bit: number }
  /** Possible only when some bit in [from, to) is not marked. */
  | { readonly kind: 'room'; readonly from: number; readonly to: number }
  /** Possible only when every bit in [from, to) is marked. */
  | { readonly kind: 'marked'; readonly from: number; readonly to: number }
  /** What is read from here to the matching `distinct`, or `known` where it `recalls`, is one value (quiet lexemes left out). */
  | { readonly kind: 'begin'; readonly recalls?: boolean }
  /** The value ends; possible only when it equals none of those that ended here before, which it then joins. */
  | { readonly kind: 'distinct' }
  /** The value ends; possible only when it is spelled as one that ended at a `distinct` before. */
  | { readonly kind: 'known' }
  /** What is read from here to the matching `verify` is a text for the check. Needs no scope. */
  | { readonly kind: 'capture'; readonly check: TextCheck }
  /** The text ends; possible only when it passes. */
  | { readonly kind: 'verify'; readonly check: TextCheck };

export type { TokenSet };

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
