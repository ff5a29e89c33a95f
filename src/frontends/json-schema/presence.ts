// Which properties an object has, as a formula in conjunctive normal form: what dependentRequired, unions of `required`
// and their complements come to. Kept small by subsumption; read by objects.ts and by the lowering of objects.
import { eitherClauses } from './clause-sets.js';

export interface Literal {
  readonly name: string;
  /** True: the property is there; false: it is absent. */
  readonly present: boolean;
}

/** A disjunction of literals, one for each name, sorted by name; `key` names it. */
export interface Clause {
  readonly key: string;
  readonly literals: readonly Literal[];
}

/** Above this number of clauses, a disjunction is not brought into normal form. */
const MAX_CLAUSES = 24;

/** Undefined where the clause always holds. */
export function clauseOf(literals: readonly Literal[]): Clause | undefined {
  if (literals.length === 1) return { key: literalKey(literals[0]), literals };
  const byName = new Map<string, Literal>();
  for (const literal of literals) {
    const known = byName.get(literal.name);
    if (known && known.present !== literal.present) return undefined;
    byName.set(literal.name, literal);
  }
  return ofSorted([...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)));
}

function ofSorted(literals: readonly Literal[]): Clause {
  let key = '';
  for (const literal of literals) key += literalKey(literal);
  return { key, literals };
}

/** No key begins another, so a row of them tells where each ends. */
function literalKey({ name, present }: Literal): string {
  return `${present ? '+' : '-'}${name.length}:${name}`;
}

/** The clause without the literals of names that are known. */
function unknownPart(clause: Clause, known: ReadonlyMap<string, boolean>): Clause {
  const left: Literal[] = [];
  for (const literal of clause.literals) if (!known.has(literal.name)) left.push(literal);
  return left.length === clause.literals.length ? clause : ofSorted(left);
}

/** Whether what is known of properties meets the clause. */
function isMet({ literals }: Clause, known: ReadonlyMap<string, boolean>): boolean {
  for (const { name, present } of literals) if (known.get(name) === present) return true;
  return false;
}

/** True where every literal of `a` is one of `b`: `b` says nothing that `a` does not. */
function subsumes(a: Clause, b: Clause): boolean {
  if (a.literals.length > b.literals.length) return false;
  let at = 0;
  for (const { name, present } of a.literals) {
    while (at < b.literals.length && b.literals[at].name !== name) at++;
    if (at === b.literals.length || b.literals[at].present !== present) return false;
  }
  return true;
}

/** The clauses that no other makes superfluous, each once. */
function withoutSubsumed(clauses: readonly Clause[]): Clause[] {
  const shortestFirst = clauses.slice().sort(byLength);
  const kept: Clause[] = [];
  for (const clause of shortestFirst) if (!isSubsumed(clause, kept)) kept.push(clause);
  return kept;
}

function byLength(a: Clause, b: Clause): number {
  return a.literals.length - b.literals.length;
}

function isSubsumed(clause: Clause, others: readonly Clause[]): boolean {
  for (const other of others) if (subsumes(other, clause)) return true;
  return false;
}

/** What a formula says of single properties, and the clauses that are left. */
export interface Presence {
  readonly required: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  readonly clauses: readonly Clause[];
}

/** Unit propagation and subsumption; undefined where the formula contradicts itself by these means. */
export function simplifyPresence(
  required: Iterable<string>,
  absent: Iterable<string>,
  clauses: readonly Clause[],
): Presence | undefined {
  if (clauses.length === 0) return withoutClauses(new Set(required), new Set(absent));
  const known = new Map<string, boolean>();
  for (const name of required) known.set(name, true);
  for (const name of absent) {
    if (known.get(name) === true) return undefined;
    known.set(name, false);
  }
  let left: readonly Clause[] | undefined = clauses;
  for (let before = -1; left && before < known.size; ) {
    before = known.size;
    left = propagated(left, known);
  }
  if (!left) return undefined;
  const there = new Set<string>();
  const missing = new Set<string>();
  for (const [name, present] of known) (present ? there : missing).add(name);
  return { required: there, absent: missing, clauses: withoutSubsumed(left) };
}

/** What is left of clauses beside what is known; a single literal becomes known. Undefined where nothing is left of one. */
function propagated(clauses: readonly Clause[], known: Map<string, boolean>): Clause[] | undefined {
  const left: Clause[] = [];
  for (const clause of clauses) {
    if (isMet(clause, known)) continue;
    const rest = unknownPart(clause, known);
    if (rest.literals.length === 0) return undefined;
    if (rest.literals.length > 1) left.push(rest);
    else known.set(rest.literals[0].name, rest.literals[0].present);
  }
  return left;
}

function withoutClauses(required: ReadonlySet<string>, absent: ReadonlySet<string>): Presence | undefined {
  for (const name of absent) if (required.has(name)) return undefined;
  return { required, absent, clauses: [] };
}

/** How many things two formulas say, as far as that shows without putting them together. */
export interface PresenceCounts {
  /** Properties that the first, and the second, says to be there or absent. */
  readonly left: number;
  readonly right: number;
  /** Those of which both say the same, and of which they say opposites. */
  readonly shared: number;
  readonly opposite: number;
}

/** The clauses of "one formula or the other"; undefined where they would be too many. */
export function eitherPresence(a: Presence, b: Presence): Clause[] | undefined {
  return eitherClauses(allClauses(a), allClauses(b), MAX_CLAUSES)?.map(ofSorted);
}

/**
 * Whether "one formula or the other" would have too many clauses for sure, and is not to be asked for. A property that only one
 * of the two decides makes a clause with each that only the other does, and no other clause lies in these.
 */
export function hasTooManyClauses(
  { left, right, shared, opposite }: PresenceCounts,
  clauses: number,
  others: number,
): boolean {
  if ((left - shared) * (right - shared) - opposite > MAX_CLAUSES) return true;
  return (left + clauses) * (right + others) > MAX_CLAUSES ** 2;
}

function allClauses({ required, absent, clauses }: Presence): (readonly Literal[])[] {
  const all: (readonly Literal[])[] = [];
  for (const name of required) all.push([{ name, present: true }]);
  for (const name of absent) all.push([{ name, present: false }]);
  for (const { literals } of clauses) all.push(literals);
  return all;
}

/** Adds every clause that follows from two others, down to the shortest; undefined where they would be more than `limit`. */
export function resolutionClosure(clauses: readonly Clause[], limit: number): readonly Clause[] | undefined {
  let closed = withoutSubsumed(clauses);
  for (;;) {
    const found: Clause[] = [];
    for (const one of closed) {
      for (const other of closed) {
        const clause = resolvent(one, other);
        if (clause && !closed.some((known) => subsumes(known, clause))) found.push(clause);
      }
    }
    if (found.length === 0) return closed;
    closed = withoutSubsumed([...closed, ...found]);
    if (closed.length > limit) return undefined;
  }
}

/** What follows from two clauses that differ about exactly one property. */
function resolvent(a: Clause, b: Clause): Clause | undefined {
  const pivots = a.literals.filter(({ name, present }) =>
    b.literals.some((other) => other.name === name && present && !other.present),
  );
  if (pivots.length !== 1) return undefined;
  const [{ name }] = pivots;
  return clauseOf([...a.literals, ...b.literals].filter((literal) => literal.name !== name));
}
