// What both determinisations share: which states epsilons reach, and the bound on their work.
import { type AutomatonLimits, checkDeadline, DEFAULT_MAX_STATES } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import type { PositionAutomaton } from './positions.js';

/** Nondeterministic states and classes looked at for each deterministic state allowed, on the average. */
export const WORK_PER_STATE = 500;
/** The same of configurations, each of which costs some ten times as much. */
export const CONFIGURATIONS_PER_STATE = 50;

/** Counts work and states; each method throws LimitError `maxStates` beyond the limit, or `maxCompileMs`. */
export class Work {
  readonly #maxStates: number;
  #left: number;

  /** `perState`: work for each state allowed. */
  constructor(limits: AutomatonLimits | undefined, perState: number) {
    this.#maxStates = limits?.maxStates ?? DEFAULT_MAX_STATES;
    this.#left = this.#maxStates * perState;
  }

  spend(work: number): void {
    checkDeadline();
    this.#left -= work;
    if (this.#left < 0) throw this.#tooLarge();
  }

  checkStates(count: number): void {
    if (count > this.#maxStates) throw this.#tooLarge();
  }

  #tooLarge(): LimitError {
    return new LimitError(
      'maxStates',
      this.#maxStates,
      'a regular expression needs too many automaton states',
    );
  }
}

/** The states that matter (they read, have a guard or end a part) that epsilons reach from a state. */
export type Closure = (state: number) => readonly number[];

/** The closures of an automaton, each made once. */
export function closures(
  { reads, epsilons, guards, lookGuards, parts, end }: PositionAutomaton,
  work: Work,
): Closure {
  const known: (readonly number[] | undefined)[] = [];
  const matters = new Uint8Array(reads.length);
  for (let state = 0; state < reads.length; state++)
    if (reads[state] !== undefined || guards[state].length + lookGuards[state].length > 0) matters[state] = 1;
  matters[end] = 1;
  for (const part of parts) matters[part.end] = 1;
  const reach = new Reach(epsilons, matters);
  return (state) => {
    known[state] ??= reach.of(state, work);
    return known[state];
  };
}

/** What epsilons reach, in the order of the first mention. */
class Reach {
  readonly #epsilons: PositionAutomaton['epsilons'];
  readonly #matters: Uint8Array;
  /** By state, the last round in which it was reached. */
  readonly #reachedIn: Int32Array;
  readonly #order: number[] = [];
  #round = 0;

  constructor(epsilons: PositionAutomaton['epsilons'], matters: Uint8Array) {
    this.#epsilons = epsilons;
    this.#matters = matters;
    this.#reachedIn = new Int32Array(matters.length);
  }

  of(state: number, work: Work): readonly number[] {
    const order = this.#order;
    const reachedIn = this.#reachedIn;
    const round = ++this.#round;
    order.length = 0;
    order.push(state);
    reachedIn[state] = round;
    for (let at = 0; at < order.length; at++)
      for (const to of this.#epsilons[order[at]]) {
        if (reachedIn[to] === round) continue;
        reachedIn[to] = round;
        order.push(to);
      }
    work.spend(order.length);
    const mattering: number[] = [];
    for (const one of order) if (this.#matters[one]) mattering.push(one);
    return mattering;
  }
}
