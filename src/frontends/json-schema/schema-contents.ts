// Which schemas say the same, wherever they stand: a definition that is copied into many places is expanded and written
// once. Titles, defaults and the like say nothing; the order of keywords counts, since that of properties follows from it.
// Schemas are numbered from the leaves on, so that two are compared by their own keywords and their children's numbers.
import { Decimal } from './decimal.js';
import type { Resource, SchemaNode } from './document.js';
import { isArray, isObject, type Json, type JsonObject } from './json-value.js';
import { isInert, subschemasOf } from './keywords.js';

/** Schemas with one of these are found by name, or start a resource of their own: each is itself alone. */
const NAMED: ReadonlySet<string> = new Set(['$id', 'id', '$anchor', '$dynamicAnchor', '$recursiveAnchor']);

interface Known {
  readonly id: number;
  readonly schema: JsonObject;
  /** Another schema whose sketch is the same. */
  readonly next: Known | undefined;
  /** How many there are from here on. */
  readonly alike: number;
}

/** So many different schemas of one sketch are compared; others stay by themselves, so that no document takes long. */
const MAX_ALIKE = 32;

export class SchemaContents {
  readonly #ids = new Map<JsonObject, number>();
  readonly #bySketch = new Map<number, Known>();
  readonly #resources = new Map<Resource, number>();
  #count = 0;

  /** Equal for two nodes only if the same values satisfy them; undefined under a dynamic scope, where places differ. */
  of({ schema, resource, scope }: SchemaNode): number | undefined {
    if (scope.anchors.size > 0) return undefined;
    let home = this.#resources.get(resource);
    if (home === undefined) {
      home = this.#resources.size;
      this.#resources.set(resource, home);
    }
    return this.#idOf(schema) * MAX_RESOURCES + home;
  }

  #idOf(schema: JsonObject): number {
    let id = this.#ids.get(schema);
    if (id === undefined) {
      id = this.#find(schema);
      this.#ids.set(schema, id);
    }
    return id;
  }

  #find(schema: JsonObject): number {
    let sketch = 0;
    for (const [keyword, value] of schema) {
      if (!isInert(keyword)) sketch = mix(mix(sketch, sketchOf(keyword)), this.#sketchOf(keyword, value));
      else if (NAMED.has(keyword)) return this.#count++;
    }
    const first = this.#bySketch.get(sketch);
    for (let other = first; other; other = other.next)
      if (this.#areEqual(schema, other.schema)) return other.id;
    const id = this.#count++;
    const alike = first ? first.alike + 1 : 1;
    if (alike <= MAX_ALIKE) this.#bySketch.set(sketch, { id, schema, next: first, alike });
    return id;
  }

  /** A number that equal values of a keyword have in common; numbers the schemas in it. */
  #sketchOf(keyword: string, value: Json): number {
    let sketch = 1;
    switch (subschemasOf(keyword, value)) {
      case 'itself':
        return this.#childSketch(value);
      case 'items':
        for (const item of value as readonly Json[]) sketch = mix(sketch, this.#childSketch(item));
        return sketch;
      case 'members':
        for (const [name, member] of value as JsonObject)
          sketch = mix(mix(sketch, sketchOf(name)), this.#childSketch(member));
        return sketch;
      case 'none':
        return sketchOf(value);
    }
  }

  #childSketch(value: Json): number {
    return isObject(value) ? this.#idOf(value) : sketchOf(value);
  }

  #areEqual(a: JsonObject, b: JsonObject): boolean {
    const others = b.entries();
    for (const [keyword, value] of a) {
      if (isInert(keyword)) continue;
      let other = others.next();
      while (!other.done && isInert(other.value[0])) other = others.next();
      if (other.done || other.value[0] !== keyword) return false;
      if (!this.#sayTheSame(keyword, value, other.value[1])) return false;
    }
    for (const [keyword] of others) if (!isInert(keyword)) return false;
    return true;
  }

  #sayTheSame(keyword: string, a: Json, b: Json): boolean {
    const where = subschemasOf(keyword, a);
    if (where !== subschemasOf(keyword, b)) return false;
    if (where === 'none') return areEqual(a, b, undefined);
    if (where === 'itself') return this.areSameChild(a, b);
    return areEqual(a, b, this);
  }

  /** Whether two values that may be schemas say the same. */
  areSameChild(a: Json, b: Json): boolean {
    return isObject(a) && isObject(b) ? this.#idOf(a) === this.#idOf(b) : areEqual(a, b, undefined);
  }
}

/** Far more than a document has. */
const MAX_RESOURCES = 2 ** 20;

function mix(sketch: number, value: number): number {
  return Math.imul(sketch ^ value, 0x01000193) ^ (sketch >>> 15);
}

/** Cheap, and the same for equal values. */
function sketchOf(value: Json): number {
  if (typeof value === 'string') {
    const { length } = value;
    if (length === 0) return 2;
    const ends = (value.charCodeAt(0) << 16) | value.charCodeAt(length - 1);
    return mix(
      mix(length, ends),
      (value.charCodeAt(length >> 1) << 16) | value.charCodeAt((length * 3) >> 2),
    );
  }
  if (isArray(value)) {
    let sketch = value.length + 3;
    for (const item of value) sketch = mix(sketch, sketchOf(item));
    return sketch;
  }
  if (value instanceof Decimal) return mix(value.exponent, sketchOf(value.digits));
  return isObject(value) ? value.size : value === null ? 5 : value ? 7 : 11;
}

/** Two JSON values; where `schemas` is given, members and items are schemas. The order of members counts. */
function areEqual(a: Json, b: Json, schemas: SchemaContents | undefined): boolean {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && haveEqualItems(a, b, schemas);
  if (a instanceof Decimal) return b instanceof Decimal && a.toString() === b.toString();
  if (!isObject(a) || !isObject(b) || a.size !== b.size) return false;
  const others = b.entries();
  for (const [name, member] of a) {
    const [otherName, other] = others.next().value!;
    if (name !== otherName) return false;
    if (!(schemas ? schemas.areSameChild(member, other) : areEqual(member, other, undefined))) return false;
  }
  return true;
}

function haveEqualItems(
  a: readonly Json[],
  b: readonly Json[],
  schemas: SchemaContents | undefined,
): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++)
    if (!(schemas ? schemas.areSameChild(a[i], b[i]) : areEqual(a[i], b[i], undefined))) return false;
  return true;
}
