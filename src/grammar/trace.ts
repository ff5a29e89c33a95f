// What the states of a pushdown automaton were made for: the rule, and the place in a literal or lexeme. A side table for
// explaining; the automaton's compiler fills it on request, and neither the image nor a matcher knows of it.
import type { Dfa } from '../automata/index.js';
import type { RuleId } from './ir.js';

/** The literal or lexeme that a state stands in: `at` is the byte of a literal, the state of a lexeme's automaton. */
export interface TerminalPlace {
  readonly terminal: Uint8Array | Dfa;
  readonly at: number;
}

/** By state of the automaton. */
export interface StateOrigins {
  /** The rule whose body the state is part of; undefined for the start's, and for lexemes that several rules share. */
  readonly rules: readonly (RuleId | undefined)[];
  /** Undefined for states between terminals. */
  readonly terminals: readonly (TerminalPlace | undefined)[];
}

/** Hears of states as they are made, by the numbers that they have then. */
export class Trace {
  readonly #rules: (RuleId | undefined)[] = [];
  readonly #terminals: (TerminalPlace | undefined)[] = [];
  #order: ArrayLike<number> = [];

  /** The next state is made, in this rule. */
  state(rule: RuleId | undefined): void {
    this.#rules.push(rule);
    this.#terminals.push(undefined);
  }

  terminal(state: number, terminal: Uint8Array | Dfa, at: number): void {
    this.#terminals[state] = { terminal, at };
  }

  /** A lexeme's states are used once more: they belong to no rule alone. */
  share(first: number, count: number): void {
    this.#rules.fill(undefined, first, first + count);
  }

  /** The automaton's final numbering: state i was made as `order[i]`. */
  number(order: ArrayLike<number>): void {
    this.#order = order;
  }

  origins(): StateOrigins {
    return {
      rules: Array.from(this.#order, (state) => this.#rules[state]),
      terminals: Array.from(this.#order, (state) => this.#terminals[state]),
    };
  }
}
