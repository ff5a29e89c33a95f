// What the arrays of a shape with `contains` rules are made of: for each position what an item may be, with the rules that
// it then counts for. Read by emptiness.ts and lower-array.ts.
import { LimitError } from '../../errors.js';
import type { ArrayShape, Contains } from './shape.js';
import type { Term, TermTable } from './terms.js';

/** An item and the bits of the rules that it counts for. */
export interface ItemChoice {
  readonly term: Term;
  readonly counts: number;
}

export interface ArrayPlan {
  /** By position; the last entry stands for all further ones. */
  readonly positions: readonly (readonly ItemChoice[])[];
  readonly rules: readonly Contains[];
  readonly min: number;
  readonly max: number;
}

/** Above this many rules, the sets of those that an item counts for are too many. */
const MAX_CONTAINS = 6;

export class ArrayPlans {
  readonly #terms: TermTable;
  readonly #plans = new WeakMap<ArrayShape, ArrayPlan>();

  constructor(terms: TermTable) {
    this.#terms = terms;
  }

  /** @throws LimitError `MAX_CONTAINS` */
  of(shape: ArrayShape): ArrayPlan {
    let plan = this.#plans.get(shape);
    if (!plan) {
      plan = this.#make(shape);
      this.#plans.set(shape, plan);
    }
    return plan;
  }

  #make({ prefix, items, contains: rules, min, max }: ArrayShape): ArrayPlan {
    if (rules.length > MAX_CONTAINS)
      throw new LimitError('MAX_CONTAINS', MAX_CONTAINS, "too many 'contains' rules meet in one array");
    let last = prefix.length;
    for (const { from } of rules) last = Math.max(last, from);
    const positions: (readonly ItemChoice[])[] = [];
    for (let index = 0; index <= last; index++)
      positions.push(this.#choices(index < prefix.length ? prefix[index] : items, rules, index));
    return { positions, rules, min, max };
  }

  /** A rule with a lower bound only is met by claims; with an upper bound, each item is told to match or not to. */
  #choices(term: Term, rules: readonly Contains[], index: number): ItemChoice[] {
    let choices: ItemChoice[] = term.impossible ? [] : [{ term, counts: 0 }];
    for (let bit = 0; bit < rules.length; bit++)
      if (index >= rules[bit].from) choices = this.#withRule(choices, rules[bit], bit);
    return choices;
  }

  #withRule(choices: readonly ItemChoice[], rule: Contains, bit: number): ItemChoice[] {
    const terms = this.#terms;
    const other = rule.max === Number.POSITIVE_INFINITY ? terms.any : terms.complement(rule.term);
    const told: ItemChoice[] = [];
    for (const { term, counts } of choices) {
      const match = terms.meet(term, rule.term);
      if (match !== term) {
        const rest = terms.meet(term, other);
        if (!rest.impossible) told.push({ term: rest, counts });
      }
      if (!match.impossible) told.push({ term: match, counts: counts | (1 << bit) });
    }
    return told;
  }
}

export interface ArrayEdge {
  readonly term: Term;
  readonly to: number;
}
export interface ArrayState {
  readonly length: number;
  readonly edges: ArrayEdge[];
  readonly closes: boolean;
  /** From here some array can be completed. */
  live: boolean;
}

/** The arrays of a plan as a graph of how many items there are and count for each rule; state 0 is the beginning. */
export class ArrayGraph {
  readonly states: ArrayState[] = [];
  readonly #plan: ArrayPlan;
  readonly #holds: (term: Term) => boolean;
  readonly #ids = new Map<string, number>();
  readonly #counts: (readonly number[])[] = [];
  readonly #maxStates: number;

  /** @throws LimitError `maxMemberStates` */
  constructor(plan: ArrayPlan, holds: (term: Term) => boolean, limits: { readonly maxMemberStates: number }) {
    this.#plan = plan;
    this.#holds = holds;
    this.#maxStates = limits.maxMemberStates;
    this.#state(0, new Array<number>(plan.rules.length).fill(0));
    for (let id = 0; id < this.states.length; id++) this.#grow(id);
    for (let changed = true; changed; ) {
      changed = false;
      for (let id = this.states.length - 1; id >= 0; id--) {
        const state = this.states[id];
        if (state.live || !this.#leadsOn(state)) continue;
        state.live = true;
        changed = true;
      }
    }
  }

  /** Whether an item leads to a state from which some array can be completed. */
  #leadsOn({ edges }: ArrayState): boolean {
    for (const { to } of edges) if (this.states[to].live) return true;
    return false;
  }

  #state(length: number, counts: readonly number[]): number {
    const { max, min, positions, rules } = this.#plan;
    // Nothing leads back to the beginning: before the first item there is no comma.
    const level =
      max === Number.POSITIVE_INFINITY ? Math.min(length, Math.max(1, min, positions.length - 1)) : length;
    const key = `${level};${counts.join()}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      let closes = level >= min;
      for (let index = 0; index < rules.length; index++) closes &&= counts[index] >= rules[index].min;
      id = this.states.push({ length: level, edges: [], closes, live: closes }) - 1;
      this.#ids.set(key, id);
      this.#counts.push(counts);
      if (id >= this.#maxStates) {
        throw new LimitError(
          'maxMemberStates',
          this.#maxStates,
          "'contains' together with the counts of items takes too many states",
        );
      }
    }
    return id;
  }

  #grow(id: number): void {
    const { positions, rules, max } = this.#plan;
    const { length, edges } = this.states[id];
    if (length >= max) return;
    for (const { term, counts: bits } of positions[Math.min(length, positions.length - 1)]) {
      if (!this.#holds(term)) continue;
      const counts = counted(this.#counts[id], bits, rules);
      if (counts) edges.push({ term, to: this.#state(length + 1, counts) });
    }
  }
}

/** The counts with one more item, which counts for the rules in `bits`; undefined where it is one too many. */
function counted(before: readonly number[], bits: number, rules: readonly Contains[]): number[] | undefined {
  const counts: number[] = [];
  for (let index = 0; index < rules.length; index++) {
    const { min, max } = rules[index];
    let count = before[index];
    if (bits & (1 << index)) count = max === Number.POSITIVE_INFINITY ? Math.min(count + 1, min) : count + 1;
    if (count > max) return undefined;
    counts.push(count);
  }
  return counts;
}
