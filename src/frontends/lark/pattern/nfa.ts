// From a pattern to a nondeterministic automaton over bytes (Thompson 1968) whose epsilon edges have an order: what a
// backtracking matcher would try first comes first (Pike's and Cox's threads). Looks are edges with a condition.
import { type Dfa, symbolsDfa, utf8Dfa } from '../../../automata/index.js';
import { LimitError } from '../../../errors.js';
import type { Pattern } from './ast.js';
import { type LookTable, LookTables } from './looks.js';

/** Nondeterministic states allowed for each deterministic one. */
const STATES_PER_STATE = 10;

export interface NfaState {
  /** Reads nothing; in order of trial. */
  readonly epsilons: number[];
  /** Reads nothing, under the condition of a look. */
  look?: { readonly table: number; readonly to: number };
  readonly edges: { readonly lo: number; readonly hi: number; readonly to: number }[];
}

export interface OrderedNfa {
  readonly states: readonly NfaState[];
  readonly start: number;
  /** The one state where the pattern has matched. */
  readonly match: number;
  readonly looks: readonly LookTable[];
}

/** @throws LimitError `maxStates` */
export function orderedNfa(pattern: Pattern, maxStates: number): OrderedNfa {
  const builder = new OrderedNfaBuilder(maxStates);
  const match = builder.state();
  const start = builder.build(pattern, match);
  return { states: builder.states, start, match, looks: builder.looks.all };
}

class OrderedNfaBuilder {
  readonly states: NfaState[] = [];
  readonly looks = new LookTables();
  readonly #maxStates: number;
  readonly #sets = new Map<string, Dfa>();

  constructor(maxStates: number) {
    this.#maxStates = maxStates;
  }

  state(epsilons: number[] = []): number {
    if (this.states.length > this.#maxStates * STATES_PER_STATE)
      throw new LimitError('maxStates', this.#maxStates, 'a terminal repeats too much');
    return this.states.push({ epsilons, edges: [] }) - 1;
  }

  /** The state from which the pattern is read and `then` reached. */
  build(pattern: Pattern, then: number): number {
    switch (pattern.kind) {
      case 'set':
        return this.#embed(this.#setDfa(pattern.set), then);
      case 'sequence':
        return pattern.items.reduceRight((next, item) => this.build(item, next), then);
      case 'choice':
        return this.state(pattern.options.map((option) => this.build(option, then)));
      case 'repeat':
        return this.#repeat(pattern, then);
      default: {
        const state = this.state();
        this.states[state].look = { table: this.looks.indexOf(pattern), to: then };
        return state;
      }
    }
  }

  #repeat({ item, min, max, lazy }: Pattern & { kind: 'repeat' }, then: number): number {
    const fork = (more: number, enough: number) => (lazy ? [enough, more] : [more, enough]);
    let next = then;
    if (max === Number.POSITIVE_INFINITY) {
      next = this.state();
      this.states[next].epsilons.push(...fork(this.build(item, next), then));
    } else for (let copy = min; copy < max; copy++) next = this.state(fork(this.build(item, next), then));
    for (let copy = 0; copy < min; copy++) next = this.build(item, next);
    return next;
  }

  #setDfa(set: (Pattern & { kind: 'set' })['set']): Dfa {
    const key = set.join(' ');
    let dfa = this.#sets.get(key);
    if (!dfa) {
      dfa = utf8Dfa(symbolsDfa(set), { maxStates: this.#maxStates });
      this.#sets.set(key, dfa);
    }
    return dfa;
  }

  /** A set's DFA accepts in one state that reads nothing: `then` takes its place. */
  #embed(dfa: Dfa, then: number): number {
    const ids = dfa.edges.map((_, s) => (dfa.accept[s] ? then : this.state()));
    dfa.edges.forEach((edges, s) => {
      for (const { lo, hi, to } of edges) this.states[ids[s]].edges.push({ lo, hi, to: ids[to] });
    });
    return ids[0];
  }
}
