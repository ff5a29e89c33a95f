// Nondeterministic automata under construction, and their determinisation.
import { LimitError } from '../errors.js';
import type { Dfa, DfaEdge } from './dfa.js';
import { minimize } from './minimize.js';

export interface AutomatonLimits {
  /** Most states of one automaton, also on the way; default {@link DEFAULT_MAX_STATES}. */
  readonly maxStates?: number;
}

export const DEFAULT_MAX_STATES = 20_000;

/** Throws LimitError `maxStates` when `count` is above the limit. */
export function checkStates(count: number, limits: AutomatonLimits | undefined): void {
  const max = limits?.maxStates ?? DEFAULT_MAX_STATES;
  if (count > max)
    throw new LimitError('maxStates', max, 'a regular expression needs too many automaton states');
}

/** Builds an NFA with epsilon transitions over closed symbol intervals. */
export class NfaBuilder {
  readonly #edges: DfaEdge[][] = [];
  readonly #epsilons: number[][] = [];

  state(): number {
    this.#epsilons.push([]);
    return this.#edges.push([]) - 1;
  }

  edge(from: number, lo: number, hi: number, to: number): void {
    this.#edges[from].push({ lo, hi, to });
  }

  epsilon(from: number, to: number): void {
    this.#epsilons[from].push(to);
  }

  /** Copies a DFA in. */
  embed(dfa: Dfa): { start: number; accepting: number[] } {
    const first = this.#edges.length;
    const accepting: number[] = [];
    dfa.edges.forEach((list, s) => {
      this.state();
      for (const { lo, hi, to } of list) this.edge(first + s, lo, hi, first + to);
      if (dfa.accept[s]) accepting.push(first + s);
    });
    return { start: first, accepting };
  }

  /**
   * The minimal DFA, by subset construction (Rabin & Scott 1959) over the intervals that the edges cut out.
   * @throws LimitError `maxStates`
   */
  toDfa(start: number, accepting: Iterable<number>, limits?: AutomatonLimits): Dfa {
    const accepts = new Set(accepting);
    const known = new Map<string, number>();
    const sets: number[][] = [];
    const find = (states: Iterable<number>): number => {
      const closed = this.#closure(states);
      const key = closed.join();
      let id = known.get(key);
      if (id === undefined) {
        id = sets.push(closed) - 1;
        known.set(key, id);
        checkStates(sets.length, limits);
      }
      return id;
    };
    find([start]);
    const edges: DfaEdge[][] = [];
    for (let at = 0; at < sets.length; at++) edges.push(this.#sweep(sets[at], find));
    return minimize({ edges, accept: sets.map((set) => (set.some((state) => accepts.has(state)) ? 1 : 0)) });
  }

  #closure(states: Iterable<number>): number[] {
    const seen = new Set(states);
    for (const state of seen) for (const to of this.#epsilons[state]) seen.add(to);
    return [...seen].sort((a, b) => a - b);
  }

  /** Edges of a set of states: walks the borders of their intervals, keeping count of the targets in force. */
  #sweep(set: readonly number[], find: (states: Iterable<number>) => number): DfaEdge[] {
    const events: [at: number, to: number, change: 1 | -1][] = [];
    for (const state of set)
      for (const { lo, hi, to } of this.#edges[state]) events.push([lo, to, 1], [hi + 1, to, -1]);
    events.sort((a, b) => a[0] - b[0]);
    const active = new Map<number, number>();
    const result: DfaEdge[] = [];
    for (let i = 0; i < events.length; ) {
      const lo = events[i][0];
      for (; i < events.length && events[i][0] === lo; i++) {
        const [, to, change] = events[i];
        const count = (active.get(to) ?? 0) + change;
        if (count === 0) active.delete(to);
        else active.set(to, count);
      }
      if (active.size > 0 && i < events.length)
        result.push({ lo, hi: events[i][0] - 1, to: find(active.keys()) });
    }
    return result;
  }
}
