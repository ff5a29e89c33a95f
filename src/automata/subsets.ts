// The subset construction (Rabin & Scott 1959): sets of NFA states, interned, and the edges between them.
// Reads the lists that NfaBuilder holds; what it numbers become the states of a DFA.
import { ascending } from './ascending.js';
import type { DfaEdge } from './dfa.js';
import type { FlatBuilder } from './flat.js';
import { type AutomatonLimits, checkStates, checkSubsetSteps } from './limits.js';

export interface Nfa {
  readonly edges: readonly (readonly DfaEdge[])[];
  readonly epsilons: readonly (readonly number[])[];
  /** States from which all words are accepted: a set with one needs no other state. */
  readonly universal: ReadonlySet<number>;
  readonly accepts: ReadonlySet<number>;
  readonly limits: AutomatonLimits | undefined;
}

/** The DFA's states: closed sets of NFA states, each known by its members that read or accept. */
export class Subsets {
  readonly sets: Int32Array[] = [];
  readonly #nfa: Nfa;
  readonly #byHash = new Map<number, number[]>();
  readonly #ofOne = new Map<number, number>();
  readonly #visitedIn: Int32Array;
  readonly #queue: Int32Array;
  #round = 0;
  #steps = 0;

  constructor(nfa: Nfa) {
    this.#nfa = nfa;
    this.#visitedIn = new Int32Array(nfa.edges.length);
    this.#queue = new Int32Array(nfa.edges.length);
  }

  /** The set that one state reaches without reading. */
  ofOne(state: number): number {
    let id = this.#ofOne.get(state);
    if (id === undefined) {
      id = this.#of([state]);
      this.#ofOne.set(state, id);
    }
    return id;
  }

  /** Adds the edges of a set, by its number, to the builder's open state. */
  writeEdges(set: number, builder: FlatBuilder): void {
    const members = this.sets[set];
    const [only] = members;
    if (members.length === 1 && isDeterministic(this.#nfa.edges[only])) {
      for (const { lo, hi, to } of this.#nfa.edges[only]) builder.edge(lo, hi, this.ofOne(to));
      return;
    }
    const all: DfaEdge[] = [];
    for (const state of members) for (const edge of this.#nfa.edges[state]) all.push(edge);
    all.sort(byInterval);
    if (isDeterministic(all)) for (const { lo, hi, to } of all) builder.edge(lo, hi, this.ofOne(to));
    else this.#sweep(groupByInterval(all), builder);
  }

  /** Walks the borders of the intervals, keeping the groups in force. */
  #sweep(groups: readonly Group[], builder: FlatBuilder): void {
    const cuts = new Set<number>();
    for (const { lo, hi } of groups) cuts.add(lo).add(hi + 1);
    const borders = [...cuts].sort(ascending);
    let active: Group[] = [];
    let next = 0;
    for (let i = 0; i < borders.length; i++) {
      const lo = borders[i];
      active = reaching(active, lo);
      for (; next < groups.length && groups[next].lo === lo; next++) active.push(groups[next]);
      if (active.length > 0) builder.edge(lo, borders[i + 1] - 1, this.#of(targetsOf(active)));
    }
  }

  /** The set that the states reach without reading. */
  #of(states: readonly number[]): number {
    const closed = this.#close(states);
    let hash = closed.length;
    for (let i = 0; i < closed.length; i++) hash = Math.imul(hash ^ closed[i], 0x01000193);
    let same = this.#byHash.get(hash);
    if (!same) this.#byHash.set(hash, (same = []));
    for (const id of same) if (equal(this.sets[id], closed)) return id;
    const id = this.sets.push(closed) - 1;
    same.push(id);
    checkStates(this.sets.length, this.#nfa.limits);
    return id;
  }

  #close(states: readonly number[]): Int32Array {
    const { edges, epsilons, universal, accepts, limits } = this.#nfa;
    const [visitedIn, queue] = [this.#visitedIn, this.#queue];
    const round = ++this.#round;
    let size = 0;
    const visit = (state: number) => {
      if (visitedIn[state] === round) return;
      visitedIn[state] = round;
      queue[size++] = state;
    };
    for (const state of states) visit(state);
    let members = 0; // of the part of the queue that is done, the states kept are moved to its front
    for (let at = 0; at < size; at++) {
      const state = queue[at];
      if (universal.has(state)) return Int32Array.of(state);
      for (const to of epsilons[state]) visit(to);
      if (edges[state].length > 0 || accepts.has(state)) queue[members++] = state;
    }
    this.#steps += states.length + size;
    checkSubsetSteps(this.#steps, limits);
    return queue.slice(0, members).sort();
  }
}

function byInterval(a: DfaEdge, b: DfaEdge): number {
  return a.lo - b.lo || a.hi - b.hi;
}

/** Whether edges are sorted and none overlap. */
function isDeterministic(edges: readonly DfaEdge[]): boolean {
  for (let i = 1; i < edges.length; i++) if (edges[i].lo <= edges[i - 1].hi) return false;
  return true;
}

interface Group {
  readonly lo: number;
  readonly hi: number;
  readonly targets: number[];
}

/** Edges of one interval together; `edges` are sorted by it. */
function groupByInterval(edges: readonly DfaEdge[]): Group[] {
  const groups: Group[] = [];
  for (const { lo, hi, to } of edges) {
    const last = groups[groups.length - 1];
    if (last && last.lo === lo && last.hi === hi) last.targets.push(to);
    else groups.push({ lo, hi, targets: [to] });
  }
  return groups;
}

/** The groups that have not ended before a symbol. */
function reaching(groups: readonly Group[], symbol: number): Group[] {
  const kept: Group[] = [];
  for (const group of groups) if (group.hi >= symbol) kept.push(group);
  return kept;
}

function targetsOf(groups: readonly Group[]): readonly number[] {
  if (groups.length === 1) return groups[0].targets;
  const all: number[] = [];
  for (const { targets } of groups) for (const target of targets) all.push(target);
  return all;
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
