// Threads of an ordered NFA: a state together with the lookaheads that must still hold. Lists of them, in order of trial,
// are the states of the deterministic automaton.
import { checkDeadline, nextState } from '../../../automata/index.js';
import { CompileError, LimitError, type SourceLocation } from '../../../errors.js';
import { advance, FAILED, HELD, promise } from './looks.js';
import type { OrderedNfa } from './nfa.js';

/** Lookaheads that must hold: pairs of look and state of its DFA, ascending; interned by the table. */
export type Promises = readonly (readonly [look: number, state: number])[];

/** What looking back sees: the states of the lookbehinds' DFAs and how many characters have been read, up to the widest. */
export interface Behind {
  readonly states: readonly number[];
  readonly depth: number;
}

export interface Thread {
  readonly id: number;
  /** An NFA state; {@link MATCHED} for a match at an earlier place whose lookaheads are not settled. */
  readonly state: number;
  readonly promises: Promises;
}

export const MATCHED = -1;
export const NO_PROMISES: Promises = [];

export class ThreadTable {
  readonly nfa: OrderedNfa;
  readonly #location: SourceLocation;
  readonly #threads = new Map<string, Thread>();
  readonly #targets: Int32Array[] = [];
  readonly #maxSteps: number;
  #steps = 0;
  readonly #behind: number[];
  readonly #widest: number;

  constructor(nfa: OrderedNfa, maxSteps: number, location: SourceLocation) {
    this.#maxSteps = maxSteps;
    this.nfa = nfa;
    this.#location = location;
    this.#behind = nfa.looks.flatMap((look, i) => (look.kind === 'behind' ? [i] : []));
    this.#widest = Math.max(0, ...nfa.looks.map((look) => (look.kind === 'behind' ? look.width : 0)));
  }

  thread(state: number, promises: Promises): Thread {
    const key = `${state};${promises.join(';')}`;
    let thread = this.#threads.get(key);
    if (!thread) {
      thread = { id: this.#threads.size, state, promises };
      this.#threads.set(key, thread);
    }
    return thread;
  }

  get startBehind(): Behind {
    return { states: this.#behind.map(() => 0), depth: 0 };
  }

  stepBehind({ states, depth }: Behind, byte: number): Behind {
    const startsCharacter = byte < 0x80 || byte >= 0xc0;
    return {
      states: states.map((state, i) => nextState(this.#dfa(this.#behind[i]), state, byte)),
      depth: Math.min(this.#widest, depth + (startsCharacter ? 1 : 0)),
    };
  }

  /** The promises after one more byte, or undefined when one is broken. */
  stepPromises(promises: Promises, byte: number): Promises | undefined {
    const left: [number, number][] = [];
    for (const [look, state] of promises) {
      const next = advance(this.#dfa(look), state, byte);
      if (next === FAILED) return undefined;
      if (next !== HELD) left.push([look, next]);
    }
    return withoutDoubles(left);
  }

  /** Whether all promises hold when the text ends here. */
  holdAtEnd(promises: Promises): boolean {
    return promises.every(([look, state]) => this.#dfa(look).accept[state] === 1);
  }

  /** Passes a look: the promises behind it, or undefined when it does not hold. */
  pass(look: number, promises: Promises, behind: Behind): Promises | undefined {
    const table = this.nfa.looks[look];
    if (table.kind === 'behind') {
      if (behind.depth < table.width)
        throw new CompileError(
          'unsupported_regex',
          'a lookbehind, anchor or word boundary at the start of a terminal would look at the token before it',
          { ...this.#location, keyword: 'lookbehind at the start of a terminal' },
        );
      const sees = table.dfa.accept[behind.states[this.#behind.indexOf(look)]] === 1;
      return sees === table.negative ? undefined : promises;
    }
    const state = promise(table.dfa, 0);
    if (state === FAILED) return undefined;
    return state === HELD ? promises : withoutDoubles([...promises, [look, state]]);
  }

  /**
   * Follows the edges that read nothing from `threads` in order of trial; every thread is taken up where it comes first.
   * What remains reads a byte or has matched. With `ordered`, a match without promises ends the list: nothing behind it
   * would be tried.
   */
  close(threads: Iterable<Thread>, behind: Behind, ordered: boolean): Thread[] {
    const seen = new Set<number>();
    const list: Thread[] = [];
    for (const first of threads) {
      const work = [first];
      for (let thread = work.pop(); thread; thread = work.pop()) {
        if (seen.has(thread.id)) continue;
        seen.add(thread.id);
        checkDeadline();
        if (++this.#steps > this.#maxSteps)
          throw new LimitError(
            'maxSubsetSteps',
            this.#maxSteps,
            'a terminal takes too long to make deterministic',
            {
              ...this.#location,
            },
          );
        const { state, promises } = thread;
        if (state === MATCHED || state === this.nfa.match) {
          list.push(thread);
          if (ordered && promises.length === 0) return list;
          continue;
        }
        const { epsilons, look, edges } = this.nfa.states[state];
        if (edges.length > 0) list.push(thread);
        for (let i = epsilons.length - 1; i >= 0; i--) work.push(this.thread(epsilons[i], promises));
        const passed = look && this.pass(look.table, promises, behind);
        if (passed) work.push(this.thread(look.to, passed));
      }
    }
    return list;
  }

  /** The threads after one more byte, in order, before closing; a match that was awaiting its promises stays one. */
  step(thread: Thread, byte: number): Thread[] {
    const promises = this.stepPromises(thread.promises, byte);
    if (!promises) return [];
    if (thread.state === MATCHED || thread.state === this.nfa.match)
      return thread.promises.length === 0 ? [] : [this.thread(MATCHED, promises)];
    const to = this.#targetsOf(thread.state)[byte];
    return to < 0 ? [] : [this.thread(to, promises)];
  }

  /** The NFA state that a thread comes to with a byte, or -1. */
  target({ state }: Thread, byte: number): number {
    return state === MATCHED || state === this.nfa.match ? -1 : this.#targetsOf(state)[byte];
  }

  /** By byte: the state reached, or -1. The edges of a state are those of a DFA's. */
  #targetsOf(state: number): Int32Array {
    let targets = this.#targets[state];
    if (!targets) {
      targets = new Int32Array(256).fill(-1);
      for (const { lo, hi, to } of this.nfa.states[state].edges) targets.fill(to, lo, hi + 1);
      this.#targets[state] = targets;
    }
    return targets;
  }

  #dfa(look: number) {
    return this.nfa.looks[look].dfa;
  }
}

function withoutDoubles(promises: [number, number][] | readonly (readonly [number, number])[]): Promises {
  if (promises.length === 0) return NO_PROMISES;
  const sorted = [...promises].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return sorted.filter(
    ([look, state], i) => i === 0 || sorted[i - 1][0] !== look || sorted[i - 1][1] !== state,
  );
}
