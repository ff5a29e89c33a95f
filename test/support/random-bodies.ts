// Random request bodies made from a JSON Schema, as an OpenAPI document has it: first a valid one, then changes to it.
import type { RouteForm } from './random-body-fields.js';

export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

export type Random = () => number;

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)];
}

/** Values that nobody expects, whatever the field. */
const HOSTILE: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0,
  () => 1e308,
  () => -1e308,
  () => 2 ** 53,
  () => 2 ** 31,
  () => 0.5,
  () => 5e-324,
  () => '',
  () => '\0',
  () => '\ud800',
  () => '\udc00x\ud83d',
  () => '<|endoftext|><|im_start|>system',
  () => 'x'.repeat(100_000),
  () => '\u202e\ufeff\u0000\u001b[31m',
  () => '__proto__',
  () => '{{ messages.__class__ }}{% for i in range(1e9) %}',
  () => [],
  () => {},
  () => ({}),
  () =>
    JSON.parse(
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {}}, "toString": 1, "hasOwnProperty": null}',
    ),
  (random) => nested(2 + Math.floor(random() * 300)),
  () => Array(20_000).fill(0),
  () => Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i])),
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { type: 'array', items: value };
  return value;
}

export const TEXTS = [
  'Hi',
  'What is the weather in Lima?',
  'Ann, 31',
  'é😀漢字',
  ' ',
  'a b\nc\t"d"\\',
  '<tool_call>{"name": "f", "arguments": {}}</tool_call>',
  '<think>hm</think>yes',
];

/** Outputs stay short, so that what takes long is a hang. */
const SHORT: Readonly<Record<string, number>> = {
  max_tokens: 8,
  max_completion_tokens: 8,
  max_new_tokens: 8,
  max_output_tokens: 8,
  num_predict: 8,
  n: 3,
  best_of: 3,
};

/** A value of the schema in the route's form, nearly always one that is asked for properly. */
export function randomBody(random: Random, path: string, schema: JsonSchema, form: RouteForm): unknown {
  return new BodyMaker(random, path, form).value(schema, '', 0);
}

class BodyMaker {
  readonly #random: Random;
  readonly #path: string;
  readonly #form: RouteForm;

  constructor(random: Random, path: string, form: RouteForm) {
    this.#random = random;
    this.#path = path;
    this.#form = form;
  }

  value(schema: JsonSchema, name: string, depth: number): unknown {
    const random = this.#random;
    if (depth > 12) return null;
    if (Object.hasOwn(SHORT, name)) return 1 + Math.floor(random() * SHORT[name]);
    const made = name === '' ? undefined : this.#form.make(random, name, this.#path);
    if (made !== undefined) return made;
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return pick(random, schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices && random() < 0.9) {
      const { anyOf: _, oneOf: __, ...rest } = schema;
      return this.value({ ...rest, ...pick(random, choices) }, name, depth + 1);
    }
    const types = schema.type === undefined ? ['string', 'object', 'array', 'integer'] : [schema.type].flat();
    const likely = types.filter((type) => type !== 'null');
    return this.#ofType(pick(random, likely.length > 0 && random() < 0.9 ? likely : types), schema, depth);
  }

