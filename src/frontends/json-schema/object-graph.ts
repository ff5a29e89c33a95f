// The objects of a plan with properties in order, as a graph: a state says how far we are in the list and what is still
// to be met. Decides emptiness of intricate objects, and is what the lowering in schema order writes as rules.
import { checkDeadline, WordLists } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import type { Choice, ObjectPlan } from './object-plan.js';
import { OpenClauses } from './open-clauses.js';
import type { Term } from './terms.js';

export interface GraphEdge {
  /** Index into the plan's members, or after these into `rest`. */
  readonly property: number;
  readonly term: Term;
  readonly to: number;
}
export interface GraphState {
  /** Position in the list of members; their number stands for the rest. */
  readonly level: number;
  readonly edges: GraphEdge[];
  /** The state after leaving out the member of this level; -1 where it is required or there is none. */
  skip: number;
  /** No further property is needed. */
  closes: boolean;
  /** From here some object can be completed. */
  live: boolean;
}

export interface GraphLimits {
  /** Most states of one object's graph. */
  readonly maxMemberStates: number;
}

/** Words of a situation: the level, the claims met, the properties counted, then bits of the clauses not met yet. */
const LEVEL = 0;
const CLAIMS = 1;
const COUNT = 2;
const OPEN = 3;

/** State 0 is the beginning. With `counted`, minProperties and maxProperties are part of the states. */
export class ObjectGraph {
  readonly states: GraphState[] = [];

  /** @throws LimitError `maxMemberStates` */
  constructor(plan: ObjectPlan, counted: boolean, holds: (term: Term) => boolean, limits: GraphLimits) {
    if (!counted && plan.clauses.length === 0 && plan.claims === 0) growPlain(plan, holds, this.states);
    else new Growth(plan, counted, holds, limits, this.states).run();
    this.#findLive();
  }

  /** Whether some object is left when a property must satisfy a term that `holds`. */
  canBeCompleted(holds: (term: Term) => boolean): boolean {
    const live = new Uint8Array(this.states.length);
    for (let changed = true; changed && live[0] === 0; ) {
      changed = false;
      for (let id = this.states.length - 1; id >= 0; id--) {
        if (live[id] === 1) continue;
        const { closes, skip, edges } = this.states[id];
        const alive =
          closes ||
          (skip >= 0 && live[skip] === 1) ||
          edges.some(({ term, to }) => live[to] === 1 && holds(term));
        if (!alive) continue;
        live[id] = 1;
        changed = true;
      }
    }
    return live[0] === 1;
  }

  /** States mostly lead to later ones, so going backwards a few times is enough. */
  #findLive(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (let id = this.states.length - 1; id >= 0; id--) {
        const state = this.states[id];
        const skipped = state.skip < 0 ? undefined : this.states[state.skip];
        const closes = state.closes || (skipped?.closes ?? false);
        let live = closes || (skipped?.live ?? false);
        for (const { to } of state.edges) live ||= this.states[to].live;
        if (closes === state.closes && live === state.live) continue;
        state.closes = closes;
        state.live = live;
        changed = true;
      }
    }
  }
}

/** Where nothing but the position makes a difference: a state for each level, up to a required member without values. */
function growPlain(
  { members, rest }: ObjectPlan,
  holds: (term: Term) => boolean,
  states: GraphState[],
): void {
  for (let level = 0; level < members.length; level++) {
    checkDeadline();
    const { choices, required } = members[level];
    const edges = plainEdges(choices, level, level + 1, holds);
    states.push({ level, edges, skip: required ? -1 : level + 1, closes: false, live: false });
    if (required && edges.length === 0) return;
  }
  const level = members.length;
  const edges = rest.flatMap(({ choices }, index) => plainEdges(choices, level + index, level, holds));
  states.push({ level, edges, skip: -1, closes: true, live: false });
}

function plainEdges(
  choices: readonly Choice[],
  property: number,
  to: number,
  holds: (term: Term) => boolean,
): GraphEdge[] {
  // A list of one takes a tenth of the memory of a list that grows.
  if (choices.length === 1) {
    const { term } = choices[0];
    return holds(term) ? [{ property, term, to }] : [];
  }
  const edges: GraphEdge[] = [];
  for (const { term } of choices) if (holds(term)) edges.push({ property, term, to });
  return edges;
}

