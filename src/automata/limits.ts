// How large an automaton may grow, and what is thrown when it does.
import { LimitError } from '../errors.js';
import { checkDeadline } from './deadline.js';

export interface AutomatonLimits {
  /** Most states of one automaton, also on the way; default {@link DEFAULT_MAX_STATES}. */
  readonly maxStates?: number;
  /** Most visits of NFA states in one determinisation; default {@link DEFAULT_MAX_SUBSET_STEPS}, about a second. */
  readonly maxSubsetSteps?: number;
}

export const DEFAULT_MAX_STATES = 20_000;
export const DEFAULT_MAX_SUBSET_STEPS = 10_000_000;

/** Throws LimitError `maxStates` when `count` is above the limit, `maxCompileMs` when the time is over. */
export function checkStates(count: number, limits: AutomatonLimits | undefined): void {
  checkDeadline();
  const max = limits?.maxStates ?? DEFAULT_MAX_STATES;
  if (count > max)
    throw new LimitError('maxStates', max, 'a regular expression needs too many automaton states');
}

/** Throws LimitError `maxSubsetSteps` when `steps` is above the limit, `maxCompileMs` when the time is over. */
export function checkSubsetSteps(steps: number, limits: AutomatonLimits | undefined): void {
  checkDeadline();
  const max = limits?.maxSubsetSteps ?? DEFAULT_MAX_SUBSET_STEPS;
  if (steps > max)
    throw new LimitError('maxSubsetSteps', max, 'a regular expression takes too long to make deterministic');
}
