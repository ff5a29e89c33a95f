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
  const ends = new Set([end, ...parts.map((part) => part.end)]);
  const matters = (state: number) =>
    reads[state] !== undefined || guards[state].length > 0 || lookGuards[state].length > 0 || ends.has(state);
  return (state) => {
    let result = known[state];
    if (!result) {
      const seen = new Set([state]);
      for (const from of seen) for (const to of epsilons[from]) seen.add(to);
      work.spend(seen.size);
      result = [...seen].filter(matters);
      known[state] = result;
    }
    return result;
  };
}
