// Schemas for warm-compiler.ts that differ in their form from one to the next, as those of different people do: which keywords
// stand beside each other, and what is left out. Made from a seed, so that each process warms up alike.
import type { Schema } from './warm-schemas.js';

const NAMES =
  'name id type kind title url items value enabled start-date created_at $ref2 @context a.b a/b ~x é size max count x y tags user address metadata config spec options labels status version'.split(
    ' ',
  );
const FORMATS = 'date-time uri email date uuid ipv4 time uri-reference unheard-of'.split(' ');
const PATTERNS = [
  '^[a-z]+$',
  '^\\d{1,3}$',
  '[A-Z]',
  '^(?:on|off)$',
  '^[\\w.-]+@x$',
  '^https?://',
  '^\\s*\\S',
];
const DRAFTS = [
  'http://json-schema.org/draft-07/schema#',
  'http://json-schema.org/draft-04/schema#',
  'http://json-schema.org/draft-06/schema#',
  'https://json-schema.org/draft/2020-12/schema',
];
/** Levels of objects and arrays in a document: mostly few, as in what people write. */
const DEPTHS = [0, 0, 1, 1, 1, 1, 2, 2, 3];
/** Properties of an object. */
const SIZES = [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8];

type Make = (this: VariedSchemas, depth: number) => Schema;

/** A leaf more often than once is more frequent among what properties are. */
const LEAVES: readonly Make[] = [
  () => ({ type: 'string' }),
  () => ({ type: 'string' }),
  () => ({ type: 'boolean' }),
  () => ({ type: 'integer' }),
  () => ({ type: 'number' }),
  () => ({ type: 'null' }),
  () => ({}),
  () => ({ type: ['string', 'null'] }),
  () => ({ type: ['integer', 'boolean', 'number'] }),
  function () {
    return { type: 'string', ...this.maybe({ minLength: this.below(4) }), maxLength: 4 + this.below(200) };
  },
  function () {
    return { type: 'string', format: this.one(FORMATS) };
  },
  function () {
    return { ...this.maybe({ type: 'string' }), pattern: `${this.one(PATTERNS)}|^${this.word()}$` };
  },
  function () {
    return { type: 'integer', minimum: this.below(9) - 4, ...this.maybe({ maximum: 9 + this.below(999) }) };
  },
  function () {
    return { type: 'number', multipleOf: this.one([0.01, 0.5, 10]), minimum: this.below(3) };
  },
  function () {
    return { type: 'number', minimum: 0, ...this.maybe({ maximum: 1 + this.below(99) / 4 }) };
  },
  function () {
    return { ...this.maybe({ type: 'string' }), enum: this.several(1 + this.below(9), () => this.word()) };
  },
  function () {
    return { enum: [this.below(99), null, true, this.word(), 1.5, [1], { a: this.word() }] };
  },
  function () {
    return { const: this.one<unknown>([this.word(), this.below(99), false, [this.word()], { a: 1 }]) };
  },
  function () {
    return { not: this.one<Schema>([{ type: 'null' }, { enum: [this.word(), 3] }, { required: ['a'] }]) };
  },
  function () {
    return this.reference();
  },
  function () {
    return { ...this.reference(), ...this.about() };
  },
  () => ({ type: 'object' }),
  function () {
    return { type: 'array', items: this.reference() };
  },
  () => ({ type: 'string', minLength: 1 }),
  () => ({ type: 'array', items: { type: 'string' } }),
  function () {
    return { type: 'string', examples: [this.word()], 'x-order': this.below(9), default: this.word() };
  },
];

