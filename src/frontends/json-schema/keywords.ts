// The keywords of every draft: which drafts define each, what its value must look like, and what becomes of it.
// One table, read by the checks (shape.ts of a schema), the walk over subschemas, and the refusals by name.
import { CompileError } from '../../errors.js';
import { Decimal } from './decimal.js';
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  pointerToken,
  preview,
  typeName,
} from './json-value.js';

/** A draft of the specification: 4, 6, 7, 2019 (2019-09) or 2020 (2020-12). */
export type Draft = 4 | 6 | 7 | 2019 | 2020;

type ValueKind =
  | 'any'
  | 'boolean'
  | 'string'
  | 'number'
  | 'positive'
  | 'count'
  | 'bound'
  | 'type'
  | 'array'
  | 'strings'
  | 'schema'
  | 'schemas'
  | 'schema-or-schemas'
  | 'schema-map'
  | 'dependencies'
  | 'strings-map';

/** `asserts`: enforced here; `refused`: asserts in some draft and is not supported; `notes`: never restricts. */
type Role = 'asserts' | 'refused' | 'notes';

interface Keyword {
  readonly value: ValueKind;
  readonly role: Role;
  readonly since: Draft;
  readonly until: Draft;
}

function keyword(value: ValueKind, role: Role, since: Draft = 4, until: Draft = 2020): Keyword {
  return { value, role, since, until };
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ['$ref', keyword('string', 'asserts')],
  ['$defs', keyword('schema-map', 'notes')],
  ['definitions', keyword('schema-map', 'notes')],
  ['type', keyword('type', 'asserts')],
  ['enum', keyword('array', 'asserts')],
  ['const', keyword('any', 'asserts', 6)],
  ['allOf', keyword('schemas', 'asserts')],
  ['anyOf', keyword('schemas', 'asserts')],
  ['oneOf', keyword('schemas', 'asserts')],
  ['not', keyword('schema', 'asserts')],
  ['if', keyword('schema', 'asserts', 7)],
  ['then', keyword('schema', 'asserts', 7)],
  ['else', keyword('schema', 'asserts', 7)],
  ['properties', keyword('schema-map', 'asserts')],
  ['required', keyword('strings', 'asserts')],
  ['additionalProperties', keyword('schema', 'asserts')],
  ['patternProperties', keyword('schema-map', 'asserts')],
  ['propertyNames', keyword('schema', 'asserts', 6)],
  ['minProperties', keyword('count', 'asserts')],
  ['maxProperties', keyword('count', 'asserts')],
  ['dependencies', keyword('dependencies', 'asserts')],
  ['dependentRequired', keyword('strings-map', 'asserts', 2019)],
  ['dependentSchemas', keyword('schema-map', 'asserts', 2019)],
  ['unevaluatedProperties', keyword('schema', 'asserts', 2019)],
  ['items', keyword('schema-or-schemas', 'asserts')],
  ['prefixItems', keyword('schemas', 'asserts', 2020)],
  ['additionalItems', keyword('schema', 'asserts', 4, 2019)],
  ['minItems', keyword('count', 'asserts')],
  ['maxItems', keyword('count', 'asserts')],
  ['uniqueItems', keyword('boolean', 'asserts')],
  ['contains', keyword('schema', 'asserts', 6)],
  ['minContains', keyword('count', 'asserts', 2019)],
  ['maxContains', keyword('count', 'asserts', 2019)],
  ['unevaluatedItems', keyword('schema', 'asserts', 2019)],
  ['minLength', keyword('count', 'asserts')],
  ['maxLength', keyword('count', 'asserts')],
  ['pattern', keyword('string', 'asserts')],
  ['format', keyword('string', 'asserts')],
  ['minimum', keyword('number', 'asserts')],
  ['maximum', keyword('number', 'asserts')],
  ['exclusiveMinimum', keyword('bound', 'asserts')],
  ['exclusiveMaximum', keyword('bound', 'asserts')],
  ['multipleOf', keyword('positive', 'asserts')],
  ['$recursiveRef', keyword('string', 'asserts', 2019, 2019)],
  ['$dynamicRef', keyword('string', 'asserts', 2020)],
  ['contentEncoding', keyword('string', 'notes', 7)],
  ['contentMediaType', keyword('string', 'notes', 7)],
  ['contentSchema', keyword('any', 'notes', 2019)],
]);

/** Keywords of draft 3 and before that restrict values; no later draft knows them. */
const HISTORIC: ReadonlySet<string> = new Set(['extends', 'disallow', 'divisibleBy']);

/** Keywords of the vocabulary for validation, which a metaschema may leave out. */
const VALIDATION: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxContains',
  'minContains',
  'maxProperties',
  'minProperties',
  'required',
  'dependentRequired',
]);

export function isValidation(name: string): boolean {
  return VALIDATION.has(name);
}

/** What a keyword is to a schema of this draft. */
export function roleOf(name: string, draft: Draft | undefined): Role | 'unknown' | 'other-draft' {
  const entry = KEYWORDS.get(name);
  if (!entry) return HISTORIC.has(name) ? 'other-draft' : 'unknown';
  if (entry.role !== 'notes' && draft !== undefined && (draft < entry.since || draft > entry.until)) {
    return 'other-draft';
  }
  return entry.role;
}

/** True for keywords that neither restrict a value nor are reported: definitions, titles, names of no draft. */
export function isInert(name: string): boolean {
  return name === '$defs' || name === 'definitions' || (!KEYWORDS.has(name) && !HISTORIC.has(name));
}

