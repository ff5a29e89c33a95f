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
import {
  type AutomatonLimits,
  type Dfa,
  FlatBuilder,
  minimizeFlat,
  WordLists,
} from '../../automata/index.js';
import { type AbsorbingLoop, absorbingLoops } from './absorbing.js';
import { type Closure, CONFIGURATIONS_PER_STATE, closures, WORK_PER_STATE, Work } from './closures.js';
import { LookaroundDeterminizer } from './lookaround.js';
import type { Contexts, PositionAutomaton } from './positions.js';

/** The minimal DFA over code points. @throws LimitError `maxStates` */
export function determinize(automaton: PositionAutomaton, limits?: AutomatonLimits): Dfa {
  const { alphabet, parts } = automaton;
  const determinizer =
    parts.length > 0
      ? new LookaroundDeterminizer(automaton, new Work(limits, CONFIGURATIONS_PER_STATE))
      : new Determinizer(automaton, new Work(limits, WORK_PER_STATE));
  return alphabet.spread(determinizer.run());
}

/** For one pattern after the other. */
const rawBuilder = new FlatBuilder();

class Determinizer {
  readonly #a: PositionAutomaton;
  readonly #contexts: Contexts;
  readonly #loops: readonly AbsorbingLoop[];
  readonly #closure: Closure;
  /** By DFA state: the context before, and the kernel. */
  readonly #known = new WordLists(64);
  /** What was asked for, each as context and states reached, and by its number the DFA state found. */
  readonly #asked = new WordLists(64);
  readonly #answers: number[] = [];
  readonly #kernels: (readonly number[])[] = [];
  readonly #before: number[] = [];
  readonly #guarded: boolean[] = [];
  readonly #work: Work;
  /** By state: the round in which it was put in a set last. */
  readonly #marks: Int32Array;
  #round = 0;

  constructor(automaton: PositionAutomaton, work: Work) {
    this.#a = automaton;
    this.#contexts = automaton.contexts;
    this.#work = work;
    this.#marks = new Int32Array(automaton.reads.length);
    this.#closure = closures(automaton, work);
    this.#loops = absorbingLoops(automaton, this.#closure, (states) => this.#endsAfter(states));
  }

  /** Over class numbers. */
  run(): Dfa {
    this.#find([this.#a.start], this.#contexts.edge);
    const builder = rawBuilder.clear();
    const accept: number[] = [];
    const targets: number[][] = Array.from({ length: this.#a.alphabet.size }, () => []);
    for (let at = 0; at < this.#kernels.length; at++) {
      this.#writeEdges(at, targets, builder);
      builder.close();
      const last = this.#guarded[at] ? this.#close(at, this.#contexts.edge) : this.#kernels[at];
      accept.push(last.includes(this.#a.end) ? 1 : 0);
    }
    return minimizeFlat(builder.view(Uint8Array.from(accept)));
  }

  /** Adds the edges of a DFA state to the builder's open state. `targets`: by class, empty before and after. */
  #writeEdges(at: number, targets: number[][], builder: FlatBuilder): void {
    const { edge } = this.#contexts;
    if (this.#guarded[at])
      for (let context = 0; context < edge; context++) this.#read(this.#close(at, context), context, targets);
    else this.#read(this.#kernels[at], -1, targets);
    let before: number[] = [];
    let context = -1;
    let id = -1;
    for (let cls = 0; cls < targets.length; cls++) {
      const states = targets[cls];
      if (states.length === 0) continue;
      // Neighbours mostly lead to the same states.
      if (context !== this.#contexts.ofClass[cls] || !isSame(states, before)) {
        context = this.#contexts.ofClass[cls];
        id = this.#find(states, context);
      }
      builder.edge(cls, cls, id);
      before.length = 0;
      [before, targets[cls]] = [states, before];
    }
  }

  /** What the states read, of the classes of a context (-1: of all), added to `targets`. */
  #read(states: readonly number[], context: number, targets: number[][]): void {
    const { ofClass } = this.#contexts;
    for (const state of states) {
      const reads = this.#a.reads[state];
      if (!reads) continue;
      this.#work.spend(1 + reads.classes.length);
      for (const cls of reads.classes)
        if (context < 0 || ofClass[cls] === context) targets[cls].push(reads.to);
    }
  }

  /** The DFA state of a set of states reached by reading a symbol of context `before`. */
  #find(states: readonly number[], before: number): number {
    this.#asked.put(before);
    for (const state of states) this.#asked.put(state);
    const asked = this.#asked.end();
    if (asked === this.#answers.length) this.#answers.push(this.#stateOf(states, before));
    return this.#answers[asked];
  }

  #stateOf(states: readonly number[], before: number): number {
    const kernel = this.#closeOver(states);
    const guarded = kernel.some((state) => this.#a.guards[state].length > 0);
    const context = guarded ? before : -1;
    this.#known.put(context);
    for (const state of kernel) this.#known.put(state);
    const id = this.#known.end();
    if (id < this.#kernels.length) return id;
    this.#kernels.push(kernel);
    this.#before.push(context);
    this.#guarded.push(guarded);
    this.#work.checkStates(this.#kernels.length);
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
    const marks = this.#marks;
    const round = ++this.#round;
    let found: number[] = [];
    for (const state of states)
      for (const reached of this.#closure(state)) {
        if (marks[reached] === round) continue;
        marks[reached] = round;
        found.push(reached);
      }
    this.#work.spend(found.length);
    for (const { states: own, covered } of this.#loops) {
      if (!own.every((state) => marks[state] === round)) continue;
      for (const state of found) if (covered[state]) marks[state] = 0;
      for (const state of own) marks[state] = round;
      found = found.filter((state) => marks[state] === round);
    }
    return found.sort((a, b) => a - b);
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