/** Where rules about which properties go together, or counts, make a difference as well. */
class Growth {
  readonly #plan: ObjectPlan;
  readonly #counted: boolean;
  readonly #holds: (term: Term) => boolean;
  readonly #states: GraphState[];
  /** What makes a difference between states, by the state's number. */
  readonly #situations = new WordLists();
  readonly #clauses: OpenClauses;
  readonly #maxStates: number;
  /** The situation that is looked at, and the clauses that are open in the next one. */
  readonly #situation: Int32Array;
  readonly #open: Int32Array;

  constructor(
    plan: ObjectPlan,
    counted: boolean,
    holds: (term: Term) => boolean,
    limits: GraphLimits,
    states: GraphState[],
  ) {
    this.#plan = plan;
    this.#counted = counted;
    this.#holds = holds;
    this.#states = states;
    this.#clauses = new OpenClauses(
      plan.clauses,
      plan.members.map(({ name }) => name),
    );
    this.#maxStates = limits.maxMemberStates + plan.members.length;
    this.#situation = new Int32Array(OPEN + this.#clauses.words);
    this.#open = new Int32Array(this.#clauses.words);
  }

  /** @throws LimitError `maxMemberStates` */
  run(): void {
    this.#clauses.openAll(this.#open);
    this.#state(0, 0, 0);
    for (let id = 0; id < this.#states.length; id++) this.#grow(id);
  }

  /** Leaves the clauses of the situation open, less those of `met`. */
  #leaveOpen(met: Int32Array | undefined): void {
    const open = this.#open;
    for (let word = 0; word < open.length; word++) open[word] = this.#situation[OPEN + word];
    if (met) for (let word = 0; word < open.length; word++) open[word] &= ~met[word];
  }

  /** The state with these open clauses. */
  #state(level: number, claims: number, count: number): number {
    checkDeadline();
    const open = this.#open;
    this.#clauses.reduce(open, level);
    const situations = this.#situations;
    situations.put(level);
    situations.put(claims);
    situations.put(count);
    for (let word = 0; word < open.length; word++) situations.put(open[word]);
    const id = situations.end();
    if (id === this.#states.length) {
      this.#states.push({ level, edges: [], skip: -1, closes: false, live: false });
      if (id >= this.#maxStates) {
        throw new LimitError(
          'maxMemberStates',
          this.#maxStates - this.#plan.members.length,
          'which properties go together (dependencies, oneOf, minProperties …) takes too many states',
        );
      }
    }
    return id;
  }

  #grow(id: number): void {
    const { members, rest } = this.#plan;
    const { words, starts } = this.#situations;
    const situation = this.#situation;
    for (let word = 0; word < situation.length; word++) situation[word] = words[starts[id] + word];
    const state = this.#states[id];
    const level = situation[LEVEL];
    if (level < members.length) {
      const { name, choices, required } = members[level];
      const clauses = this.#clauses.of(name);
      this.#leaveOpen(clauses?.present);
      this.#take(state, level, choices, level + 1);
      if (required) return;
      this.#leaveOpen(clauses?.absent);
      state.skip = this.#state(level + 1, situation[CLAIMS], situation[COUNT]);
      return;
    }
    state.closes = this.#isComplete();
    this.#leaveOpen(undefined);
    rest.forEach(({ choices }, index) => {
      this.#take(state, level + index, choices, level);
    });
  }

  #take(state: GraphState, property: number, choices: readonly Choice[], level: number): void {
    const claimed = this.#situation[CLAIMS];
    const count = this.#situation[COUNT];
    if (this.#counted && count === this.#plan.max) return;
    for (const { term, claims } of choices) {
      if (!this.#holds(term)) continue;
      const to = this.#state(level, claimed | claims, this.#next(count));
      state.edges.push({ property, term, to });
    }
  }

  #next(count: number): number {
    if (!this.#counted) return 0;
    const { min, max } = this.#plan;
    return max === Number.POSITIVE_INFINITY ? Math.min(count + 1, min) : count + 1;
  }

  #isComplete(): boolean {
    const situation = this.#situation;
    for (let word = OPEN; word < situation.length; word++) if (situation[word] !== 0) return false;
    if (situation[CLAIMS] !== (1 << this.#plan.claims) - 1) return false;
    return !this.#counted || situation[COUNT] >= this.#plan.min;
  }
}