const COMPOSED: readonly Make[] = [
  function (depth) {
    return this.object(depth);
  },
  function (depth) {
    return this.object(depth);
  },
  function (depth) {
    const bounds = {
      ...this.maybe({ minItems: this.below(3) }),
      ...this.maybe({ maxItems: 3 + this.below(20) }),
    };
    return { type: 'array', items: this.value(depth), ...bounds };
  },
  function (depth) {
    return { type: 'array', items: this.value(depth), ...this.maybe({ uniqueItems: true }) };
  },
  function (depth) {
    return {
      type: 'array',
      items: [this.leaf(), this.value(depth)],
      ...this.maybe({ additionalItems: false }),
    };
  },
  function (depth) {
    return { anyOf: [this.value(depth), { type: 'null' }] };
  },
  function (depth) {
    return { anyOf: [{ type: 'string' }, { type: 'array', items: this.leaf() }, this.object(depth)] };
  },
  function () {
    return { oneOf: [this.leaf(), { type: 'null' }] };
  },
  function () {
    return { oneOf: [{ type: 'string', maxLength: 9 }, { enum: this.several(3, () => this.word()) }] };
  },
  function (depth) {
    return { allOf: [this.reference('base'), { properties: this.properties(2, depth) }] };
  },
  function () {
    return { allOf: [{ required: ['a'] }, { not: { required: ['b'] } }], properties: { b: this.leaf() } };
  },
  function () {
    const condition = { properties: { kind: { const: this.word() } }, required: ['kind'] };
    const consequence = { required: [this.one(NAMES)] };
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    return { type: 'object', if: condition, then: consequence, ...this.maybe({ else: consequence }) };
  },
  function (depth) {
    const arms = this.several(3, (i) => ({
      properties: { ...this.properties(2, depth), kind: { enum: [`k${i}`] } },
      required: ['kind'],
    }));
    return { type: 'object', [this.one(['anyOf', 'oneOf'])]: arms };
  },
];

class VariedSchemas {
  #state: number;
  readonly #seed: number;
  /** The keyword that definitions stand under; undefined where there are none. */
  readonly #definitions: string | undefined;

  constructor(seed: number) {
    this.#seed = seed;
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
    this.#definitions = this.one([undefined, undefined, 'definitions', '$defs']);
  }

  /** An integer from 0 on (Numerical Recipes' generator; its low bits are not used). */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  several<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  maybe(part: Schema): Schema {
    return this.below(2) ? part : {};
  }

  word(): string {
    return `${this.one(NAMES)}${this.below(1000)}_${this.#seed}`;
  }

  about(): Schema {
    return { ...this.maybe({ title: this.word() }), description: `Of ${this.word()}: "see" there.\n` };
  }

  /** To a definition; what a document without any has instead. */
  reference(name = `d${this.below(3)}`): Schema {
    return this.#definitions ? { $ref: `#/${this.#definitions}/${name}` } : { type: 'string' };
  }

  leaf(): Schema {
    return { ...this.one(LEAVES).call(this, 0), ...this.maybe(this.about()) };
  }

  value(depth: number): Schema {
    if (depth <= 0 || this.below(3)) return this.leaf();
    return { ...this.one(COMPOSED).call(this, depth - 1), ...this.maybe({ default: null }) };
  }

  properties(count: number, depth: number): Schema {
    return Object.fromEntries(
      this.several(count, () => [this.below(3) ? this.one(NAMES) : this.word(), this.value(depth)]),
    );
  }

  /** What is said of an object beside its properties. */
  #rules(names: readonly string[]): Schema {
    switch (this.below(12)) {
      case 0:
        return { patternProperties: { [`^x-${this.word()}`]: this.leaf() }, additionalProperties: false };
      case 1:
        return { minProperties: 1 };
      case 2:
        return { dependencies: { [names[0] ?? 'a']: ['b'] } };
      case 3:
        return { anyOf: this.several(2, (i) => ({ required: [names[i] ?? `n${i}`] })) };
      case 4:
        return { additionalProperties: this.leaf() };
      case 5:
        return { additionalProperties: true };
      case 6:
        return { propertyNames: { pattern: '\\S' } };
      default:
        return this.maybe({ additionalProperties: false });
    }
  }

  object(depth: number): Schema {
    const properties = this.properties(this.one(SIZES), depth);
    const names = Object.keys(properties);
    const required = names.filter(() => this.below(3) === 0);
    return {
      ...(this.below(5) ? { type: 'object' } : {}),
      ...this.maybe(this.about()),
      ...(names.length > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...this.#rules(names),
    };
  }

  document(): Schema {
    return {
      ...this.maybe({ $schema: this.one(DRAFTS) }),
      ...this.maybe(this.about()),
      ...(this.#definitions ? { [this.#definitions]: this.#defined() } : {}),
      ...this.object(this.one(DEPTHS)),
    };
  }

  #defined(): Schema {
    return {
      base: { type: 'object', properties: { kind: { type: 'string' } }, ...this.about() },
      d0: { type: 'object', properties: this.properties(3, 0), required: [] },
      d1: { type: 'object', properties: { next: this.reference('d1'), ...this.properties(2, 1) } },
      d2: { ...this.one(LEAVES.slice(0, 6)).call(this, 0), ...this.about() },
    };
  }
}

/** A schema of the kind that is published, mostly of less than a kilobyte; another one for each seed. */
export function variedSchema(seed: number): Schema {
  return new VariedSchemas(seed).document();
}
