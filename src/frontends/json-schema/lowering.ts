// Lowers terms to grammar rules. A term of scalars is written in place; one with arrays or objects becomes a rule, so
// that recursion is by reference and the grammar stays linear in the schema. Works through a queue, never recursing.
import type { AutomatonLimits } from '../../automata/index.js';
import {
  bytes,
  choice,
  type Grammar,
  GrammarBuilder,
  type Node,
  regular,
  sequence,
} from '../../grammar/index.js';
import type { ArrayPlans } from './array-plan.js';
import type { Findings } from './findings.js';
import { KeyLexemes } from './key-lexemes.js';
import { placed } from './located.js';
import { arrayNode } from './lower-array.js';
import { orderedObject } from './lower-object.js';
import { unorderedObject } from './lower-unordered.js';
import { type NumberLimits, numberDfa } from './number-lexemes.js';
import type { GraphLimits } from './object-graph.js';
import type { ObjectPlan, ObjectPlans } from './object-plan.js';
import type { Shape } from './shape.js';
import type { StringLexemes } from './string-lexemes.js';
import { pointerOf, type Term, type TermTable } from './terms.js';

/** What lowering needs to know of terms. */
export interface Terms {
  expand(term: Term): Shape;
  holdsValue(term: Term): boolean;
}

/** `schema`: properties come in the order of the schema; `any`: in any order, listed ones at most once. */
export type PropertyOrder = 'schema' | 'any';

export interface LoweringLimits extends GraphLimits, AutomatonLimits, NumberLimits {}

/** What objects and arrays are made of. */
export interface Plans {
  readonly objects: ObjectPlans;
  readonly arrays: ArrayPlans;
  readonly terms: TermTable;
}

export interface LoweringOptions {
  readonly space: Node;
  readonly propertyOrder: PropertyOrder;
  readonly limits: LoweringLimits;
}

/** What the lowering of arrays and objects takes from here. */
export interface LoweringContext {
  readonly builder: GrammarBuilder;
  /** White space between two tokens. */
  readonly space: Node;
  readonly keys: KeyLexemes;
  readonly plans: ObjectPlans;
  readonly arrays: ArrayPlans;
  readonly terms: TermTable;
  readonly limits: LoweringLimits;
  readonly propertyOrder: PropertyOrder;
  /** The node of a term that holds a value. */
  node(term: Term): Node;
  holdsValue(term: Term): boolean;
  expand(term: Term): Shape;
  /**
   * Refuses what the schema being lowered asks for; in lenient mode lists it, and the caller goes on without it.
   * @throws CompileError `unsupported_keyword` unless lenient.
   */
  refuse(keyword: string, reason: string): void;
}

const NULL = bytes('null');
const FALSE = bytes('false');
const TRUE = bytes('true');

export class Lowering implements LoweringContext {
  readonly builder = new GrammarBuilder();
  readonly space: Node;
  readonly keys: KeyLexemes;
  readonly plans: ObjectPlans;
  readonly arrays: ArrayPlans;
  readonly terms: TermTable;
  readonly limits: LoweringLimits;
  readonly propertyOrder: PropertyOrder;
  readonly #known: Terms;
  readonly #strings: StringLexemes;
  readonly #findings: Findings;
  /** Where the schema being lowered stands. */
  #pointer = '';
  readonly #nodes = new Map<Term, Node>();
  readonly #objects = new Map<ObjectPlan, Node>();
  readonly #pending: { readonly reference: Node & { kind: 'reference' }; readonly term: Term }[] = [];

  constructor(
    known: Terms,
    strings: StringLexemes,
    plans: Plans,
    findings: Findings,
    options: LoweringOptions,
  ) {
    this.#findings = findings;
    this.#known = known;
    this.#strings = strings;
    this.plans = plans.objects;
    this.arrays = plans.arrays;
    this.terms = plans.terms;
    this.space = options.space;
    this.limits = options.limits;
    this.propertyOrder = options.propertyOrder;
    this.keys = new KeyLexemes(options.limits);
  }

  /** The grammar of a term that holds a value. */
  grammar(root: Term, around: Node): Grammar {
    const start = this.node(root);
    for (let next = this.#pending.pop(); next; next = this.#pending.pop()) {
      const { reference, term } = next;
      this.#pointer = pointerOf(term);
      this.builder.define(reference, this.#body(term));
    }
    return this.builder.build(sequence(around, start, around));
  }

  expand(term: Term): Shape {
    return this.#known.expand(term);
  }

  refuse(keyword: string, reason: string): void {
    this.#findings.refuseAt(this.#pointer, keyword, reason);
  }

  holdsValue(term: Term): boolean {
    return this.#known.holdsValue(term);
  }

  node(term: Term): Node {
    const known = this.#nodes.get(term);
    if (known) return known;
    const shape = this.#known.expand(term);
    let node: Node;
    if (shape.arrays.length === 0 && shape.objects.length === 0) node = this.#scalars(term, shape);
    else {
      const reference = this.builder.declare(ruleName(term), { pointer: pointerOf(term) });
      this.#pending.push({ reference, term });
      node = reference;
    }
    this.#nodes.set(term, node);
    return node;
  }

  #body(term: Term): Node {
    try {
      const shape = this.#known.expand(term);
      const name = ruleName(term);
      const options = [this.#scalars(term, shape)];
      for (const array of shape.arrays) options.push(arrayNode(array, name, this));
      for (const object of shape.objects) options.push(this.#object(this.plans.of(object), name));
      return choice(...options);
    } catch (error) {
      throw placed(error, pointerOf(term));
    }
  }

  /** The objects of a plan that several terms have are written once, unless something is refused in them at each place. */
  #object(plan: ObjectPlan, name: string): Node {
    const known = this.#objects.get(plan);
    if (known) return known;
    const refused = this.#findings.unenforced.length;
    const node =
      this.propertyOrder === 'schema' ? orderedObject(plan, name, this) : unorderedObject(plan, name, this);
    if (refused === this.#findings.unenforced.length) this.#objects.set(plan, node);
    return node;
  }

  #scalars(term: Term, shape: Shape): Node {
    const nodes: Node[] = [];
    if (shape.nulls) nodes.push(NULL);
    if (shape.booleans & 1) nodes.push(FALSE);
    if (shape.booleans & 2) nodes.push(TRUE);
    try {
      if (shape.numbers.length > 0) nodes.push(regular(numberDfa(shape.numbers, this.limits)));
      if (shape.strings.length > 0) nodes.push(this.#strings.node(shape.strings, this.builder));
    } catch (error) {
      throw placed(error, pointerOf(term));
    }
    return choice(...nodes);
  }
}

function ruleName(term: Term): string {
  const { parts } = term;
  if (parts.length === 1) return `#${parts[0].pointer}`;
  return parts.length === 0 ? 'any' : parts.map((part) => `#${part.pointer}`).join(' & ');
}
