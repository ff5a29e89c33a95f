// Nondeterministic automata under construction, and their determinisation.
import type { Dfa, DfaEdge } from './dfa.js';
import { FLAT_WORDS, FlatBuilder, flatOf } from './flat.js';
import type { AutomatonLimits } from './limits.js';
import { minimizeFlat } from './minimize.js';
import { Subsets } from './subsets.js';

/** For one determinisation after the other. */
const subsetBuilder = new FlatBuilder();

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
    const { edgeStart, edges, accept } = flatOf(dfa);
    for (let s = 0; s < accept.length; s++) {
      const state = this.state();
      for (let at = edgeStart[s] * FLAT_WORDS; at < edgeStart[s + 1] * FLAT_WORDS; at += FLAT_WORDS)
        this.edge(state, edges[at], edges[at + 1], first + edges[at + 2]);
      if (accept[s]) accepting.push(state);
    }
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
    const builder = subsetBuilder.clear();
    for (let at = 0; at < subsets.sets.length; at++) {
      subsets.writeEdges(at, builder);
      builder.close();
    }
    const accept = new Uint8Array(subsets.sets.length);
    for (let at = 0; at < accept.length; at++) accept[at] = hasAny(subsets.sets[at], accepts) ? 1 : 0;
    return minimizeFlat(builder.view(accept));
  }
}

function hasAny(states: Int32Array, wanted: ReadonlySet<number>): boolean {
  for (let i = 0; i < states.length; i++) if (wanted.has(states[i])) return true;
  return false;
}
