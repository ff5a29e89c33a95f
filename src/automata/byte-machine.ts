// What masks and matchers ask of a grammar in motion, whether it reads bytes at once (machine.ts) or through a lexer
// (lexed-machine.ts).
import type { Pda } from './pda.js';

/** What was read so far, as far as it matters for what may follow. Equal ones are one object while they are remembered. */
export interface ByteState {
  readonly id: number;
  /** Whether what was read so far is a whole sentence. */
  readonly accepting: boolean;
}

export interface ByteMachine<S extends ByteState = ByteState> {
  /** The automaton that names the grammar's token sets. */
  readonly pda: Pda;
  readonly start: S;
  /**
   * The state after one more byte, or null when nothing can read it.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous.
   */
  step(from: S, byte: number): S | null;
  /** The state after one token that is read as a token, or null; `matches` tells whether a token set holds it. */
  stepToken(from: S, matches: (tokenSet: number) => boolean): S | null;
  /** The token sets of which a token can be read next. */
  tokenSets(from: S): ReadonlySet<number>;
  /** What either can go on with. */
  union(a: S, b: S): S;
  /** The byte that must come next, or -1 when there is a choice, including that of ending here. */
  forcedByte(state: S): number;
}
