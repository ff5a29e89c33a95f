// Of several objects, those that lie inside no other one: asked of every union and intersection, so few pairs are looked at.
import { isInside, propertyTerm, type Telling } from './objects.js';
import type { ObjectShape } from './shape.js';
import { implies, type Term } from './terms.js';

/** From this number on, alternatives are worth a look before they are compared. */
const MANY_COMPARED = 16;
/** No part: ids are not negative. */
const NONE = -1;

/** Drops objects that lie inside another one. Where a property tells most of them apart, its terms say which are compared. */
export function withoutInside(objects: readonly ObjectShape[]): ObjectShape[] {
  const tag = objects.length < MANY_COMPARED ? undefined : tellingName(objects);
  if (tag !== undefined) return new TaggedObjects(objects, tag).outermost();
  const telling: Telling = { name: undefined };
  const kept: ObjectShape[] = [];
  for (const object of objects) {
    if (kept.some((other) => isInside(object, other, telling))) continue;
    let left = 0;
    for (const other of kept) if (!isInside(other, object, telling)) kept[left++] = other;
    kept.length = left;
    kept.push(object);
  }
  return kept;
}

/** A property with different terms in at least half of the objects. */
function tellingName(objects: readonly ObjectShape[]): string | undefined {
  for (const name of objects[0].required) {
    const terms = new Set<Term>();
    for (const object of objects) terms.add(propertyTerm(object, name));
    if (2 * terms.size >= objects.length) return name;
  }
  return undefined;
}

/** Objects by the terms of one property: a term lies inside another one only if it has each part of it that is no complement. */
class TaggedObjects {
  readonly #objects: readonly ObjectShape[];
  readonly #terms: readonly Term[];
  readonly #telling: Telling = { name: undefined };
  /** The objects that were kept and not dropped again, in order. */
  readonly #kept = new Set<number>();
  /** By part, how many terms have it. */
  readonly #uses = new Map<number, number>();
  /** Those that were kept: by each part of their terms, and by the rarest that is no complement; NONE where there is none. */
  readonly #byPart = new Map<number, number[]>();
  readonly #byRarest = new Map<number, number[]>();

  constructor(objects: readonly ObjectShape[], tag: string) {
    this.#objects = objects;
    this.#terms = objects.map((object) => propertyTerm(object, tag));
    for (const { parts } of this.#terms)
      for (const { id } of parts) this.#uses.set(id, (this.#uses.get(id) ?? 0) + 1);
  }

  outermost(): ObjectShape[] {
    for (let index = 0; index < this.#objects.length; index++) {
      if (this.#isInsideKept(index)) continue;
      for (const other of this.#mayLieInside(index))
        if (this.#kept.has(other) && this.#lies(other, index)) this.#kept.delete(other);
      this.#keep(index);
    }
    return Array.from(this.#kept, (index) => this.#objects[index]);
  }

  #lies(inner: number, outer: number): boolean {
    return (
      implies(this.#terms[inner], this.#terms[outer]) &&
      isInside(this.#objects[inner], this.#objects[outer], this.#telling)
    );
  }

  #isInsideKept(index: number): boolean {
    const { parts, impossible } = this.#terms[index];
    if (impossible) return this.#liesInAny(index, this.#kept);
    for (const { id } of parts) if (this.#liesInAny(index, this.#byRarest.get(id))) return true;
    return this.#liesInAny(index, this.#byRarest.get(NONE));
  }

  #liesInAny(index: number, others: Iterable<number> | undefined): boolean {
    if (!others) return false;
    for (const other of others) if (this.#kept.has(other) && this.#lies(index, other)) return true;
    return false;
  }

  #mayLieInside(index: number): Iterable<number> {
    const rarest = this.#rarest(this.#terms[index]);
    if (rarest === NONE) return [...this.#kept];
    return [...(this.#byPart.get(rarest) ?? []), ...(this.#byRarest.get(NONE) ?? [])];
  }

  #keep(index: number): void {
    this.#kept.add(index);
    const term = this.#terms[index];
    for (const { id } of term.parts) addTo(this.#byPart, id, index);
    addTo(this.#byRarest, this.#rarest(term), index);
  }

  /** The id of that part which the fewest terms have, of those that are no complements. */
  #rarest({ parts }: Term): number {
    let rarest = NONE;
    let least = Number.POSITIVE_INFINITY;
    for (const { id, kind } of parts) {
      const uses = this.#uses.get(id)!;
      if (kind === 'complement' || uses >= least) continue;
      rarest = id;
      least = uses;
    }
    return rarest;
  }
}

function addTo(lists: Map<number, number[]>, key: number, index: number): void {
  const list = lists.get(key);
  if (list) list.push(index);
  else lists.set(key, [index]);
}
