// Goes over the keywords of one schema before it is used: refuses by name what cannot be enforced, and lists the
// annotations that people mistake for assertions. Keywords that restrict nothing where they stand are let pass.
import { allowedTypes } from './assertions.js';
import { Decimal } from './decimal.js';
import type { SchemaNode } from './document.js';
import type { Findings } from './findings.js';
import { isArray, isObject, type Json, type JsonObject } from './json-value.js';
import { roleOf, VALIDATION_VOCABULARY } from './keywords.js';

/** Keywords that restrict one type only. */
const TYPE_OF_KEYWORD: ReadonlyMap<string, string> = new Map([
  ['patternProperties', 'object'],
  ['propertyNames', 'object'],
  ['minProperties', 'object'],
  ['maxProperties', 'object'],
  ['dependencies', 'object'],
  ['dependentRequired', 'object'],
  ['dependentSchemas', 'object'],
  ['unevaluatedProperties', 'object'],
  ['uniqueItems', 'array'],
  ['contains', 'array'],
  ['minContains', 'array'],
  ['maxContains', 'array'],
  ['unevaluatedItems', 'array'],
  ['multipleOf', 'number'],
]);

const LISTED_ANNOTATIONS: ReadonlySet<string> = new Set([
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
]);

/**
 * Returns the keywords that have no effect: those of another draft than the schema's, and of a vocabulary that its
 * metaschema leaves out, which become annotations; and those that lenient findings let pass without being enforced.
 * @throws CompileError `unsupported_keyword` for a keyword that cannot be enforced, unless findings are lenient.
 */
export function reviewKeywords(node: SchemaNode, findings: Findings): ReadonlySet<string> {
  const { schema, pointer } = node;
  const { draft } = node.resource;
  const ignored = new Set<string>();
  for (const [name, value] of schema) {
    const isOff = !node.resource.dialect.validates && VALIDATION_VOCABULARY.has(name);
    const role = isOff ? 'other-draft' : roleOf(name, draft);
    if (role === 'refused') {
      if (restrictsNothing(name, value, node)) continue;
      findings.refuse(pointer, name, 'is not supported');
      ignored.add(name);
    } else if (role === 'other-draft') {
      findings.annotate(pointer, name);
      ignored.add(name);
    } else if (LISTED_ANNOTATIONS.has(name)) findings.annotate(pointer, name);
  }
  return ignored;
}

function restrictsNothing(name: string, value: Json, node: SchemaNode): boolean {
  const type = TYPE_OF_KEYWORD.get(name);
  if (type !== undefined) {
    const allowed = allowedTypes(node);
    if (!allowed.has(type) && !(type === 'number' && allowed.has('integer'))) return true;
  }
  return isNeutral(name, value, node.schema);
}

function isNeutral(name: string, value: Json, schema: JsonObject): boolean {
  switch (name) {
    case 'uniqueItems':
      return value === false || atMost(schema.get('maxItems'), 1);
    case 'minContains':
    case 'maxContains':
      return !schema.has('contains');
    case 'then':
    case 'else':
      return !schema.has('if');
    case 'if':
      return !schema.has('then') && !schema.has('else');
    case 'minProperties':
      return atMost(value, 0);
    case 'propertyNames':
    case 'unevaluatedProperties':
    case 'unevaluatedItems':
      return value === true || (isObject(value) && value.size === 0);
    case 'patternProperties':
    case 'dependencies':
    case 'dependentSchemas':
      return isObject(value) && value.size === 0;
    case 'dependentRequired':
      return isObject(value) && [...value.values()].every((names) => isArray(names) && names.length === 0);
    default:
      return false;
  }
}

function atMost(value: Json | undefined, limit: number): boolean {
  return value instanceof Decimal && value.toNumber() <= limit;
}
