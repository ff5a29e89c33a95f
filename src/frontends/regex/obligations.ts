// Sets of configurations, the states of automata with lookaround. A configuration is a position of one part of the pattern
// and the obligations met on the way to it: lookaheads that the text to come must, or must not, satisfy. An obligation is
// itself a set of configurations of the lookahead's part, so that it is decided deterministically as the text is read.
import type { Closure, Work } from './closures.js';
import type { PositionAutomaton } from './positions.js';

/** The number of the part that is the pattern itself. */
export const WHOLE = -1;
/** The set that every text satisfies, and the one that none does. */
export const TRUE = 0;
export const FALSE = 1;

/** Twice the number of a set, plus one where the text must not satisfy it; sorted, without copies. */
export type Obligations = readonly number[];

export interface Configuration {
  readonly state: number;
  readonly obligations: Obligations;
}

export interface ConfigurationSet {
  readonly part: number;
  readonly configurations: readonly Configuration[];
  /** A guard may decide what the next symbol does to it. */
  readonly guarded: boolean;
  /** A lookbehind may do so, now or later. */
  readonly looksBehind: boolean;
}

/** The obligations with one more; undefined where they contradict each other. */
export function withObligation(obligations: Obligations, one: number): Obligations | undefined {
  if (one === 2 * TRUE || one === 2 * FALSE + 1) return obligations;
  if (one === 2 * FALSE || one === 2 * TRUE + 1 || obligations.includes(one ^ 1)) return undefined;
  return obligations.includes(one) ? obligations : [...obligations, one].sort((a, b) => a - b);
}

export function withObligations(obligations: Obligations, more: Obligations): Obligations | undefined {
  let all: Obligations | undefined = obligations;
  for (const one of more) all &&= withObligation(all, one);
  return all;
}

/** Leaves out the lists that hold all of another. */
export function weakest(lists: readonly Obligations[]): Obligations[] {
  const kept: Obligations[] = [];
  for (const list of lists.toSorted((a, b) => a.length - b.length))
    if (!kept.some((other) => includesAll(list, other))) kept.push(list);
  return kept;
}

function includesAll(list: Obligations, other: Obligations): boolean {
  return other.every((one) => list.includes(one));
}

/** Interns sets, so that equal ones have one number. */
export class ConfigurationSets {
  readonly sets: ConfigurationSet[] = [];
  readonly #a: PositionAutomaton;
  readonly #closure: Closure;
  readonly #work: Work;
  readonly #known = new Map<string, number>();
  readonly #reachBehind: Uint8Array;

  constructor(automaton: PositionAutomaton, closure: Closure, work: Work) {
    this.#a = automaton;
    this.#closure = closure;
    this.#work = work;
    this.#reachBehind = statesBeforeLookbehind(automaton);
    for (let id = TRUE; id <= FALSE; id++)
      this.sets.push({ part: WHOLE, configurations: [], guarded: false, looksBehind: false });
  }

  /** Where a part's match ends. */
  endOf(part: number): number {
    return part === WHOLE ? this.#a.end : this.#a.parts[part].end;
  }

  /** Whether the text may go on in any way behind a part's match. */
  isOpen(part: number): boolean {
    return part === WHOLE ? this.#a.endsAnywhere : !this.#a.parts[part].behind;
  }

  /** The number of the set of these configurations and what epsilons make of them. */
  intern(part: number, configurations: readonly Configuration[]): number {
    const byState = new Map<number, Obligations[]>();
    for (const { state, obligations } of configurations)
      for (const reached of this.#closure(state)) {
        const lists = byState.get(reached);
        if (lists) lists.push(obligations);
        else byState.set(reached, [obligations]);
      }
    const kept = this.#prune(part, byState);
    if (kept.length === 0) return FALSE;
    if (this.isOpen(part) && kept.some((c) => c.state === this.endOf(part) && c.obligations.length === 0))
      return TRUE;
    const key = `${part}|${kept.map(({ state, obligations }) => `${state}:${obligations.join()}`).join(';')}`;
    this.#work.spend(key.length >> 2);
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.sets.push({ part, configurations: kept, ...this.#outlook(kept) }) - 1;
      this.#known.set(key, id);
    }
    return id;
  }

  /** Without configurations that ask for more than another which accepts as much. */
  #prune(part: number, byState: ReadonlyMap<number, readonly Obligations[]>): Configuration[] {
    const end = this.endOf(part);
    const ended = this.isOpen(part) ? weakest(byState.get(end) ?? []) : [];
    const kept: Configuration[] = [];
    for (const [state, lists] of [...byState].sort((a, b) => a[0] - b[0])) {
      this.#work.spend(lists.length * (1 + ended.length));
      const own = state === end && ended.length > 0 ? ended : weakest(lists);
      const needed =
        state === end ? own : own.filter((list) => !ended.some((other) => includesAll(list, other)));
      kept.push(
        ...needed
          .toSorted((a, b) => (a.join() < b.join() ? -1 : 1))
          .map((obligations) => ({ state, obligations })),
      );
    }
    return kept;
  }

  #outlook(configurations: readonly Configuration[]): { guarded: boolean; looksBehind: boolean } {
    let guarded = false;
    let looksBehind = false;
    for (const { state, obligations } of configurations) {
      guarded ||= this.#a.guards[state].length > 0 || this.#a.lookGuards[state].length > 0;
      looksBehind ||= this.#reachBehind[state] === 1;
      for (const one of obligations) {
        guarded ||= this.sets[one >> 1].guarded;
        looksBehind ||= this.sets[one >> 1].looksBehind;
      }
    }
    return { guarded, looksBehind };
  }
}

/** 1 for states from which the guard of a lookbehind can be reached. */
function statesBeforeLookbehind({
  reads,
  epsilons,
  guards,
  lookGuards,
  parts,
}: PositionAutomaton): Uint8Array {
  const sources: number[][] = reads.map(() => []);
  const found = new Uint8Array(reads.length);
  const pending: number[] = [];
  reads.forEach((read, state) => {
    if (read) sources[read.to].push(state);
    for (const to of epsilons[state]) sources[to].push(state);
    for (const { to } of guards[state]) sources[to].push(state);
    for (const { part, to } of lookGuards[state]) {
      sources[to].push(state);
      if (parts[part].behind) pending.push(state);
      else sources[parts[part].start].push(state);
    }
  });
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (found[state]) continue;
    found[state] = 1;
    pending.push(...sources[state]);
  }
  return found;
}
