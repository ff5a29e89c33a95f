// Terms: lazily expanded conjunctions of schemas. Equal conjunctions are one object (hash-consed), so that recursive
// schemas give finitely many terms and intersecting two of them is a merge of two short sorted lists.
import type { SchemaNode } from './document.js';
import { isArray, isObject, type Json } from './json-value.js';
import {
  areDisjoint,
  constantFacts,
  type Facts,
  isNothing,
  isWithin,
  meetFacts,
  NO_FACTS,
  schemaFacts,
} from './plain-facts.js';
import { SchemaContents } from './schema-contents.js';

/** A schema object of the document, one JSON value to be met exactly (`const`, `enum`), or what a term leaves out. */
export type Part = { readonly id: number; readonly pointer: string } & (
  | { readonly kind: 'schema'; readonly node: SchemaNode }
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'complement'; readonly of: Term }
);

/** The values that satisfy all parts. */
export interface Term {
  readonly id: number;
  /** Sorted by id. */
  readonly parts: readonly Part[];
  /** In the order in which their properties come: schemas as they first met, what is left out behind them. */
  readonly ordered: readonly Part[];
  /** True for the term that no value satisfies. */
  readonly impossible: boolean;
  /** What is seen of its values at a glance; read by {@link factsOf}. */
  facts: Facts | undefined;
}

/** Where a term comes from: the pointer of its first part. */
export function pointerOf(term: Term): string {
  return term.parts[0]?.pointer ?? '';
}

/** A schema at `pointer` that says what the one at `first` says. */
export interface SharedPlace {
  readonly pointer: string;
  readonly first: string;
}

export class TermTable {
  readonly any: Term = { id: 0, parts: [], ordered: [], impossible: false, facts: NO_FACTS };
  readonly nothing: Term = { id: 1, parts: [], ordered: [], impossible: true, facts: undefined };
  /** By the ids of two terms, as one number. */
  readonly #pairs = new Map<number, Term>();
  /** By the ids of the parts. */
  readonly #meets = new Map<string, Term>();
  /** The terms of single parts, by id. */
  readonly #singles: Term[] = [];
  readonly #schemas = new Map<SchemaNode, Term>();
  /** Equal schemas are one term, wherever they stand. */
  readonly #contents = new SchemaContents();
  readonly #ofContent = new Map<number, Term>();
  readonly #places: SharedPlace[] = [];
  readonly #constants = new Map<unknown, Term>();
  readonly #complements = new Map<Term, Term>();
  #terms = 2;
  #parts = 0;

  /** The term of one schema; `true` is {@link any}, `false` is {@link nothing}. */
  schema(node: SchemaNode | boolean): Term {
    if (typeof node === 'boolean') return node ? this.any : this.nothing;
    let term = this.#schemas.get(node);
    if (!term) {
      term = this.#ofNode(node);
      this.#schemas.set(node, term);
    }
    return term;
  }

  #ofNode(node: SchemaNode): Term {
    const content = this.#contents.of(node);
    const known = content === undefined ? undefined : this.#ofContent.get(content);
    if (known) {
      this.#places.push({ pointer: node.pointer, first: pointerOf(known) });
      return known;
    }
    const term = this.#single({ kind: 'schema', id: this.#parts++, pointer: node.pointer, node });
    if (content !== undefined) this.#ofContent.set(content, term);
    return term;
  }

  /** Schemas that another one stands for, which says the same. */
  get sharedPlaces(): readonly SharedPlace[] {
    return this.#places;
  }

  /** The term that only `value` satisfies. */
  constant(value: Json, pointer: string): Term {
    const key = isObject(value) || isArray(value) ? value : `${typeof value} ${value}`;
    let term = this.#constants.get(key);
    if (!term) {
      term = this.#single({ kind: 'constant', id: this.#parts++, pointer, value });
      this.#constants.set(key, term);
    }
    return term;
  }

  /** The term of the values that do not satisfy `of`. */
  complement(of: Term): Term {
    if (of === this.any) return this.nothing;
    if (of.impossible) return this.any;
    let term = this.#complements.get(of);
    if (!term) {
      term = this.#single({ kind: 'complement', id: this.#parts++, pointer: of.parts[0].pointer, of });
      this.#complements.set(of, term);
      this.#complements.set(term, of);
    }
    return term;
  }

  /** The term of the values that satisfy one of them or more. */
  either(terms: readonly Term[]): Term {
    if (terms.length === 1) return terms[0];
    const outside = terms.map((term) => this.complement(term));
    return this.complement(outside.reduce((a, b) => this.meet(a, b)));
  }

  /** The term of the values that satisfy both. */
  meet(a: Term, b: Term): Term {
    if (a === b || b === this.any) return a;
    if (a === this.any) return b;
    if (a.impossible || b.impossible) return this.nothing;
    const pair = Math.min(a.id, b.id) * MAX_TERM_ID + Math.max(a.id, b.id);
    let both = this.#pairs.get(pair);
    if (!both) {
      both = this.#meetOf(a, b);
      this.#pairs.set(pair, both);
    }
    return both;
  }

  #meetOf(a: Term, b: Term): Term {
    const parts = mergeParts(a.parts, b.parts);
    if (parts.length === a.parts.length) return a;
    if (parts.length === b.parts.length) return b;
    const key = keyOf(parts);
    let term = this.#meets.get(key);
    if (!term) {
      term = this.#conjunction(parts, inOrder(a, b), meetFacts(factsOf(a), factsOf(b)));
      this.#meets.set(key, term);
    }
    return term;
  }

  /** The term of parts of which `facts` hold together, less those parts that say nothing beside the others. */
  #conjunction(parts: readonly Part[], ordered: readonly Part[], facts: Facts): Term {
    if (isNothing(facts) || contradicts(parts, facts)) return this.nothing;
    const telling = partsThatTell(parts, facts);
    if (telling.length === parts.length) return this.#create(parts, ordered, facts);
    if (telling.length === 1) return this.#singles[telling[0].id];
    const key = keyOf(telling);
    let term = this.#meets.get(key);
    if (!term) {
      term = this.#create(telling, partsThatTell(ordered, facts), facts);
      this.#meets.set(key, term);
    }
    return term;
  }

  #single(part: Part): Term {
    const parts = [part];
    const term = this.#create(parts, parts, undefined);
    this.#singles[part.id] = term;
    return term;
  }

  #create(parts: readonly Part[], ordered: readonly Part[], facts: Facts | undefined): Term {
    return { id: this.#terms++, parts, ordered, impossible: false, facts };
  }
}

