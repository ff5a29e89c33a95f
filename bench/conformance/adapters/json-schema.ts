// JSON-Schema-Test-Suite rows: one schema with instances, in the draft that the row names.
import { memberOf, parseRaw } from '../raw-json.js';
import { inSchemaOrder } from '../schema-order.js';
import type { Adapter } from './adapter.js';
import { metaschemas } from './metaschemas.js';

interface JsonSchemaRow {
  readonly id: string;
  readonly draft: string;
  readonly class: string;
  readonly schema_text: string;
  readonly format_assertion?: boolean;
  readonly tests: readonly { readonly text: string; readonly valid: boolean; readonly description: string }[];
}

const dialects: Readonly<Record<string, string>> = {
  draft4: 'http://json-schema.org/draft-04/schema#',
  draft6: 'http://json-schema.org/draft-06/schema#',
  draft7: 'http://json-schema.org/draft-07/schema#',
  'draft2019-09': 'https://json-schema.org/draft/2019-09/schema',
  'draft2020-12': 'https://json-schema.org/draft/2020-12/schema',
};

export const jsonSchema: Adapter = {
  name: 'json-schema',
  reads: (row) => 'schema_text' in row && 'draft' in row,
  cases: (row, _line, { order, propertyOrder, documents }) => {
    const {
      id,
      draft,
      class: kind,
      schema_text: schema,
      tests,
      format_assertion,
    } = row as unknown as JsonSchemaRow;
    return [
      {
        id,
        kind,
        source: { schema: inDialect(schema, draft) },
        options: {
          formats: format_assertion ? 'enforce' : 'annotate',
          // A group of its own tests what draft 7 leaves open.
          ...(id.startsWith('draft7/optional/content/') ? { content: 'enforce' } : {}),
          ...(propertyOrder ? { propertyOrder } : {}),
          // A row that names no document needs none; the others are quick to send and many.
          ...(/"https?:|\$schema/.test(schema) ? { documents: { ...metaschemas(), ...documents } } : {}),
        },
        judgements: tests.map(({ text, valid, description }) => ({
          expect: valid ? 'accept' : 'reject',
          text: order === 'schema' ? inSchemaOrder(text, schema) : text,
          note: description,
        })),
        unjudged: 0,
      },
    ];
  },
};

/** The schema with its dialect stated, where it is an object that does not state one. */
function inDialect(schema: string, draft: string): string {
  const root = parseRaw(schema);
  const dialect = dialects[draft];
  if (dialect === undefined) throw new Error(`unknown draft ${draft}`);
  if (root.kind !== 'object' || memberOf(root, '$schema')) return schema;
  const rest = schema.trimStart().slice(1);
  return `{"$schema":${JSON.stringify(dialect)}${root.members.length > 0 ? ',' : ''}${rest}`;
}
