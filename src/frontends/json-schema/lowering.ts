// Lowers terms to grammar rules. A term of scalars is written in place; one with arrays or objects becomes a rule, so
// that recursion is by reference and the grammar stays linear in the schema. Works through a queue, never recursing.
import {
  bytes,
  choice,
  type Grammar,
  GrammarBuilder,
  type Node,
  regular,
  sequence,
} from '../../grammar/index.js';
import { KeyLexemes } from './key-lexemes.js';
import { located } from './located.js';
import { arrayNode } from './lower-array.js';
import { objectNode } from './lower-object.js';
import { type NumberLimits, numberDfa } from './number-lexemes.js';
import type { Shape } from './shape.js';
import type { StringLexemes } from './string-lexemes.js';
import { pointerOf, type Term } from './terms.js';

/** What lowering needs to know of terms. */
export interface Terms {
  expand(term: Term): Shape;
  holdsValue(term: Term): boolean;
}

/** What the lowering of arrays and objects takes from here. */
export interface LoweringContext {
  readonly builder: GrammarBuilder;
  /** White space between two tokens. */
  readonly space: Node;
  readonly keys: KeyLexemes;
  /** The node of a term that holds a value. */
  node(term: Term): Node;
  holdsValue(term: Term): boolean;
}

const NULL = bytes('null');
const FALSE = bytes('false');
const TRUE = bytes('true');

export class Lowering implements LoweringContext {
  readonly builder = new GrammarBuilder();
  readonly space: Node;
  readonly keys: KeyLexemes;
  readonly #terms: Terms;
  readonly #strings: StringLexemes;
  readonly #numbers: NumberLimits;
  readonly #nodes = new Map<Term, Node>();
  readonly #pending: { readonly reference: Node & { kind: 'reference' }; readonly term: Term }[] = [];

  constructor(terms: Terms, strings: StringLexemes, space: Node, numbers: NumberLimits) {
    this.#terms = terms;
    this.#strings = strings;
    this.space = space;
    this.keys = new KeyLexemes();
    this.#numbers = numbers;
  }

  /** The grammar of a term that holds a value. */
  grammar(root: Term, around: Node): Grammar {
    const start = this.node(root);
    for (let next = this.#pending.pop(); next; next = this.#pending.pop()) {
      const { reference, term } = next;
      const body = located(pointerOf(term), () => this.#body(term, this.#terms.expand(term)));
      this.builder.define(reference, body);
    }
    return this.builder.build(sequence(around, start, around));
  }

  holdsValue(term: Term): boolean {
    return this.#terms.holdsValue(term);
  }

  node(term: Term): Node {
    const known = this.#nodes.get(term);
    if (known) return known;
    const shape = this.#terms.expand(term);
    let node: Node;
    if (shape.arrays.length === 0 && shape.objects.length === 0)
      node = located(pointerOf(term), () => this.#scalars(shape));
    else {
      const reference = this.builder.declare(ruleName(term), { pointer: pointerOf(term) });
      this.#pending.push({ reference, term });
      node = reference;
    }
    this.#nodes.set(term, node);
    return node;
  }

  #body(term: Term, shape: Shape): Node {
    const name = ruleName(term);
    const arrays = shape.arrays.map((array) => arrayNode(array, name, this));
    const objects = shape.objects.map((object) => objectNode(object, name, this));
    return choice(this.#scalars(shape), ...arrays, ...objects);
  }

  #scalars(shape: Shape): Node {
    const nodes: Node[] = [];
    if (shape.nulls) nodes.push(NULL);
    if (shape.booleans & 1) nodes.push(FALSE);
    if (shape.booleans & 2) nodes.push(TRUE);
    if (shape.numbers.length > 0) nodes.push(regular(numberDfa(shape.numbers, this.#numbers)));
    if (shape.strings.length > 0) nodes.push(this.#strings.node(shape.strings, this.builder));
    return choice(...nodes);
  }
}

function ruleName(term: Term): string {
  return term.parts.length === 0 ? 'any' : term.parts.map((part) => `#${part.pointer}`).join(' & ');
}