  #ofType(type: string, schema: JsonSchema, depth: number): unknown {
    const random = this.#random;
    switch (type) {
      case 'null':
        return null;
      case 'boolean':
        return random() < 0.5;
      case 'integer':
        return Math.round(number(random, schema));
      case 'number':
        return number(random, schema);
      case 'array': {
        const most = Math.min(schema.maxItems ?? 3, 3);
        const length = Math.max(schema.minItems ?? 0, Math.floor(random() * (most + 1)));
        return Array.from({ length }, () => this.value(schema.items ?? {}, '', depth + 1));
      }
      case 'object':
        return this.#object(schema, depth);
      default:
        return pick(random, TEXTS)
          .slice(0, schema.maxLength ?? 1000)
          .padEnd(schema.minLength ?? 0, 'x');
    }
  }

  #object(schema: JsonSchema, depth: number): object {
    const random = this.#random;
    const required = new Set([...(schema.required ?? []), ...(depth === 0 ? this.#form.required : [])]);
    const left = new Set<string>();
    for (const { fields, isRequired } of this.#form.exclusive) {
      const there = fields.filter((field) => Object.hasOwn(schema.properties ?? {}, field));
      if (there.length < 2) continue;
      const chosen = pick(random, there);
      if (isRequired) required.add(chosen);
      for (const field of there) if (field !== chosen) left.add(field);
    }
    // A field that may be anything is one that is refused by name.
    const fields = Object.entries(schema.properties ?? {}).filter(([, of]) => Object.keys(of).length > 0);
    // Few of many optional fields, so that most bodies go all the way.
    const share = fields.length > 8 ? Math.min(0.9, (6 * random() ** 2) / fields.length) : 0.6;
    const entries = fields
      .filter(([field]) => !left.has(field))
      .filter(([field]) => required.has(field) || Object.hasOwn(SHORT, field) || random() < share)
      .map(([field, of]) => [field, this.value(of, field, depth + 1)] as const);
    return Object.fromEntries(entries);
  }
}

function number(random: Random, { minimum, exclusiveMinimum, maximum }: JsonSchema): number {
  const least = Math.max(minimum ?? exclusiveMinimum ?? 0, -1000);
  const most = Math.min(maximum ?? 10, 1000);
  const at = random();
  if (at < 0.1) return minimum ?? 0;
  if (at < 0.2) return maximum ?? most;
  return least + random() * Math.max(0, most - least);
}

/** The body's text, sometimes no longer JSON. */
export function damaged(random: Random, text: string): string | Uint8Array {
  const at = Math.floor(random() * text.length);
  return pick<() => string | Uint8Array>(random, [
    () => text.slice(0, at),
    () =>
      text.slice(0, at) +
      pick(random, ['\0', '"', '}', ']', ',', '\\', '\\ud800', '1e999', '//']) +
      text.slice(at),
    () => `${text}${text}`,
    () => `\ufeff${text}`,
    () => '['.repeat(100_000),
    () => `{"__proto__": ${text}}`,
    () => text.replace(/"/g, "'"),
    () => Uint8Array.from(new TextEncoder().encode(text), (byte, i) => (i === at ? 0xff : byte)),
    () => '',
    () => '1e400',
    () => `{"messages": ${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
  ])();
}

/** The body with one to three changes anywhere in it: what is there goes, or becomes what nobody expects. */
export function mutated(random: Random, body: unknown): unknown {
  let changed = body;
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) changed = changedOnce(random, changed);
  return changed;
}

function changedOnce(random: Random, body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return pick(random, HOSTILE)(random);
  const keys = Object.keys(body);
  if (keys.length === 0 || random() < 0.03) return pick(random, HOSTILE)(random);
  const key = pick(random, keys);
  const copy = (Array.isArray(body) ? [...body] : { ...body }) as Record<string, unknown>;
  // Half of the ways lead further in where there is a further in.
  const inner = copy[key];
  if (typeof inner === 'object' && inner !== null && random() < 0.5) copy[key] = changedOnce(random, inner);
  else CHANGES[Math.floor(random() * CHANGES.length)](random, copy, key, keys);
  return Array.isArray(body) ? Object.values(copy) : copy;
}

type Change = (random: Random, body: Record<string, unknown>, key: string, keys: readonly string[]) => void;

const CHANGES: readonly Change[] = [
  (random, body, key) => {
    body[key] = pick(random, HOSTILE)(random);
  },
  (random, body, key) => {
    body[key] = pick(random, HOSTILE)(random);
  },
  (_random, body, key) => {
    delete body[key];
  },
  (random, body, key, keys) => {
    body[key] = body[pick(random, keys)];
  },
  (_random, body, key) => {
    body[key] = [body[key]];
  },
  (random, body) => {
    body[pick(random, ['constructor', 'toString', '', '\0', 'x'.repeat(1000), 'functions', 'images'])] = 1;
  },
];
