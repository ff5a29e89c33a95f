// From the automaton with guards to a DFA, exactly, by subset construction that remembers one symbol and awaits one.
//
// A guard at a position of the text is decided by the symbol before it and the symbol after it (or the text's edges), and
// by nothing else. So a DFA state is a pair: the set K of states reached by reading the symbol just before, and the class
// of that symbol. Which guards hold is settled when the next symbol is known: for each class c of the next symbol, K is
// closed over the epsilons and those guards that hold between the two classes, and then c is read from that closure. At
// the end of the text the same is done with the edge for c, and the state accepts when the closure holds the end state.
// By induction over the text, K is the set of states that some run reaches all of whose guards hold, whence the result is
// exact. The class before is forgotten (kept as -1) where no guard can be reached from K, so patterns without assertions
// get the ordinary construction.
import {
  type AutomatonLimits,
  DEFAULT_MAX_STATES,
  type Dfa,
  type DfaEdge,
  minimize,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import type { PositionAutomaton } from './positions.js';

/** Nondeterministic states looked at for each deterministic one allowed, on the average. */
const WORK_PER_STATE = 500;

/** The minimal DFA over code points. @throws LimitError `maxStates` */
export function determinize(automaton: PositionAutomaton, limits?: AutomatonLimits): Dfa {
  return automaton.alphabet.spread(new Determinizer(automaton, limits).run());
}

class Determinizer {
  readonly #a: PositionAutomaton;
  readonly #edge: number;
  readonly #maxStates: number;
  /** True where the end is reached and any text may follow: such a state outweighs all others of its set. */
  readonly #final: Uint8Array;
  readonly #closures: (readonly number[] | undefined)[] = [];
  readonly #known = new Map<string, number>();
  readonly #kernels: (readonly number[])[] = [];
  readonly #before: number[] = [];
  readonly #guarded: boolean[] = [];
  #work: number;

  constructor(automaton: PositionAutomaton, limits: AutomatonLimits | undefined) {
    this.#a = automaton;
    this.#edge = automaton.alphabet.size;
    this.#maxStates = limits?.maxStates ?? DEFAULT_MAX_STATES;
    this.#work = this.#maxStates * WORK_PER_STATE;
    this.#final = Uint8Array.from(automaton.reads, (reads, state) =>
      reads?.to === state && automaton.epsilons[state].includes(automaton.end) ? 1 : 0,
    );
  }

  /** Over class numbers. */
  run(): Dfa {
    this.#find([this.#a.start], this.#edge);
    const edges: DfaEdge[][] = [];
    const accept: number[] = [];
    for (let at = 0; at < this.#kernels.length; at++) {
      edges.push(this.#edgesOf(at));
      const last = this.#guarded[at] ? this.#close(at, this.#edge) : this.#kernels[at];
      accept.push(last.includes(this.#a.end) ? 1 : 0);
    }
    return minimize({ edges, accept });
  }

  #edgesOf(at: number): DfaEdge[] {
    const targets = new Map<number, number[]>();
    const read = (states: readonly number[], only: number) => {
      this.#spend(states.length);
      for (const state of states) {
        const reads = this.#a.reads[state];
        for (const cls of reads?.classes ?? []) {
          if (only >= 0 && cls !== only) continue;
          const list = targets.get(cls);
          if (list) list.push(reads!.to);
          else targets.set(cls, [reads!.to]);
        }
      }
    };
    if (this.#guarded[at]) for (let cls = 0; cls < this.#edge; cls++) read(this.#close(at, cls), cls);
    else read(this.#kernels[at], -1);
    return [...targets]
      .sort((a, b) => a[0] - b[0])
      .map(([cls, states]) => ({ lo: cls, hi: cls, to: this.#find(states, cls) }));
  }

  /** The DFA state of a set of states reached by reading class `before`. */
  #find(states: readonly number[], before: number): number {
    const kernel = this.#closeOver(states);
    const guarded = kernel.some((state) => this.#a.guards[state].length > 0);
    const key = `${guarded ? before : -1}:${kernel.join()}`;
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.#kernels.push(kernel) - 1;
      this.#known.set(key, id);
      this.#before.push(guarded ? before : -1);
      this.#guarded.push(guarded);
      if (this.#kernels.length > this.#maxStates) throw this.#tooLarge();
    }
    return id;
  }

  /** The kernel of a DFA state, closed over the guards that hold before a symbol of class `after`. */
  #close(at: number, after: number): readonly number[] {
    const before = this.#before[at];
    const seen = new Set(this.#kernels[at]);
    for (const state of seen)
      for (const { allowed, to } of this.#a.guards[state])
        if (allowed[before * (this.#edge + 1) + after])
          for (const reached of this.#closure(to)) seen.add(reached);
    return [...seen];
  }

  /** Closed over epsilons, sorted, and reduced to the one state that accepts whatever follows where there is one. */
  #closeOver(states: readonly number[]): readonly number[] {
    const seen = new Set<number>();
    for (const state of states) for (const reached of this.#closure(state)) seen.add(reached);
    this.#spend(seen.size);
    for (const state of seen) if (this.#final[state]) return this.#closure(state);
    return [...seen].sort((a, b) => a - b);
  }

  /** The states that matter (they read, have a guard or are the end) that epsilons reach. */
  #closure(state: number): readonly number[] {
    let result = this.#closures[state];
    if (!result) {
      const seen = new Set([state]);
      for (const from of seen) for (const to of this.#a.epsilons[from]) seen.add(to);
      this.#spend(seen.size);
      result = [...seen].filter(
        (s) => this.#a.reads[s] !== undefined || this.#a.guards[s].length > 0 || s === this.#a.end,
      );
      this.#closures[state] = result;
    }
    return result;
  }

  #spend(work: number): void {
    this.#work -= work;
    if (this.#work < 0) throw this.#tooLarge();
  }

  #tooLarge(): LimitError {
    return new LimitError(
      'maxStates',
      this.#maxStates,
      'a regular expression needs too many automaton states',
    );
  }
}
