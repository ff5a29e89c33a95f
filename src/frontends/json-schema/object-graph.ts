// The objects of a plan with properties in order, as a graph: a state says how far we are in the list and what is still
// to be met. Decides emptiness of intricate objects, and is what the lowering in schema order writes as rules.
import { checkDeadline } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import type { Choice, ObjectPlan } from './object-plan.js';
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

interface Situation {
  readonly level: number;
  /** Bits of clauses not met yet. */
  readonly open: bigint;
  readonly claims: number;
  /** Properties so far, where counts are part of the state; else 0. */
  readonly count: number;
}

/** By name, the bits of the clauses that speak of it, and whether they want it to be there. */
type ClauseLiterals = ReadonlyMap<string, readonly (readonly [clause: bigint, present: boolean])[]>;

const NO_LITERALS: ClauseLiterals = new Map();

function literalsOf(plan: ObjectPlan): ClauseLiterals {
  const literals = new Map<string, [bigint, boolean][]>();
  plan.clauses.forEach((clause, index) => {
    for (const { name, present } of clause.literals) {
      const list = literals.get(name) ?? [];
      list.push([1n << BigInt(index), present]);
      literals.set(name, list);
    }
  });
  return literals;
}

/** State 0 is the beginning. With `counted`, minProperties and maxProperties are part of the states. */
export class ObjectGraph {
  readonly states: GraphState[] = [];
  readonly #plan: ObjectPlan;
  readonly #holds: (term: Term) => boolean;
  readonly #counted: boolean;
  /** By all that makes a difference. */
  readonly #ids = new Map<string, number>();
  readonly #situations: Situation[] = [];
  readonly #literals: ClauseLiterals;
  readonly #maxStates: number;

  /** @throws LimitError `maxMemberStates` */
  constructor(plan: ObjectPlan, counted: boolean, holds: (term: Term) => boolean, limits: GraphLimits) {
    this.#plan = plan;
    this.#holds = holds;
    this.#counted = counted;
    this.#maxStates = limits.maxMemberStates + plan.members.length;
    if (!counted && plan.clauses.length === 0 && plan.claims === 0) {
      this.#literals = NO_LITERALS;
      this.#growPlain();
    } else {
      this.#literals = literalsOf(plan);
      const open = (1n << BigInt(plan.clauses.length)) - 1n;
      this.#state({ level: 0, open: this.#withAbsent(open), claims: 0, count: 0 });
      for (let id = 0; id < this.states.length; id++) this.#grow(id);
    }
    this.#findLive();
  }

  /** Where nothing but the position makes a difference: a state for each level, up to a required member without values. */
  #growPlain(): void {
    const { members, rest } = this.#plan;
    for (let level = 0; level < members.length; level++) {
      checkDeadline();
      const { choices, required } = members[level];
      const edges = this.#plainEdges(choices, level, level + 1);
      this.states.push({ level, edges, skip: required ? -1 : level + 1, closes: false, live: false });
      if (required && edges.length === 0) return;
    }
    const level = members.length;
    const edges = rest.flatMap(({ choices }, index) => this.#plainEdges(choices, level + index, level));
    this.states.push({ level, edges, skip: -1, closes: true, live: false });
  }

  #plainEdges(choices: readonly Choice[], property: number, to: number): GraphEdge[] {
    const edges: GraphEdge[] = [];
    for (const { term } of choices) if (this.#holds(term)) edges.push({ property, term, to });
    return edges;
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

  /** Clauses that speak of the absence of names which no member has. */
  #withAbsent(open: bigint): bigint {
    const names = new Set(this.#plan.members.map(({ name }) => name));
    let left = open;
    for (const [name, list] of this.#literals) {
      if (names.has(name)) continue;
      for (const [clause, present] of list) if (!present) left &= ~clause;
    }
    return left;
  }

  #state(situation: Situation): number {
    checkDeadline();
    const { level, open, claims, count } = situation;
    const key = `${level};${open};${claims};${count}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.states.push({ level, edges: [], skip: -1, closes: false, live: false }) - 1;
      this.#ids.set(key, id);
      this.#situations.push(situation);
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
    const situation = this.#situations[id];
    const state = this.states[id];
    const { level } = situation;
    if (level < members.length) {
      const { name, choices, required } = members[level];
      this.#take(state, situation, level, choices, this.#decide(situation.open, name, true), level + 1);
      if (!required) {
        const open = this.#decide(situation.open, name, false);
        state.skip = this.#state({ ...situation, level: level + 1, open });
      }
      return;
    }
    state.closes = this.#isComplete(situation);
    rest.forEach(({ choices }, index) => {
      this.#take(state, situation, level + index, choices, situation.open, level);
    });
  }

  #take(
    state: GraphState,
    { claims, count }: Situation,
    property: number,
    choices: readonly Choice[],
    open: bigint,
    level: number,
  ): void {
    if (this.#counted && count === this.#plan.max) return;
    for (const choice of choices) {
      if (!this.#holds(choice.term)) continue;
      const next = { level, open, claims: claims | choice.claims, count: this.#next(count) };
      state.edges.push({ property, term: choice.term, to: this.#state(next) });
    }
  }

  #next(count: number): number {
    if (!this.#counted) return 0;
    const { min, max } = this.#plan;
    return max === Number.POSITIVE_INFINITY ? Math.min(count + 1, min) : count + 1;
  }

  /** The clauses still open when it is decided whether `name` is there. */
  #decide(open: bigint, name: string, present: boolean): bigint {
    if (open === 0n) return open;
    let left = open;
    for (const [clause, wanted] of this.#literals.get(name) ?? []) if (wanted === present) left &= ~clause;
    return left;
  }

  #isComplete({ open, claims, count }: Situation): boolean {
    if (open !== 0n || claims !== (1 << this.#plan.claims) - 1) return false;
    return !this.#counted || count >= this.#plan.min;
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
