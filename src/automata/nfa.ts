// Nondeterministic automata under construction, and their determinisation.
import type { Dfa, DfaEdge } from './dfa.js';
import type { AutomatonLimits } from './limits.js';
import { minimize } from './minimize.js';
import { Subsets } from './subsets.js';

/** Builds an NFA with epsilon transitions over closed symbol intervals. */
export class NfaBuilder {
  readonly #edges: DfaEdge[][] = [];
  readonly #epsilons: number[][] = [];
  readonly #universal = new Set<number>();

  /** Number of states so far. */
  get size(): number {
    return this.#edges.length;
  }

  state(): number {
    this.#epsilons.push([]);
    return this.#edges.push([]) - 1;
  }

  /** A state from which every word over 0..maxSymbol is accepted; a subset that holds it needs no other state. */
  universal(maxSymbol: number): number {
    const state = this.state();
    this.edge(state, 0, maxSymbol, state);
    this.#universal.add(state);
    return state;
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
   * @throws LimitError `maxStates`, `maxSubsetSteps`
   */
  toDfa(start: number, accepting: Iterable<number>, limits?: AutomatonLimits): Dfa {
    const accepts = new Set([...accepting, ...this.#universal]);
    const subsets = new Subsets({
      edges: this.#edges,
      epsilons: this.#epsilons,
      universal: this.#universal,
      accepts,
      limits,
    });
    subsets.ofOne(start);
    const edges: DfaEdge[][] = [];
    for (let at = 0; at < subsets.sets.length; at++) edges.push(subsets.edgesOf(at));
    const accept = subsets.sets.map((set) => (set.some((state) => accepts.has(state)) ? 1 : 0));
    return minimize({ edges, accept });
  }
}
