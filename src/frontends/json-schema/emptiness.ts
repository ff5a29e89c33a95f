// Which shapes and terms hold a value at all. A schema with no value must not reach the grammar: it would be a dead
// end. Recursive terms are decided by a least fixpoint: a value of a term must be finite.
import { LimitError } from '../../errors.js';
import { ArrayGraph, type ArrayPlans, forEachArrayTerm } from './array-plan.js';
import { located } from './located.js';
import { countingOf } from './members.js';
import { holdsNumber, type NumberLimits } from './number-lexemes.js';
import { type GraphLimits, ObjectGraph } from './object-graph.js';
import { type Choice, forEachPlanTerm, type ObjectPlan, type ObjectPlans } from './object-plan.js';
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
    return (
      shape.nulls ||
      shape.booleans !== 0 ||
      shape.strings.some((string) => string.kind === 'values' || this.#strings.isInhabited(string)) ||
      holdsNumber(shape.numbers, this.#limits) ||
      shape.arrays.some((array) => this.#arrayHoldsValue(array, child)) ||
      shape.objects.some((object) => this.#objectHoldsValue(object, child))
    );
  }

  #arrayHoldsValue(shape: ArrayShape, child: HoldsValue): boolean {
    const counts = shape.contains.length > 0;
    if (counts && !new ArrayGraph(this.#arrays.of(shape), child, this.#limits).states[0].live) return false;
    return longestArray(shape, child) >= shape.min;
  }

  #objectHoldsValue(shape: ObjectShape, child: HoldsValue): boolean {
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

  /** Calls `visit` with the terms that decide whether a shape holds a value, once known. */
  forEachChild(shape: Shape, visit: (term: Term) => void): void {
    for (const array of shape.arrays) {
      array.prefix.forEach(visit);
      visit(array.items);
      if (array.contains.length > 0) forEachArrayTerm(this.#arrays.of(array), visit);
    }
    for (const object of shape.objects) forEachPlanTerm(this.#plans.of(object), visit);
  }
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

/** The largest number of items an array of this shape can have: up to the first position that no value fits. */
export function longestArray({ prefix, items, max }: ArrayShape, child: HoldsValue): number {
  const limit = Math.min(max, prefix.length);
  for (let index = 0; index < limit; index++) if (!child(prefix[index])) return index;
  return max > prefix.length && !child(items) ? prefix.length : max;
}

/** Decides terms, with everything they lead to. */
export class TermEmptiness {
  readonly #expand: (term: Term) => Shape;
  readonly #shapes: ShapeEmptiness;
  readonly #maxTerms: number;
  readonly #decided = new Map<Term, boolean>();

  constructor(expand: (term: Term) => Shape, shapes: ShapeEmptiness, maxTerms: number) {
    this.#expand = expand;
    this.#shapes = shapes;
    this.#maxTerms = maxTerms;
  }

  /** @throws LimitError `maxTerms` when intersections lead to too many different terms. */
  holdsValue(term: Term): boolean {
    if (!this.#decided.has(term)) this.#decide(this.#closure(term));
    return this.#decided.get(term)!;
  }

  /** The undecided terms that `root` leads to, children after their parents. */
  #closure(root: Term): Set<Term> {
    const closure = new Set([root]);
    const add = (child: Term) => {
      if (!this.#decided.has(child)) closure.add(child);
    };
    for (const term of closure) {
      this.#shapes.forEachChild(this.#expand(term), add);
      if (closure.size > this.#maxTerms) {
        throw new LimitError(
          'maxTerms',
          this.#maxTerms,
          'the schema combines into too many different schemas',
          {
            pointer: pointerOf(term),
          },
        );
      }
    }
    return closure;
  }

  /** In rounds, children mostly before their parents, so that few are needed: a check of a large object is dear. */
  #decide(closure: ReadonlySet<Term>): void {
    const known = (term: Term) => this.#decided.get(term) === true;
    let open = [...closure].reverse();
    for (let before = -1; before !== open.length; ) {
      before = open.length;
      open = open.filter((term) => {
        if (!this.#check(term, known)) return true;
        this.#decided.set(term, true);
        return false;
      });
    }
    for (const term of open) this.#decided.set(term, false);
  }

  #check(term: Term, known: HoldsValue): boolean {
    return located(pointerOf(term), () => this.#shapes.holdsValue(this.#expand(term), known));
  }
}
