// The schema of one argument, read far enough to know which kinds of values it admits: strings are written as they are
// between tags, other values as JSON. What cannot be split into kinds is refused by name.
import { CompileError } from '../../errors.js';
import type { ValueKind } from './parameter-styles.js';

/** One kind of value that a schema admits. */
export type ValueAlternative =
  /** Any value, in whatever spelling. */
  | { readonly kind: 'any' }
  /** This string. */
  | { readonly kind: 'text'; readonly text: string }
  /** Strings by the keywords of `schema`. */
  | { readonly kind: 'string'; readonly schema: JsonObject; readonly pointer: string }
  /** Values of another type by `schema`. */
  | {
      readonly kind: Exclude<ValueKind, 'string'>;
      readonly schema: JsonObject;
      readonly pointer: string;
    };

export type JsonObject = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about the value. */
const REMARKS = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
];
const DEFINITIONS = ['$defs', 'definitions', '$schema', '$id', '$anchor'];
const TYPES = ['string', 'integer', 'number', 'boolean', 'null', 'object', 'array'];
/** Following more references than this in a row is going in circles. */
const MAX_REFERENCES = 50;

/** Keywords of `schema` that are none of `known` and no remarks. */
export function otherKeywords(schema: JsonObject, known: readonly string[]): string[] {
  return Object.keys(schema).filter(
    (keyword) => !known.includes(keyword) && !REMARKS.includes(keyword) && !DEFINITIONS.includes(keyword),
  );
}

export class ValueSchemas {
  readonly #root: unknown;
  readonly #rootPointer: string;

  constructor(root: unknown, rootPointer: string) {
    this.#root = root;
    this.#rootPointer = rootPointer;
  }

  /** The schema that `schema` stands for, when it is only a reference. */
  resolve(schema: unknown, pointer: string): { schema: unknown; pointer: string } {
    let [at, where] = [schema, pointer];
    for (let count = 0; isObject(at) && typeof at.$ref === 'string'; count++) {
      const others = otherKeywords(at, ['$ref']);
      if (others.length > 0)
        throw refused(where, others[0], `'${others[0]}' beside '$ref' is not supported here`);
      if (count > MAX_REFERENCES) throw refused(where, '$ref', 'these references go in circles');
      const reference = at.$ref;
      at = this.#find(reference, `${where}/$ref`);
      where = `${this.#rootPointer}${reference.slice(1)}`;
    }
    return { schema: at, pointer: where };
  }

  /**
   * The kinds of values that `schema` admits; none for `false`.
   * @throws CompileError `unsupported_keyword`, `invalid_schema`, `unresolved_reference`
   */
  alternatives(written: unknown, at: string, depth = 0): ValueAlternative[] {
    const { schema, pointer } = this.resolve(written, at);
    if (typeof schema === 'boolean') return schema ? [{ kind: 'any' }] : [];
    if (!isObject(schema)) throw new CompileError('invalid_schema', 'expected a schema', { pointer });
    if (depth > MAX_REFERENCES) throw refused(pointer, 'anyOf', 'these alternatives nest too deeply');
    if ('const' in schema || 'enum' in schema) return this.#values(schema, pointer);
    if ('anyOf' in schema) {
      refuseOthers(schema, ['anyOf'], pointer);
      if (!Array.isArray(schema.anyOf))
        throw new CompileError('invalid_schema', 'expected a list', { pointer });
      return schema.anyOf.flatMap((option, i) =>
        this.alternatives(option, `${pointer}/anyOf/${i}`, depth + 1),
      );
    }
    if (!('type' in schema)) {
      refuseOthers(schema, [], pointer);
      return [{ kind: 'any' }];
    }
    const types: readonly unknown[] = Array.isArray(schema.type) ? schema.type : [schema.type];
    return types.map((type) => alternativeOf(type, schema, pointer));
  }

  #values(schema: JsonObject, pointer: string): ValueAlternative[] {
    refuseOthers(schema, ['const', 'enum', 'type'], pointer);
    if ('const' in schema && 'enum' in schema)
      throw refused(pointer, 'enum', "'enum' beside 'const' is not supported");
    const values: readonly unknown[] = 'const' in schema ? [schema.const] : asList(schema.enum, pointer);
    const types = schema.type === undefined ? undefined : [schema.type].flat();
    return values
      .filter((value) => types === undefined || typesOf(value).some((type) => types.includes(type)))
      .map((value): ValueAlternative => {
        if (typeof value === 'string') return { kind: 'text', text: value };
        const kind = typesOf(value)[0] as Exclude<ValueKind, 'string'>;
        return { kind, schema: { const: value }, pointer };
      });
  }

  #find(reference: string, pointer: string): unknown {
    let at: unknown = this.#root;
    const steps = reference === '#' ? [] : reference.split('/').slice(1);
    const isLocal = reference === '#' || reference.startsWith('#/');
    for (const step of isLocal ? steps : []) {
      const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      at = isObject(at) || Array.isArray(at) ? (at as JsonObject)[name] : undefined;
    }
    if (!isLocal || at === undefined)
      throw new CompileError('unresolved_reference', `'${reference}' refers to no part of the schema`, {
        pointer,
        keyword: '$ref',
      });
    return at;
  }
}

function alternativeOf(type: unknown, schema: JsonObject, pointer: string): ValueAlternative {
  if (typeof type !== 'string' || !TYPES.includes(type))
    throw new CompileError('invalid_schema', `${JSON.stringify(type)} is no type`, {
      pointer: `${pointer}/type`,
    });
  if (type === 'string') return { kind: 'string', schema, pointer };
  const kind = type === 'integer' ? 'number' : (type as Exclude<ValueKind, 'string'>);
  return { kind, schema: { ...schema, type }, pointer };
}

/** The types of a value, the widest first. */
function typesOf(value: unknown): string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['number', 'integer'] : ['number'];
  return [typeof value];
}

function asList(value: unknown, pointer: string): readonly unknown[] {
  if (!Array.isArray(value))
    throw new CompileError('invalid_schema', 'expected a list', { pointer: `${pointer}/enum` });
  return value;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws CompileError `unsupported_keyword` for a keyword that is not `known` */
export function refuseOthers(schema: JsonObject, known: readonly string[], pointer: string): void {
  const [other] = otherKeywords(schema, known);
  if (other !== undefined) throw refused(pointer, other, `'${other}' is not supported here, between tags`);
}

export function refused(pointer: string, keyword: string, message: string): CompileError {
  return new CompileError('unsupported_keyword', message, { pointer: `${pointer}/${keyword}`, keyword });
}
