// Which shapes and terms hold a value at all. A schema with no value must not reach the grammar: it would be a dead
// end. Recursive terms are decided by a least fixpoint: a value of a term must be finite.
import { isEmptyLanguage } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { located } from './located.js';
import { type NumberLimits, numberDfa } from './number-lexemes.js';
import type { ArrayShape, ObjectShape, Shape } from './shape.js';
import type { StringLexemes } from './string-lexemes.js';
import { pointerOf, type Term } from './terms.js';

type HoldsValue = (term: Term) => boolean;

/** Decides shapes, given what is known of their children. */
export class ShapeEmptiness {
  readonly #strings: StringLexemes;
  readonly #numbers: NumberLimits;

  constructor(strings: StringLexemes, numbers: NumberLimits) {
    this.#strings = strings;
    this.#numbers = numbers;
  }

  /** True when some alternative holds a value, children counting as `child` says. */
  holdsValue(shape: Shape, child: HoldsValue): boolean {
    return (
      shape.nulls ||
      shape.booleans !== 0 ||
      shape.strings.some((string) => string.kind === 'values' || this.#strings.isInhabited(string)) ||
      (shape.numbers.length > 0 && !isEmptyLanguage(numberDfa(shape.numbers, this.#numbers))) ||
      shape.arrays.some((array) => arrayHoldsValue(array, child)) ||
      shape.objects.some((object) => objectHoldsValue(object, child))
    );
  }
}

/** The largest number of items an array of this shape can have: up to the first position that no value fits. */
export function longestArray({ prefix, items, max }: ArrayShape, child: HoldsValue): number {
  const limit = Math.min(max, prefix.length);
  for (let index = 0; index < limit; index++) if (!child(prefix[index])) return index;
  return max > prefix.length && !child(items) ? prefix.length : max;
}

export function arrayHoldsValue(shape: ArrayShape, child: HoldsValue): boolean {
  return longestArray(shape, child) >= shape.min;
}

export function objectHoldsValue(
  { properties, required, additional }: ObjectShape,
  child: HoldsValue,
): boolean {
  for (const name of required) if (!child(properties.get(name) ?? additional)) return false;
  return true;
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
    for (const term of closure) {
      for (const child of children(this.#expand(term))) {
        if (!this.#decided.has(child)) closure.add(child);
      }
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

  #decide(closure: ReadonlySet<Term>): void {
    const parents = new Map<Term, Term[]>();
    for (const term of closure) {
      for (const child of children(this.#expand(term))) {
        const known = parents.get(child);
        if (known) known.push(term);
        else parents.set(child, [term]);
      }
    }
    const known = (term: Term) => this.#decided.get(term) === true;
    const pending = [...closure];
    for (let term = pending.pop(); term; term = pending.pop()) {
      if (known(term) || !this.#check(term, known)) continue;
      this.#decided.set(term, true);
      for (const parent of parents.get(term) ?? []) if (!known(parent)) pending.push(parent);
    }
    for (const term of closure) if (!known(term)) this.#decided.set(term, false);
  }

  #check(term: Term, known: HoldsValue): boolean {
    return located(pointerOf(term), () => this.#shapes.holdsValue(this.#expand(term), known));
  }
}

function* children(shape: Shape): Iterable<Term> {
  for (const { prefix, items } of shape.arrays) {
    yield* prefix;
    yield items;
  }
  for (const { properties, additional } of shape.objects) {
    yield* properties.values();
    yield additional;
  }
}
