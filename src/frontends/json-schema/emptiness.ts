// Which shapes and terms hold a value at all. A schema with no value must not reach the grammar: it would be a dead
// end. Recursive terms are decided by a least fixpoint: a value of a term must be finite.
import { ArrayGraph, type ArrayPlans } from './array-plan.js';
import { placed } from './located.js';
import { countingOf } from './members.js';
import { holdsNumber, type NumberLimits } from './number-lexemes.js';
import { type GraphLimits, ObjectGraph } from './object-graph.js';
import type { Choice, ObjectPlan, ObjectPlans } from './object-plan.js';
import { propertyTerm } from './objects.js';
import type { ArrayShape, ObjectShape, Shape } from './shape.js';
import type { StringLexemes } from './string-lexemes.js';
import { pointerOf, type Term } from './terms.js';

type HoldsValue = (term: Term) => boolean;

export interface EmptinessLimits extends GraphLimits, NumberLimits {}

/** Decides shapes, given what is known of their children. */
export class ShapeEmptiness {
  readonly #strings: StringLexemes;
  readonly #plans: ObjectPlans;
  readonly #arrays: ArrayPlans;
  readonly #limits: EmptinessLimits;
  readonly #graphs = new Map<ObjectPlan, ObjectGraph>();

  constructor(strings: StringLexemes, plans: ObjectPlans, arrays: ArrayPlans, limits: EmptinessLimits) {
    this.#strings = strings;
    this.#plans = plans;
    this.#arrays = arrays;
    this.#limits = limits;
  }

  /** True when some alternative holds a value, children counting as `child` says. */
  holdsValue(shape: Shape, child: HoldsValue): boolean {
    if (shape.nulls || shape.booleans !== 0) return true;
    for (const string of shape.strings)
      if (string.kind === 'values' || this.#strings.isInhabited(string)) return true;
    for (const number of shape.numbers) if (holdsNumber(number, this.#limits)) return true;
    for (const array of shape.arrays) if (this.#arrayHoldsValue(array, child)) return true;
    for (const object of shape.objects) if (this.#objectHoldsValue(object, child)) return true;
    return false;
  }

  #arrayHoldsValue(shape: ArrayShape, child: HoldsValue): boolean {
    const counts = shape.contains.length > 0;
    if (counts && !new ArrayGraph(this.#arrays.of(shape), child, this.#limits).states[0].live) return false;
    return hasEnoughItems(shape, child);
  }

  #objectHoldsValue(shape: ObjectShape, child: HoldsValue): boolean {
    if (asksOnlyForRequired(shape)) return hasRequired(shape, child);
    const plan = this.#plans.of(shape);
    if (!hasEnoughMembers(plan, child)) return false;
    return plan.clauses.length + plan.claims === 0 || this.#graphOf(plan).canBeCompleted(child);
  }

  /** Every way through a plan, made once: what is known of children changes while a schema is decided. */
  #graphOf(plan: ObjectPlan): ObjectGraph {
    let graph = this.#graphs.get(plan);
    if (!graph) {
      graph = new ObjectGraph(plan, countingOf(plan) === 'states', () => true, this.#limits);
      this.#graphs.set(plan, graph);
    }
    return graph;
  }
}

/** Whether an object with the required properties, and no others, is one of the shape. */
function asksOnlyForRequired({ clauses, some, min, max, required }: ObjectShape): boolean {
  return clauses.length + some.length === 0 && min <= required.size && required.size <= max;
}

/** Each is asked about, so that all are decided at once. */
function hasRequired(shape: ObjectShape, child: HoldsValue): boolean {
  let has = true;
  for (const name of shape.required) if (!child(propertyTerm(shape, name))) has = false;
  return has;
}

/** Whether the required properties have values, and as many properties as are needed: those of `rest` are without number. */
export function hasEnoughMembers({ members, rest, required, min }: ObjectPlan, child: HoldsValue): boolean {
  let possible = 0;
  let needed = 0;
  for (const { choices, required: isNeeded } of members) {
    if (!isNeeded && possible >= min) continue;
    if (!hasChoice(choices, child)) continue;
    possible++;
    if (isNeeded) needed++;
  }
  if (needed < required) return false;
  return possible >= min || rest.some(({ choices }) => hasChoice(choices, child));
}

function hasChoice(choices: readonly Choice[], child: HoldsValue): boolean {
  for (const { term } of choices) if (child(term)) return true;
  return false;
}

/** Whether the items that are needed have values; each is asked about, so that all are decided at once. */
function hasEnoughItems({ prefix, items, min, max }: ArrayShape, child: HoldsValue): boolean {
  let enough = min <= max;
  const positions = Math.min(min, prefix.length);
  for (let index = 0; index < positions; index++) if (!child(prefix[index])) enough = false;
  return enough && (min <= prefix.length || child(items));
}

/** The largest number of items an array of this shape can have: up to the first position that no value fits. */
export function longestArray({ prefix, items, max }: ArrayShape, child: HoldsValue): number {
  const limit = Math.min(max, prefix.length);
  for (let index = 0; index < limit; index++) if (!child(prefix[index])) return index;
  return max > prefix.length && !child(items) ? prefix.length : max;
}

/** Decides terms, with those that they depend on: what an object may leave out is decided when somebody asks. */
export class TermEmptiness {
  readonly #expand: (term: Term) => Shape;
  readonly #shapes: ShapeEmptiness;
  readonly #decided = new Map<Term, boolean>();
  /** Terms that are being decided, in the order in which they were asked about. */
  readonly #open = new Set<Term>();
  /** How often a term was asked about that was not open before. */
  #asked = 0;
  /** True of a term that is known to hold a value; any other one is to be decided, too. */
  readonly #known: HoldsValue = (term) => {
    const known = this.#decided.get(term);
    if (known === undefined && !this.#open.has(term)) {
      this.#open.add(term);
      this.#asked++;
    }
    return known === true;
  };

  constructor(expand: (term: Term) => Shape, shapes: ShapeEmptiness) {
    this.#expand = expand;
    this.#shapes = shapes;
  }

  holdsValue(term: Term): boolean {
    if (!this.#decided.has(term)) this.#decide(term);
    return this.#decided.get(term)!;
  }

  /**
   * A term is asked what it depends on, and so on; then in rounds those that were asked last come first, since others mostly
   * wait for them. What is open when nothing changes any more has no finite value.
   */
  #decide(root: Term): void {
    this.#open.add(root);
    for (const term of this.#open) this.#settle(term);
    for (let progress = this.#open.size > 0; progress; ) {
      const asked = this.#asked;
      const settled = [...this.#open].reverse().filter((term) => this.#settle(term));
      progress = settled.length > 0 || asked !== this.#asked;
    }
    for (const term of this.#open) this.#decided.set(term, false);
    this.#open.clear();
  }

  /** True where the term turns out to hold a value. */
  #settle(term: Term): boolean {
    try {
      if (!this.#shapes.holdsValue(this.#expand(term), this.#known)) return false;
    } catch (error) {
      throw placed(error, pointerOf(term));
    }
    this.#decided.set(term, true);
    this.#open.delete(term);
    return true;
  }
}