/** The draft that a `$schema` URI names; undefined where it names none that is known here. */
export function draftOf(uri: string): Draft | undefined {
  const parts = /^https?:\/\/json-schema\.org\/(?:draft-0([467])|draft\/(2019-09|2020-12))\/schema#?$/.exec(
    uri,
  );
  if (!parts) return undefined;
  if (parts[2]) return parts[2] === '2019-09' ? 2019 : 2020;
  return Number(parts[1]) as Draft;
}

/** The name of a draft as people write it. */
export function draftName(draft: Draft): string {
  return draft === 2019 ? '2019-09' : draft === 2020 ? '2020-12' : `draft-0${draft}`;
}

/** Where the subschemas of a keyword's value are: the value itself, the items of a list, the members of an object. */
export function subschemasOf(name: string, value: Json): 'itself' | 'items' | 'members' | 'none' {
  switch (KEYWORDS.get(name)?.value) {
    case 'schema':
      return 'itself';
    case 'schemas':
      return isArray(value) ? 'items' : 'none';
    case 'schema-or-schemas':
      return isArray(value) ? 'items' : 'itself';
    case 'schema-map':
    case 'dependencies':
      return isObject(value) ? 'members' : 'none';
    default:
      return 'none';
  }
}

function mayHoldSubschemas(name: string): boolean {
  switch (KEYWORDS.get(name)?.value) {
    case 'schema':
    case 'schemas':
    case 'schema-or-schemas':
    case 'schema-map':
    case 'dependencies':
      return true;
    default:
      return false;
  }
}

/** Calls `visit` for each subschema that a keyword of `schema`, which stands at `pointer`, holds, with its own pointer. */
export function forEachSubschema(
  schema: JsonObject,
  pointer: string,
  visit: (subschema: Json, pointer: string) => void,
): void {
  for (const name of schema.keys()) {
    if (!mayHoldSubschemas(name)) continue;
    const value = schema.get(name)!;
    const where = subschemasOf(name, value);
    if (where === 'none') continue;
    const place = `${pointer}/${name}`;
    if (where === 'itself') {
      visit(value, place);
      continue;
    }
    const under = `${place}/`;
    if (where === 'items') {
      const items = value as readonly Json[];
      for (let index = 0; index < items.length; index++) visit(items[index], under + index);
    } else {
      for (const key of (value as JsonObject).keys()) {
        const member = (value as JsonObject).get(key)!;
        if (!isArray(member)) visit(member, under + pointerToken(key));
      }
    }
  }
}

/**
 * Checks that every known keyword of a schema object has a value of the right form.
 * @throws CompileError `invalid_schema` with the pointer of the value at fault.
 */
export function checkKeywords(schema: JsonObject, pointer: string): void {
  for (const [name, value] of schema) {
    const entry = KEYWORDS.get(name);
    if (!entry) continue;
    const expected = fault(entry.value, value);
    if (expected) {
      throw new CompileError(
        'invalid_schema',
        `'${name}' must be ${expected}, but is ${preview(value)} (${typeName(value)})`,
        { pointer: `${pointer}/${pointerToken(name)}`, keyword: name },
      );
    }
  }
}

/** A schema is an object or a boolean. */
export function isSchema(value: Json): boolean {
  return typeof value === 'boolean' || isObject(value);
}

export const TYPES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'array',
  'object',
]);

function fault(kind: ValueKind, value: Json): string | undefined {
  switch (kind) {
    case 'any':
      return undefined;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'string':
      return typeof value === 'string' ? undefined : 'a string';
    case 'number':
      return value instanceof Decimal ? undefined : 'a number';
    case 'bound':
      return value instanceof Decimal || typeof value === 'boolean' ? undefined : 'a number';
    case 'positive':
      return value instanceof Decimal && !value.negative && value.digits !== ''
        ? undefined
        : 'a number greater than 0';
    case 'count':
      return value instanceof Decimal && value.isInteger && !value.negative
        ? undefined
        : 'an integer of at least 0';
    case 'type':
      return isType(value) ? undefined : `one of ${[...TYPES].join(', ')}, or an array of these`;
    case 'array':
      return isArray(value) ? undefined : 'an array of values';
    case 'strings':
      return isStrings(value) ? undefined : 'an array of strings';
    case 'schema':
      return isSchema(value) ? undefined : 'a schema (an object or a boolean)';
    case 'schemas':
      return isSchemas(value) ? undefined : 'an array of at least one schema';
    case 'schema-or-schemas':
      return isSchema(value) || (isArray(value) && value.every(isSchema)) ? undefined : 'a schema';
    case 'schema-map':
      return isObject(value) && [...value.values()].every(isSchema)
        ? undefined
        : 'an object whose members are schemas';
    case 'dependencies':
      return isObject(value) && [...value.values()].every((member) => isSchema(member) || isStrings(member))
        ? undefined
        : 'an object whose members are schemas or arrays of strings';
    case 'strings-map':
      return isObject(value) && [...value.values()].every(isStrings)
        ? undefined
        : 'an object whose members are arrays of strings';
  }
}

function isType(value: Json): boolean {
  if (typeof value === 'string') return TYPES.has(value);
  return isArray(value) && value.every(isTypeName);
}

function isTypeName(value: Json): boolean {
  return typeof value === 'string' && TYPES.has(value);
}

function isText(value: Json): boolean {
  return typeof value === 'string';
}

function isStrings(value: Json): boolean {
  return isArray(value) && value.every(isText);
}

function isSchemas(value: Json): boolean {
  return isArray(value) && value.length > 0 && value.every(isSchema);
}
