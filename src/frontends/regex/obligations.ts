// Sets of configurations, the states of automata with lookaround. A configuration is a position of one part of the pattern
// and the obligations met on the way to it: lookaheads that the text to come must, or must not, satisfy. An obligation is
// itself a set of configurations of the lookahead's part, so that it is decided deterministically as the text is read.
import { ascending, WordLists } from '../../automata/index.js';
import type { Closure, Work } from './closures.js';
import { FALSE, includesAll, ObligationLists, type Obligations, TRUE, weakest } from './obligation-lists.js';
import type { PositionAutomaton } from './positions.js';

/** The number of the part that is the pattern itself. */
export const WHOLE = -1;

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

/** Interns sets, so that equal ones have one number. */
export class ConfigurationSets {
  readonly sets: ConfigurationSet[] = [];
  readonly lists = new ObligationLists();
  readonly #a: PositionAutomaton;
  readonly #closure: Closure;
  readonly #work: Work;
  /** Of each set but the first two its part and configurations. */
  readonly #known = new WordLists(64);
  readonly #reachBehind: Uint8Array;
  /** By state, the obligations of the set that is being made, where they are some. */
  readonly #byState: (Obligations[] | undefined)[] = [];

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
    const kept = this.#prune(part, this.#closeOver(configurations));
    if (kept.length === 0) return FALSE;
    if (this.isOpen(part) && endsFreely(kept, this.endOf(part))) return TRUE;
    this.#known.put(part);
    for (const { state, obligations } of kept) {
      this.#work.spend(1 + (obligations.list.length >> 1));
      this.#known.put(state);
      this.#known.put(obligations.id);
    }
    const id = this.#known.end() + FALSE + 1;
    if (id === this.sets.length) this.sets.push({ part, configurations: kept, ...this.#outlook(kept) });
    return id;
  }

  /** The states that configurations and epsilons reach, sorted; {@link #byState} gets their obligations, each list once. */
  #closeOver(configurations: readonly Configuration[]): number[] {
    const states: number[] = [];
    for (const { state, obligations } of configurations)
      for (const reached of this.#closure(state)) {
        const lists = this.#byState[reached];
        if (!lists) {
          this.#byState[reached] = [obligations];
          states.push(reached);
        } else if (!lists.includes(obligations)) lists.push(obligations);
      }
    return states.sort(ascending);
  }

  /** Without configurations that ask for more than another which accepts as much; empties {@link #byState}. */
  #prune(part: number, states: readonly number[]): Configuration[] {
    const end = this.endOf(part);
    const ended = this.isOpen(part) ? weakest(this.#byState[end] ?? []) : [];
    const kept: Configuration[] = [];
    for (const state of states) {
      const lists = this.#byState[state]!;
      this.#byState[state] = undefined;
      this.#work.spend(lists.length * (1 + ended.length));
      const own = state === end && ended.length > 0 ? ended : weakest(lists);
      for (const obligations of own.length > 1 ? own.toSorted(byId) : own)
        if (state === end || !includesAny(obligations, ended)) kept.push({ state, obligations });
    }
    return kept;
  }

  #outlook(configurations: readonly Configuration[]): { guarded: boolean; looksBehind: boolean } {
    let guarded = false;
    let looksBehind = false;
    for (const { state, obligations } of configurations) {
      guarded ||= this.#a.guards[state].length > 0 || this.#a.lookGuards[state].length > 0;
      looksBehind ||= this.#reachBehind[state] === 1;
      for (const one of obligations.list) {
        guarded ||= this.sets[one >> 1].guarded;
        looksBehind ||= this.sets[one >> 1].looksBehind;
      }
    }
    return { guarded, looksBehind };
  }
}

function byId(a: Obligations, b: Obligations): number {
  return a.id - b.id;
}

/** Whether a match may end in a state without anything being asked of the text to come. */
function endsFreely(configurations: readonly Configuration[], end: number): boolean {
  for (const { state, obligations } of configurations)
    if (state === end && obligations.list.length === 0) return true;
  return false;
}

function includesAny(obligations: Obligations, others: readonly Obligations[]): boolean {
  for (const other of others) if (includesAll(obligations, other)) return true;
  return false;
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
