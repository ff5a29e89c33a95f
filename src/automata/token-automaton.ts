// The automaton of one terminal for a lexer: says after each byte whether a token may end there, and under which
// condition on what follows. Written by the Lark front end; run by lexed-machine.ts and natively by lexed_machine.cc.
//
// A lexer in the manner of Python's `re` gives a terminal one match at a place: the first in the order of trial. Whether a
// token ends here may therefore hang on what follows: a match tried earlier must fail later on, a lookahead must hold. The
// condition is a state of the same automaton, a *shadow*: it reads on beside the tokens that come, until it is violated
// (BAD) or can no longer be (DEAD).

/** A transition of a shadow: the condition is violated. */
export const BAD = -2;
/** A transition: nothing can match any more, or the condition can no longer be violated. */
export const DEAD = -1;
/** In place of a shadow: there is no condition. */
export const FREE = -1;

export interface TokenAutomaton {
  /** Byte to class. */
  readonly classOf: Uint8Array;
  readonly classCount: number;
  /** States 0 .. runCount - 1 read the token, beginning at 0; the rest are shadows. */
  readonly runCount: number;
  readonly stateCount: number;
  /** State and class to state, {@link DEAD} or {@link BAD}: next[state * classCount + class]. */
  readonly next: Int32Array;
  /**
   * The condition that no token of this terminal begins where this run began: a shadow, {@link FREE}, or {@link BAD} where
   * one does whatever follows.
   */
  readonly block: Int32Array;
  /** Run state r may end a token under any of ends[endStart[r]] .. ends[endStart[r + 1]]: shadows or {@link FREE}. */
  readonly endStart: Int32Array;
  readonly ends: Int32Array;
  /** By shadow, counted from runCount: whether the condition holds when the text ends here. */
  readonly holdsAtEnd: Uint8Array;
  /** By run state: whether a longer text can end a token. */
  readonly goesOn: Uint8Array;
}
