// From the automaton with guards to a DFA, exactly, by subset construction that remembers one symbol and awaits one.
//
// A guard at a position of the text is decided by the contexts before and after it (the kinds of the two symbols, or the
// text's edges), and by nothing else. So a DFA state is a pair: the set K of states reached by reading the symbol just
// before, and the context that this symbol makes. Which guards hold is settled when the next symbol is known: for each
// context c of the next symbol, K is closed over the epsilons and those guards that hold between the two contexts, and
// then the classes of context c are read from that closure. At the end of the text the same is done with the edge for c,
// and the state accepts when the closure holds the end state. By induction over the text, K is the set of states that
// some run reaches all of whose guards hold, whence the result is exact. The context before is forgotten (kept as -1)
// where no guard can be reached from K, so patterns without assertions get the ordinary construction.
import {
  type AutomatonLimits,
  DEFAULT_MAX_STATES,
  type Dfa,
  type DfaEdge,
  minimize,
} from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { type AbsorbingLoop, absorbingLoops } from './absorbing.js';
import type { Contexts, PositionAutomaton } from './positions.js';

/** Nondeterministic states and classes looked at for each deterministic state allowed, on the average. */
const WORK_PER_STATE = 500;

/** The minimal DFA over code points. @throws LimitError `maxStates` */
export function determinize(automaton: PositionAutomaton, limits?: AutomatonLimits): Dfa {
  return automaton.alphabet.spread(new Determinizer(automaton, limits).run());
}

class Determinizer {
  readonly #a: PositionAutomaton;
  readonly #contexts: Contexts;
  readonly #maxStates: number;
  readonly #loops: readonly AbsorbingLoop[];
  readonly #closures: (readonly number[] | undefined)[] = [];
  readonly #known = new Map<string, number>();
  readonly #kernels: (readonly number[])[] = [];
  readonly #before: number[] = [];
  readonly #guarded: boolean[] = [];
  #work: number;

  constructor(automaton: PositionAutomaton, limits: AutomatonLimits | undefined) {
    this.#a = automaton;
    this.#contexts = automaton.contexts;
    this.#maxStates = limits?.maxStates ?? DEFAULT_MAX_STATES;
    this.#work = this.#maxStates * WORK_PER_STATE;
    this.#loops = absorbingLoops(
      automaton,
      (state) => this.#closure(state),
      (states) => this.#endsAfter(states),
    );
  }

  /** Over class numbers. */
  run(): Dfa {
    this.#find([this.#a.start], this.#contexts.edge);
    const edges: DfaEdge[][] = [];
    const accept: number[] = [];
    for (let at = 0; at < this.#kernels.length; at++) {
      edges.push(this.#edgesOf(at));
      const last = this.#guarded[at] ? this.#close(at, this.#contexts.edge) : this.#kernels[at];
      accept.push(last.includes(this.#a.end) ? 1 : 0);
    }
    return minimize({ edges, accept });
  }

  #edgesOf(at: number): DfaEdge[] {
    const { edge, ofClass } = this.#contexts;
    const targets = new Map<number, number[]>();
    const read = (states: readonly number[], context: number) => {
      for (const state of states) {
        const reads = this.#a.reads[state];
        this.#spend(1 + (reads?.classes.length ?? 0));
        for (const cls of reads?.classes ?? []) {
          if (context >= 0 && ofClass[cls] !== context) continue;
          const list = targets.get(cls);
          if (list) list.push(reads!.to);
          else targets.set(cls, [reads!.to]);
        }
      }
    };
    if (this.#guarded[at])
      for (let context = 0; context < edge; context++) read(this.#close(at, context), context);
    else read(this.#kernels[at], -1);
    return [...targets]
      .sort((a, b) => a[0] - b[0])
      .map(([cls, states]) => ({ lo: cls, hi: cls, to: this.#find(states, ofClass[cls]) }));
  }

  /** The DFA state of a set of states reached by reading a symbol of context `before`. */
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

  /** The kernel of a DFA state, closed over the guards that hold before a symbol of context `after`. */
  #close(at: number, after: number): readonly number[] {
    return this.#passGuards(this.#kernels[at], this.#before[at], after);
  }

  #passGuards(kernel: readonly number[], before: number, after: number): readonly number[] {
    const seen = new Set(kernel);
    for (const state of seen)
      for (const { allowed, to } of this.#a.guards[state])
        if (allowed[before * this.#contexts.count + after])
          for (const reached of this.#closure(to)) seen.add(reached);
    return [...seen];
  }

  #endsAfter(states: readonly number[]): boolean {
    const { count, edge } = this.#contexts;
    for (let before = 0; before < count; before++)
      if (!this.#passGuards(states, before, edge).includes(this.#a.end)) return false;
    return true;
  }

  /** Closed over epsilons, sorted, and without the states that an absorbing loop stands for. */
  #closeOver(states: readonly number[]): readonly number[] {
    const seen = new Set<number>();
    for (const state of states) for (const reached of this.#closure(state)) seen.add(reached);
    this.#spend(seen.size);
    for (const { states: own, covered } of this.#loops) {
      if (!own.every((state) => seen.has(state))) continue;
      for (const state of seen) if (covered[state]) seen.delete(state);
      for (const state of own) seen.add(state);
    }
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
