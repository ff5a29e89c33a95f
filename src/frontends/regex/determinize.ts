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
  ascending,
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
  /** By class, the states that it leads to from the state that is looked at, and how many of the list they are. */
  readonly #targets: readonly number[][];
  readonly #targetCounts: Int32Array;
  /** By state: the round in which it was put in a set last. */
  readonly #marks: Int32Array;
  #round = 0;

  constructor(automaton: PositionAutomaton, work: Work) {
    this.#a = automaton;
    this.#contexts = automaton.contexts;
    this.#work = work;
    this.#targets = Array.from({ length: automaton.alphabet.size }, () => []);
    this.#targetCounts = new Int32Array(automaton.alphabet.size);
    this.#marks = new Int32Array(automaton.reads.length);
    this.#closure = closures(automaton, work);
    this.#loops = absorbingLoops(automaton, this.#closure, (states) => this.#endsAfter(states));
  }

  /** Over class numbers. */
  run(): Dfa {
    this.#find([this.#a.start], 1, this.#contexts.edge);
    const builder = rawBuilder.clear();
    const accept: number[] = [];
    for (let at = 0; at < this.#kernels.length; at++) {
      this.#writeEdges(at, builder);
      builder.close();
      const last = this.#guarded[at] ? this.#close(at, this.#contexts.edge) : this.#kernels[at];
      accept.push(last.includes(this.#a.end) ? 1 : 0);
    }
    return minimizeFlat(builder.view(Uint8Array.from(accept)));
  }

  /** Adds the edges of a DFA state to the builder's open state. */
  #writeEdges(at: number, builder: FlatBuilder): void {
    const { edge, ofClass } = this.#contexts;
    const counts = this.#targetCounts.fill(0);
    if (this.#guarded[at])
      for (let context = 0; context < edge; context++) this.#read(this.#close(at, context), context);
    else this.#read(this.#kernels[at], -1);
    let before = -1;
    let id = -1;
    for (let cls = 0; cls < counts.length; cls++) {
      if (counts[cls] === 0) continue;
      // Neighbours mostly lead to the same states.
      if (before < 0 || ofClass[cls] !== ofClass[before] || !this.#haveSameTargets(cls, before))
        id = this.#find(this.#targets[cls], counts[cls], ofClass[cls]);
      builder.edge(cls, cls, id);
      before = cls;
    }
  }

  #haveSameTargets(a: number, b: number): boolean {
    const count = this.#targetCounts[a];
    if (count !== this.#targetCounts[b]) return false;
    const [ofA, ofB] = [this.#targets[a], this.#targets[b]];
    for (let i = 0; i < count; i++) if (ofA[i] !== ofB[i]) return false;
    return true;
  }

  /** What the states read, of the classes of a context (-1: of all), is added to the targets. */
  #read(states: readonly number[], context: number): void {
    const { ofClass } = this.#contexts;
    const counts = this.#targetCounts;
    for (const state of states) {
      const reads = this.#a.reads[state];
      if (!reads) continue;
      this.#work.spend(1 + reads.classes.length);
      for (const cls of reads.classes)
        if (context < 0 || ofClass[cls] === context) this.#targets[cls][counts[cls]++] = reads.to;
    }
  }

  /** The DFA state of the first `count` of states, reached by reading a symbol of context `before`. */
  #find(states: readonly number[], count: number, before: number): number {
    this.#asked.put(before);
    for (let i = 0; i < count; i++) this.#asked.put(states[i]);
    const asked = this.#asked.end();
    if (asked === this.#answers.length) this.#answers.push(this.#stateOf(states.slice(0, count), before));
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
    const { guards, contexts } = this.#a;
    const place = before * contexts.count + after;
    let found = kernel;
    let added: number[] | undefined;
    let round = 0;
    for (let at = 0; at < found.length; at++)
      for (const { allowed, to } of guards[found[at]]) {
        if (!allowed[place]) continue;
        if (!added) {
          found = added = [...kernel];
          round = this.#mark(kernel);
        }
        for (const reached of this.#closure(to)) {
          if (this.#marks[reached] === round) continue;
          this.#marks[reached] = round;
          added.push(reached);
        }
      }
    return found;
  }

  /** Marks states as those of a new round. */
  #mark(states: readonly number[]): number {
    const round = ++this.#round;
    for (const state of states) this.#marks[state] = round;
    return round;
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
    return found.sort(ascending);
  }
}
