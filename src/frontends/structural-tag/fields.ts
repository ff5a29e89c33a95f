// One JSON object of a structural tag, field by field: every error says which field, where, and what it should be.
import { CompileError } from '../../errors.js';
import type { TokenName } from './formats.js';

/** The largest limit that the format's description knows. */
const MAX_COUNT = 2 ** 31 - 1;

export class Fields {
  readonly pointer: string;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();

  /** @throws CompileError `invalid_structural_tag` when `value` is no object */
  constructor(value: unknown, pointer: string) {
    this.pointer = pointer;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalid(pointer, 'expected an object');
    this.#object = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  /** JSON pointer of a field. */
  at(name: string): string {
    return `${this.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }

  value(name: string): unknown {
    this.#asked.add(name);
    return this.has(name) ? this.#object[name] : undefined;
  }

  required(name: string): unknown {
    const value = this.value(name);
    if (value === undefined) throw invalid(this.pointer, `the field '${name}' is missing`);
    return value;
  }

  string(name: string): string {
    const value = this.required(name);
    if (typeof value !== 'string') throw invalid(this.at(name), 'expected a string');
    return value;
  }

  nonEmptyString(name: string): string {
    const value = this.string(name);
    if (value === '') throw invalid(this.at(name), 'expected a string that is not empty');
    return value;
  }

  boolean(name: string, byDefault: boolean): boolean {
    const value = this.value(name) ?? byDefault;
    if (typeof value !== 'boolean') throw invalid(this.at(name), 'expected true or false');
    return value;
  }

  /** A whole number from 0 on; undefined where it is absent or null. */
  count(name: string): number | undefined {
    const value = this.value(name) ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_COUNT)
      throw invalid(this.at(name), `expected a whole number from 0 to ${MAX_COUNT}, or null`);
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.required(name);
    if (!Array.isArray(value)) throw invalid(this.at(name), 'expected a list');
    if (value.length === 0) throw invalid(this.at(name), 'expected a list that is not empty');
    return value;
  }

  /** Strings that are not empty; the list may be absent or empty. */
  strings(name: string): readonly string[] {
    const value = this.value(name) ?? [];
    if (!Array.isArray(value)) throw invalid(this.at(name), 'expected a list of strings');
    return value.map((item: unknown, i) => {
      if (typeof item !== 'string' || item === '')
        throw invalid(`${this.at(name)}/${i}`, 'expected a string that is not empty');
      return item;
    });
  }

  /** Tokens by id or text; the list may be absent or empty. */
  tokens(name: string): readonly TokenName[] {
    const value = this.value(name) ?? [];
    if (!Array.isArray(value)) throw invalid(this.at(name), 'expected a list of tokens');
    return value.map((item: unknown, i) => tokenName(item, `${this.at(name)}/${i}`));
  }

  /** Nothing is dropped silently: a field that nobody asked for is refused. */
  refuseOthers(): void {
    const unknown = Object.keys(this.#object).find((name) => !this.#asked.has(name));
    if (unknown !== undefined)
      throw new CompileError('unsupported_keyword', `there is no field '${unknown}' here`, {
        pointer: this.at(unknown),
        keyword: unknown,
      });
  }
}

/** A token by id or text. */
export function tokenName(value: unknown, pointer: string): TokenName {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT) return value;
  throw invalid(pointer, 'expected the id or the text of a token');
}

export function invalid(pointer: string, message: string): CompileError {
  return new CompileError('invalid_structural_tag', message, { pointer });
}
