// What the search for triggers in free text may do in each of its states: end, commit to a trigger, or read on.
import { type FreeTextLimits, type SearchState, searchStates } from './text-search.js';

/** Where the first complete trigger begins, when there is none. */
const NONE = Number.POSITIVE_INFINITY;

export class DispatchSearch {
  readonly states: readonly SearchState[];
  readonly #lengths: readonly number[];
  /** For each state where, in the text that it stands for, the first complete trigger begins. */
  readonly #pending: readonly number[];
  /** Whether a state holds no excluded string, and every complete trigger in it can still be followed. */
  readonly #live: readonly boolean[];

  /** @throws LimitError `maxTriggerStates`, `maxTriggerTransitions` */
  constructor(triggers: readonly string[], excludes: readonly string[], limits?: FreeTextLimits) {
    this.states = searchStates([...triggers, ...excludes], limits);
    this.#lengths = triggers.map((text) => Array.from(text).length);
    this.#pending = this.#pendingTriggers();
    this.#live = this.#liveStates();
  }

  /** Whether the text may end here: no trigger is complete. */
  mayEnd(state: number): boolean {
    return this.#pending[state] === NONE;
  }

  /** The longest trigger that ends here, when it holds every trigger that is complete. */
  committed(state: number): number | undefined {
    const { depth, found } = this.states[state];
    const [longest] = found;
    if (longest === undefined || longest >= this.#lengths.length) return undefined;
    return depth - this.#lengths[longest] <= this.#pending[state] ? longest : undefined;
  }

  /** Whether a character that leads from one state to the other may be read. */
  leads(from: number, to: number): boolean {
    return this.#live[to] && this.#keeps(from, to);
  }

  /** Whether what is complete is still within what the other state has in mind: a longer trigger may hold it. */
  #keeps(from: number, to: number): boolean {
    const pending = this.#pending[from];
    return pending === NONE || pending >= this.states[from].depth + 1 - this.states[to].depth;
  }

  #pendingTriggers(): number[] {
    const pending: number[] = [];
    const byDepth = [...this.states.keys()].sort((a, b) => this.states[a].depth - this.states[b].depth);
    for (const state of byDepth) {
      const { depth, parent, found } = this.states[state];
      const longest = found.find((string) => string < this.#lengths.length);
      const here = longest === undefined ? NONE : depth - this.#lengths[longest];
      pending[state] = state === 0 ? here : Math.min(pending[parent], here);
    }
    return pending;
  }

  #liveStates(): boolean[] {
    const allowed = this.states.map(({ found }) => found.every((string) => string < this.#lengths.length));
    const live = allowed.map(
      (isAllowed, state) => isAllowed && (this.mayEnd(state) || this.committed(state) !== undefined),
    );
    const sources: number[][] = this.states.map(() => []);
    this.states.forEach(({ next }, state) => {
      if (this.mayEnd(state)) return;
      for (const to of next.values()) if (this.#keeps(state, to)) sources[to].push(state);
    });
    const work = [...live.keys()].filter((state) => live[state]);
    for (let state = work.pop(); state !== undefined; state = work.pop())
      for (const source of sources[state])
        if (allowed[source] && !live[source]) {
          live[source] = true;
          work.push(source);
        }
    return live;
  }
}
