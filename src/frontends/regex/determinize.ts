// From the automaton with guards to a DFA, exactly, by subset construction that remembers one symbol and awaits one.
//
// A guard at a position of the text is decided by the contexts before and after it (the kinds of the two symbols, or the
// text's edges), and by nothing else. So a DFA state is a pair: the set K of states reached by reading the symbol just
// before, and the context that this symbol makes. Which guards hold is settled when the next symbol is known: for each
// context c of the next symbol, K is closed over the epsilons and those guards that hold between the two contexts, and
// then the classes of context c are read from that closure. At the end of the text the same is done with the edge for c,
// and the state accepts when the closure holds the end state. By induction over the text, K is the set of states that
// some run reaches all of whose guards hold, whence the result is exact. The context before is forgotten (kept as -1)
// where no guard can be reached from K, so patterns without assertions get the ordinary construction. Patterns with
// lookaround go to lookaround.ts.
import { type AutomatonLimits, type Dfa, type DfaEdge, minimize } from '../../automata/index.js';
import { type AbsorbingLoop, absorbingLoops } from './absorbing.js';
import { type Closure, closures, Work } from './closures.js';
import { LookaroundDeterminizer } from './lookaround.js';
import type { Contexts, PositionAutomaton } from './positions.js';

/** The minimal DFA over code points. @throws LimitError `maxStates` */
export function determinize(automaton: PositionAutomaton, limits?: AutomatonLimits): Dfa {
  const work = new Work(limits);
  const { alphabet, parts } = automaton;
  const determinizer =
    parts.length > 0 ? new LookaroundDeterminizer(automaton, work) : new Determinizer(automaton, work);
  return alphabet.spread(determinizer.run());
}

class Determinizer {
  readonly #a: PositionAutomaton;
  readonly #contexts: Contexts;
  readonly #loops: readonly AbsorbingLoop[];
  readonly #closure: Closure;
  readonly #known = new Map<string, number>();
  readonly #kernels: (readonly number[])[] = [];
  readonly #before: number[] = [];
  readonly #guarded: boolean[] = [];
  readonly #work: Work;

  constructor(automaton: PositionAutomaton, work: Work) {
    this.#a = automaton;
    this.#contexts = automaton.contexts;
    this.#work = work;
    this.#closure = closures(automaton, work);
    this.#loops = absorbingLoops(automaton, this.#closure, (states) => this.#endsAfter(states));
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
        this.#work.spend(1 + (reads?.classes.length ?? 0));
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
      this.#work.checkStates(this.#kernels.length);
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
    this.#work.spend(seen.size);
    for (const { states: own, covered } of this.#loops) {
      if (!own.every((state) => seen.has(state))) continue;
      for (const state of seen) if (covered[state]) seen.delete(state);
      for (const state of own) seen.add(state);
    }
    return [...seen].sort((a, b) => a - b);
  }
}