/** Ids stay far below: `maxTerms` counts the terms. */
const MAX_TERM_ID = 2 ** 26;

function keyOf(parts: readonly Part[]): string {
  let key = '';
  for (const { id } of parts) key += `${id},`;
  return key;
}

/** What is seen of a term's values at a glance. */
export function factsOf(term: Term): Facts {
  term.facts ??= partFacts(term.parts[0]);
  return term.facts;
}

function partFacts(part: Part): Facts {
  if (part.kind === 'complement') return NO_FACTS;
  return part.kind === 'schema' ? schemaFacts(part.node) : constantFacts(part.value);
}

/** Without the complements of what `facts` rule out anyway. */
function partsThatTell(parts: readonly Part[], facts: Facts): readonly Part[] {
  const telling: Part[] = [];
  for (const part of parts)
    if (part.kind !== 'complement' || !areDisjoint(facts, factsOf(part.of))) telling.push(part);
  return telling;
}

/** True where a part is the complement of what other parts say. */
function contradicts(parts: readonly Part[], facts: Facts): boolean {
  for (const part of parts) {
    if (part.kind !== 'complement') continue;
    if (hasAll(parts, part.of.parts) || isWithin(facts, factsOf(part.of))) return true;
  }
  return false;
}

/** Whether every part of `some` is in `all`; both sorted by id. */
function hasAll(all: readonly Part[], some: readonly Part[]): boolean {
  let at = 0;
  for (const part of some) {
    while (at < all.length && all[at].id < part.id) at++;
    if (at === all.length || all[at].id !== part.id) return false;
  }
  return true;
}

function mergeParts(a: readonly Part[], b: readonly Part[]): Part[] {
  const merged: Part[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j === b.length || (i < a.length && a[i].id < b[j].id)) merged.push(a[i++]);
    else {
      if (i < a.length && a[i].id === b[j].id) i++;
      merged.push(b[j++]);
    }
  }
  return merged;
}

/** The parts of both: schemas of `a`, then of `b`, then complements. */
function inOrder(a: Term, b: Term): readonly Part[] {
  const schemas: Part[] = [];
  const complements: Part[] = [];
  for (const part of a.ordered) (part.kind === 'complement' ? complements : schemas).push(part);
  for (const part of b.ordered)
    if (!hasPart(a.parts, part)) (part.kind === 'complement' ? complements : schemas).push(part);
  for (const part of complements) schemas.push(part);
  return schemas;
}

/** Whether the part is one of the list, which is sorted by id. */
function hasPart(parts: readonly Part[], { id }: Part): boolean {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low < parts.length && parts[low].id === id;
}

/** True only if every value of `inner` is one of `outer`: by their parts and what is seen at a glance. */
export function implies(inner: Term, outer: Term): boolean {
  if (inner === outer || inner.impossible) return true;
  if (outer.impossible) return false;
  const { parts } = inner;
  let at = 0;
  for (const part of outer.parts) {
    while (at < parts.length && parts[at].id < part.id) at++;
    if (at < parts.length && parts[at].id === part.id) continue;
    if (part.kind !== 'complement' || !areDisjoint(factsOf(inner), factsOf(part.of))) return false;
  }
  return true;
}
