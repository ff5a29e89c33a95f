// JSON as the front end reads it: objects keep the order of their text (Map), numbers are exact (Decimal).
// Made from a JavaScript value here, from JSON text in json-text.ts; everything after reads only this form.
import { CompileError, LimitError } from '../../errors.js';
import { Decimal } from './decimal.js';

export type JsonObject = ReadonlyMap<string, Json>;
export type Json = null | boolean | string | Decimal | readonly Json[] | JsonObject;

export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxSchemaNodes: number;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Names the JSON type of a value, for messages. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  if (value instanceof Decimal) return value.isInteger ? 'integer' : 'number';
  if (isArray(value)) return 'array';
  if (isObject(value)) return 'object';
  return typeof value;
}

/** Escapes a property name for a JSON pointer (RFC 6901). */
export function pointerToken(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}

/** Writes a value as compact JSON, cut to about `length` characters, for messages. */
export function preview(value: Json, length = 40): string {
  const text = stringify(value, length);
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function stringify(value: Json, budget: number): string {
  if (budget <= 0) return '';
  if (value instanceof Decimal) return value.toString();
  if (isArray(value)) {
    let text = '[';
    for (const item of value) {
      if (text.length > budget) return text;
      text += (text === '[' ? '' : ',') + stringify(item, budget - text.length);
    }
    return `${text}]`;
  }
  if (isObject(value)) {
    let text = '{';
    for (const [name, member] of value) {
      if (text.length > budget) return text;
      text += `${text === '{' ? '' : ','}${JSON.stringify(name)}:${stringify(member, budget - text.length)}`;
    }
    return `${text}}`;
  }
  return JSON.stringify(value);
}

/** The name of a member or the position of an item on the way to a value. */
export type PathStep = string | number;

function pointerTo(path: readonly PathStep[]): string {
  let pointer = '';
  for (const step of path) pointer += `/${pointerToken(String(step))}`;
  return pointer;
}

/** Counts values and depth while a document is read; both readers stop at the same limits. */
export class JsonBudget {
  readonly #limits: JsonLimits;
  #nodes = 0;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  /** @throws LimitError when the document is deeper or larger than the limits. */
  enter(path: readonly PathStep[]): void {
    const { maxDepth, maxSchemaNodes } = this.#limits;
    if (path.length > maxDepth) {
      throw new LimitError('maxDepth', maxDepth, 'the schema is nested too deeply', {
        pointer: pointerTo(path),
      });
    }
    if (++this.#nodes > maxSchemaNodes) {
      const pointer = pointerTo(path);
      throw new LimitError('maxSchemaNodes', maxSchemaNodes, 'the schema has too many values', { pointer });
    }
  }
}

/**
 * Copies a JavaScript value, as JSON.parse would return it, into the exact form. Members that are undefined are
 * left out, as JSON.stringify does. A number stands for the decimal that JSON.stringify writes.
 * @throws CompileError `invalid_schema` for a value that JSON cannot state; LimitError for one too deep or large.
 */
export function fromJavaScript(value: unknown, limits: JsonLimits): Json {
  return copy(value, [], new JsonBudget(limits));
}

/** Made by `{}`, JSON.parse or Object.create(null), in any realm; not a Map, a Date or another class's object. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function copy(value: unknown, path: PathStep[], budget: JsonBudget): Json {
  budget.enter(path);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return Decimal.of(value);
  if (typeof value === 'bigint') return Decimal.parse(String(value))!;
  if (Array.isArray(value)) {
    return value.map((item, index) => copyAt(index, item, path, budget));
  }
  if (typeof value === 'object' && isPlainObject(value)) {
    const members = new Map<string, Json>();
    for (const name of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined) continue;
      members.set(name, copyAt(name, member, path, budget));
    }
    return members;
  }
  const found =
    typeof value === 'object'
      ? `a ${value.constructor?.name ?? 'class'} object`
      : typeof value === 'number'
        ? String(value)
        : typeof value;
  throw new CompileError('invalid_schema', `a schema is made of JSON values, but this is ${found}`, {
    pointer: pointerTo(path),
  });
}

function copyAt(step: PathStep, value: unknown, path: PathStep[], budget: JsonBudget): Json {
  path.push(step);
  const copied = copy(value, path, budget);
  path.pop();
  return copied;
}
