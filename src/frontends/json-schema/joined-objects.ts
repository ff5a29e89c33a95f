// Two alternatives of an object that differ only in which properties there are, joined to one with clauses: asked of every pair
// that a union or an intersection leaves, of which few can be joined, so what is cheap to compare comes first.
import { keyClassesKey, termOfKey } from './key-sets.js';
import { propertyTerm, sameEvaluated, someKey, type Telling } from './objects.js';
import { eitherPresence, hasTooManyClauses, type Presence } from './presence.js';
import { type ObjectShape, objectWith } from './shape.js';
import type { Term } from './terms.js';

/** The objects of both, in no normal form; undefined where the two differ otherwise or it would take too many clauses. */
export function joinObjects(a: ObjectShape, b: ObjectShape, telling: Telling): ObjectShape | undefined {
  if (telling.name !== undefined && differsIn(telling.name, a, b)) return undefined;
  if (a.min !== b.min || a.max !== b.max || a.additional !== b.additional) return undefined;
  if (!sameEvaluated(a, b)) return undefined;
  if (a.patterns.length !== b.patterns.length || a.some.length !== b.some.length) return undefined;
  const apart = absences(a, b, telling);
  if (!apart || mayNotJoin(a, b, apart)) return undefined;
  if (keyClassesKey(a.patterns) !== keyClassesKey(b.patterns) || someKey(a.some) !== someKey(b.some))
    return undefined;
  const names = inBothOrders(a.properties, b.properties);
  const clauses = names && eitherPresence(presence(a, apart.inA), presence(b, apart.inB));
  if (!clauses) return undefined;
  const properties = new Map<string, Term>();
  for (const name of names) {
    const inA = propertyTerm(a, name);
    properties.set(name, inA.impossible ? propertyTerm(b, name) : inA);
  }
  return objectWith(a, { properties, required: new Set(), clauses });
}

function presence({ required, clauses }: ObjectShape, absent: readonly string[]): Presence {
  return { required, absent: new Set(absent), clauses };
}

/** The properties that one of two objects excludes and the other allows. */
interface Absences {
  readonly inA: string[];
  readonly inB: string[];
}

/** Whether a property has values in both, and is not the same. */
function differsIn(name: string, a: ObjectShape, b: ObjectShape): boolean {
  const inA = propertyTerm(a, name);
  const inB = propertyTerm(b, name);
  return inA !== inB && !inA.impossible && !inB.impossible;
}

/** Undefined where a property is another in each of the two, which is told then. */
function absences(a: ObjectShape, b: ObjectShape, telling: Telling): Absences | undefined {
  const apart: Absences = { inA: [], inB: [] };
  for (const name of a.properties.keys())
    if (isOther(name, a.properties.get(name)!, propertyTerm(b, name), apart)) {
      telling.name = name;
      return undefined;
    }
  for (const name of b.properties.keys())
    if (!a.properties.has(name) && isOther(name, termOfKey(a, name), b.properties.get(name)!, apart)) {
      telling.name = name;
      return undefined;
    }
  return apart;
}

/** Whether a property has values in both and is not the same; notes it where it has some in one of the two. */
function isOther(name: string, inA: Term, inB: Term, apart: Absences): boolean {
  if (inA === inB) return false;
  if (inA.impossible) apart.inA.push(name);
  else if (inB.impossible) apart.inB.push(name);
  else return true;
  return false;
}

/** Whether the clauses would be too many, as far as that shows in their number. */
function mayNotJoin(a: ObjectShape, b: ObjectShape, { inA, inB }: Absences): boolean {
  let shared = 0;
  let opposite = 0;
  for (const name of a.required) if (b.required.has(name)) shared++;
  for (const name of inA) if (b.required.has(name)) opposite++;
  for (const name of inB) if (a.required.has(name)) opposite++;
  const left = a.required.size + inA.length;
  const right = b.required.size + inB.length;
  return hasTooManyClauses({ left, right, shared, opposite }, a.clauses.length, b.clauses.length);
}

/** All names, those that have values in one of the two in its order; undefined where the orders contradict each other. */
function inBothOrders(
  a: ReadonlyMap<string, Term>,
  b: ReadonlyMap<string, Term>,
): Iterable<string> | undefined {
  if (a.size === b.size) {
    const others = b.keys();
    let isSame = true;
    for (const name of a.keys()) isSame &&= name === others.next().value;
    if (isSame) return a.keys();
  }
  const names = new Set<string>();
  const left: string[] = [];
  for (const [name, inB] of b) if (!inB.impossible) left.push(name);
  let at = 0;
  for (const [name, inA] of a) {
    if (inA.impossible) continue;
    if (b.get(name)?.impossible === false) {
      if (names.has(name)) return undefined;
      while (left[at] !== name) names.add(left[at++]);
    }
    names.add(name);
  }
  while (at < left.length) names.add(left[at++]);
  for (const name of a.keys()) names.add(name);
  for (const name of b.keys()) names.add(name);
  return names;
}
