// Finds the lexeme that a configuration is inside of, and the configuration behind it.
import type { Configuration, Machine, StackSet } from '../automata/index.js';
import { CountedCopies } from './counted-copies.js';
import { LexemeCopies, type LexemePlace } from './lexeme-copies.js';
import type { LexemeTable } from './lexeme-table.js';
import type { Reader } from './reader.js';
import { type Count, NO_COUNT, UNBOUNDED } from './trie-part.js';

export interface Inside {
  readonly reader: Reader;
  readonly count: Count;
  readonly behind: Configuration;
}

/** The lexemes of one automaton. */
export class Insides {
  readonly #machine: Machine;
  readonly #copies: LexemeCopies;
  readonly #counted: CountedCopies;

  constructor(machine: Machine, table: LexemeTable) {
    this.#machine = machine;
    this.#copies = new LexemeCopies(machine.pda, table);
    this.#counted = new CountedCopies(machine.pda, this.#copies);
  }

  /** Null for a configuration outside any lexeme, and for one whose bytes are tracked. */
  find(at: Configuration): Inside | null {
    return at.track ? null : this.findUntracked(at);
  }

  /** As {@link find}, whatever is tracked. */
  findUntracked({ state, stack, track }: Configuration): Inside | null {
    const place = this.#copies.place(state);
    if (!place) return null;
    const counted = place.lexeme.isPrefixFree ? this.#findCounted(stack, track, place) : null;
    if (counted) return counted;
    return {
      reader: this.#copies.table.reader(place.lexeme, place.state),
      count: NO_COUNT,
      behind: { state: place.after, stack, track },
    };
  }

  /** A character of a counted lexeme is read either in a frame of its own, which returns behind it, or in place. */
  #findCounted(stack: StackSet, track: Configuration['track'], character: LexemePlace): Inside | null {
    let behind = character.after;
    let outer = stack;
    if (this.#counted.onlyReturns(behind)) {
      if (stack.frames.length !== 1) return null;
      behind = stack.frames[0].returnTo;
      outer = stack.frames[0].parents;
    }
    const place = this.#counted.place(behind);
    if (!place || outer.frames.length !== 1) return null;
    const number = outer.frames[0].count;
    return {
      reader: place.lexeme.reader(character.lexeme, character.state, place.place),
      count: {
        left: place.limit === UNBOUNDED ? UNBOUNDED : Math.max(0, place.limit - number),
        missing: place.minimum - number,
      },
      behind: {
        state: place.after,
        stack: place.resets ? this.#machine.resetCounters(outer) : outer,
        track,
      },
    };
  }
}
