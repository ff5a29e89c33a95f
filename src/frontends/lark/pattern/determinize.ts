// From an ordered NFA to a terminal's automaton: subset construction over ordered lists of threads, as RE2 does it for
// leftmost-first matching (Cox 2010, "Regular Expression Matching in the Wild"), with shadows for what is settled later.
import {
  type AutomatonLimits,
  ascending,
  BAD,
  checkDeadline,
  DEAD,
  DEFAULT_MAX_STATES,
  DEFAULT_MAX_SUBSET_STEPS,
  FREE,
  type TokenAutomaton,
} from '../../../automata/index.js';
import { LimitError, type SourceLocation } from '../../../errors.js';
import { byteClasses, edgeStarts } from './byte-classes.js';
import { minimizeToken, type RawState } from './minimize-token.js';
import type { OrderedNfa } from './nfa.js';
import { type Behind, MATCHED, NO_PROMISES, type Promises, type Thread, ThreadTable } from './threads.js';

/** A run: what may still match, in order of trial. `sure`: something has matched already, whatever follows. */
interface Run {
  readonly threads: readonly Thread[];
  readonly behind: Behind;
  readonly sure: boolean;
}

/** A shadow: none of the threads may match, and the promises must hold. */
interface Shadow {
  readonly threads: readonly Thread[];
  readonly behind: Behind;
  readonly promises: Promises;
}

/** @throws LimitError `maxStates`, `maxSubsetSteps`; CompileError `unsupported_regex` */
export function tokenAutomaton(
  nfa: OrderedNfa,
  limits: AutomatonLimits,
  location: SourceLocation,
): TokenAutomaton {
  return new Determinizer(nfa, limits, location).run();
}

class Determinizer {
  readonly #table: ThreadTable;
  readonly #match: number;
  readonly #maxStates: number;
  readonly #location: SourceLocation;
  readonly #classOf: Uint8Array;
  readonly #bytes: readonly number[];
  readonly #runs: Run[] = [];
  readonly #runIds = new Map<string, number>();
  readonly #shadows: Shadow[] = [];
  readonly #shadowIds = new Map<string, number>();

  constructor(nfa: OrderedNfa, limits: AutomatonLimits, location: SourceLocation) {
    this.#table = new ThreadTable(nfa, limits.maxSubsetSteps ?? DEFAULT_MAX_SUBSET_STEPS, location);
    this.#match = nfa.match;
    this.#maxStates = limits.maxStates ?? DEFAULT_MAX_STATES;
    this.#location = location;
    const { classOf, bytes } = byteClasses(startsOf(nfa));
    this.#classOf = classOf;
    this.#bytes = bytes;
  }

  run(): TokenAutomaton {
    const behind = this.#table.startBehind;
    const start = this.#table.close([this.#table.thread(this.#table.nfa.start, NO_PROMISES)], behind, true);
    this.#run({ threads: start, behind, sure: false });
    const runs: RawState[] = [];
    for (let at = 0; at < this.#runs.length; at++) runs.push(this.#runState(this.#runs[at]));
    const shadows: RawState[] = [];
    for (let at = 0; at < this.#shadows.length; at++) shadows.push(this.#shadowState(this.#shadows[at]));
    return minimizeToken(runs, shadows, this.#classOf, this.#bytes.length);
  }

  #runState(run: Run): RawState {
    const next = this.#steps(run.threads, (byte) => this.#stepRun(run, byte));
    const ends: number[] = [];
    run.threads.forEach((thread, i) => {
      if (thread.state === this.#match)
        ends.push(this.#shadow(run.threads.slice(0, i), run.behind, thread.promises));
    });
    const sure = run.sure || run.threads.some((thread) => this.#isSure(thread));
    const block = sure ? BAD : this.#shadow(run.threads, run.behind, NO_PROMISES);
    return { next, ends, block, holdsAtEnd: false };
  }

  #stepRun({ threads, behind, sure }: Run, byte: number): number {
    const after = this.#table.stepBehind(behind, byte);
    const stepped: Thread[] = [];
    for (const thread of threads) stepped.push(...this.#table.step(thread, byte));
    const closed = this.#table.close(stepped, after, true);
    if (closed.length === 0) return DEAD;
    const wasSure = sure || threads.some((thread) => this.#isSure(thread));
    return this.#run({ threads: closed, behind: after, sure: wasSure });
  }

  /** A step for each class of bytes; without looks, bytes that all threads read alike are one. */
  #steps(threads: readonly Thread[], step: (byte: number) => number): number[] {
    if (this.#table.nfa.looks.length > 0) return this.#bytes.map(step);
    const known = new Map<string, number>();
    return this.#bytes.map((byte) => {
      let key = '';
      for (const thread of threads) key += `${this.#table.target(thread, byte)},`;
      let result = known.get(key);
      if (result === undefined) {
        result = step(byte);
        known.set(key, result);
      }
      return result;
    });
  }

  #isSure({ state, promises }: Thread): boolean {
    return (state === this.#match || state === MATCHED) && promises.length === 0;
  }

  #shadowState(shadow: Shadow): RawState {
    const next = this.#steps(shadow.threads, (byte) => this.#stepShadow(shadow, byte));
    const matchesAtEnd = shadow.threads.some(
      ({ state, promises }) =>
        (state === this.#match || state === MATCHED) && this.#table.holdAtEnd(promises),
    );
    const holdsAtEnd = !matchesAtEnd && this.#table.holdAtEnd(shadow.promises);
    return { next, ends: [], block: FREE, holdsAtEnd };
  }

  #stepShadow({ threads, behind, promises }: Shadow, byte: number): number {
    const left = this.#table.stepPromises(promises, byte);
    if (!left) return BAD;
    const after = this.#table.stepBehind(behind, byte);
    const closed = this.#table.close(
      threads.flatMap((thread) => this.#table.step(thread, byte)),
      after,
      false,
    );
    if (closed.some((thread) => this.#isSure(thread))) return BAD;
    return this.#shadow(closed, after, left);
  }

  #run(run: Run): number {
    const ids = run.threads.map((thread) => thread.id);
    const key = `${run.sure ? 1 : 0};${keyOf(run.behind)};${ids.join()}`;
    return this.#intern(this.#runIds, key, this.#runs, run);
  }

  #shadow(threads: readonly Thread[], behind: Behind, promises: Promises): number {
    if (threads.length === 0 && promises.length === 0) return FREE;
    const ids = threads.map((thread) => thread.id).sort(ascending);
    const key = `${threads.length > 0 ? keyOf(behind) : ''};${promises.join(' ')};${ids.join()}`;
    return this.#intern(this.#shadowIds, key, this.#shadows, { threads, behind, promises });
  }

  #intern<T>(known: Map<string, number>, key: string, all: T[], item: T): number {
    checkDeadline();
    let id = known.get(key);
    if (id === undefined) {
      if (this.#runs.length + this.#shadows.length >= this.#maxStates)
        throw new LimitError('maxStates', this.#maxStates, 'a terminal needs too many automaton states', {
          ...this.#location,
        });
      id = all.push(item) - 1;
      known.set(key, id);
    }
    return id;
  }
}

function keyOf({ states, depth }: Behind): string {
  return `${depth},${states.join()}`;
}

/** Continuation bytes are told apart from others, as they begin no character. */
function* startsOf({ states, looks }: OrderedNfa): Generator<number> {
  yield 0x80;
  yield 0xc0;
  yield* edgeStarts(states.map(({ edges }) => edges));
  for (const { dfa } of looks) yield* edgeStarts(dfa.edges);
}
