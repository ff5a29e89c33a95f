// What masks and matchers ask of a grammar in motion, whether it reads bytes at once or through a lexer.

/** What was read so far, as far as it matters for what may follow. Equal sets are one object while they are remembered. */
export interface ByteState {
  readonly id: number;
  /** Whether what was read so far is a whole sentence. */
  readonly accepting: boolean;
}

export interface ByteMachine<S extends ByteState = ByteState> {
  readonly start: S;
  /**
   * The state after one more byte, or null when nothing can read it.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous.
   */
  step(from: S, byte: number): S | null;
  /** The byte that must come next, or -1 when there is a choice, including that of ending here. */
  forcedByte(state: S): number;
}
