// Metadata by key. A key of the architecture that nobody has read when all is done is refused by name: what it does to the
// logits cannot be known (as of config.json, families/config-reader.ts).
import { ModelError } from '../../errors.js';
import type { GgufFile, GgufScalar, GgufValue } from './reader.js';

export class Metadata {
  readonly path: string;
  readonly #values: ReadonlyMap<string, GgufValue>;
  readonly #read = new Set<string>();

  constructor({ path, metadata }: Pick<GgufFile, 'path' | 'metadata'>) {
    this.path = path;
    this.#values = metadata;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  value(key: string): GgufValue | undefined {
    this.#read.add(key);
    return this.#values.get(key);
  }

  /** @throws ModelError `config_invalid`, here and below where the value is of another kind */
  number(key: string): number | undefined {
    const value = this.value(key);
    if (value !== undefined && (typeof value !== 'number' || !Number.isFinite(value)))
      throw this.invalid(key, 'must be one number', value);
    return value;
  }

  needed(key: string): number {
    const value = this.number(key);
    if (value === undefined) throw this.invalid(key, 'is needed', undefined);
    return value;
  }

  text(key: string): string | undefined {
    const value = this.value(key);
    if (value !== undefined && typeof value !== 'string') throw this.invalid(key, 'must be a text', value);
    return value;
  }

  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (value !== undefined && typeof value !== 'boolean')
      throw this.invalid(key, 'must be true or false', value);
    return value;
  }

  list<T extends GgufScalar>(
    key: string,
    what: string,
    isItem: (item: GgufScalar) => item is T,
  ): T[] | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || !value.every(isItem))
      throw this.invalid(key, `must be a list of ${what}`, value);
    return value as T[];
  }

  /** The value must be one of these, where it is there. @throws ModelError `unsupported_config` */
  one(key: string, ...allowed: readonly GgufScalar[]): void {
    const value = this.value(key);
    if (value !== undefined && !allowed.includes(value as GgufScalar))
      throw this.unsupported(key, value, `supported: ${allowed.join(', ')}`);
  }

  /** Refuses what stands under this prefix and nobody has read. @throws ModelError `unsupported_config` */
  finish(prefix: string): void {
    for (const [key, value] of this.#values)
      if (key.startsWith(prefix) && !this.#read.has(key))
        throw this.unsupported(key, value, 'it may change what the model computes');
  }

  invalid(key: string, reason: string, found: unknown): ModelError {
    return new ModelError('config_invalid', `${this.path}: '${key}' ${reason}, found ${shortText(found)}`);
  }

  unsupported(key: string, value: unknown, reason: string): ModelError {
    return new ModelError(
      'unsupported_config',
      `${this.path}: '${key}' = ${shortText(value)} is not supported; ${reason}`,
    );
  }
}

function shortText(value: unknown): string {
  const shown: unknown = Array.isArray(value) ? value.slice(0, 20) : value;
  const text = JSON.stringify(shown, (_, item) => (typeof item === 'bigint' ? String(item) : item));
  return text === undefined ? 'nothing' : text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

export const isText = (item: GgufScalar): item is string => typeof item === 'string';
export const isNumber = (item: GgufScalar): item is number =>
  typeof item === 'number' && Number.isFinite(item);
