// The metaschemas of the drafts, as documents for the schemas that refer to them. Those from draft 6 on come with ajv; draft
// 4's, which no package here carries, is draft 6's with the differences between the two drafts undone.
import { createRequire } from 'node:module';

type Document = Readonly<Record<string, unknown>>;

const require = createRequire(import.meta.url);
let loaded: Readonly<Record<string, Document>> | undefined;

/** All metaschemas by URL, without the empty fragment. */
export function metaschemas(): Readonly<Record<string, Document>> {
  loaded ??= load();
  return loaded;
}

const VOCABULARIES = [
  'applicator',
  'content',
  'core',
  'format',
  'format-annotation',
  'meta-data',
  'unevaluated',
  'validation',
];

function load(): Readonly<Record<string, Document>> {
  const names = ['draft-06', 'draft-07', '2019-09/schema', '2020-12/schema'];
  for (const year of ['2019-09', '2020-12'])
    for (const part of VOCABULARIES) names.push(`${year}/meta/${part}`);
  const found: Record<string, Document> = {};
  for (const name of names) {
    try {
      const schema = require(`ajv/dist/refs/json-schema-${name}.json`) as { readonly $id: string };
      found[schema.$id.replace(/#$/, '')] = schema;
    } catch {
      // Not every year has every part.
    }
  }
  const draft6 = found['http://json-schema.org/draft-06/schema'];
  return { ...found, 'http://json-schema.org/draft-04/schema': draft4Metaschema(draft6) };
}

/** What draft 6 added. */
const NEW_IN_DRAFT_6 = new Set(['$id', '$ref', 'examples', 'contains', 'propertyNames', 'const']);

/**
 * Draft 4: `id`; no boolean schemas, but true and false for additional items and properties; exclusive bounds are booleans
 * beside the bound; `required` and lists of dependencies name a property at least; no default for lists.
 */
function draft4Metaschema(draft6: Document): Document {
  const later = draft6.properties as Document;
  const definitions = draft6.definitions as Document;
  const properties = Object.fromEntries(Object.entries(later).filter(([name]) => !NEW_IN_DRAFT_6.has(name)));
  const booleanOrSchema = { anyOf: [{ type: 'boolean' }, { $ref: '#' }], default: {} };
  const uri = 'http://json-schema.org/draft-04/schema#';
  return {
    ...without(draft6, '$id'),
    id: uri,
    $schema: uri,
    type: 'object',
    definitions: {
      ...definitions,
      stringArray: { ...without(definitions.stringArray as Document, 'default'), minItems: 1 },
    },
    properties: {
      id: { type: 'string' },
      ...properties,
      $schema: { type: 'string' },
      multipleOf: { type: 'number', minimum: 0, exclusiveMinimum: true },
      exclusiveMaximum: { type: 'boolean' },
      exclusiveMinimum: { type: 'boolean' },
      additionalItems: booleanOrSchema,
      additionalProperties: booleanOrSchema,
    },
    dependencies: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
  };
}

function without(object: Document, name: string): Document {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}
