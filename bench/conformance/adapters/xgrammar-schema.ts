// Schemas of xgrammar's tests. Its labels depend on options that ours cannot state: fixed separators, no undeclared
// properties.
import { type Adapter, labelled } from './adapter.js';
import { confirmed } from './schema-verdict.js';

interface XgrammarRow {
  readonly id: string;
  readonly schema_text: string;
  readonly options: { readonly any_order?: boolean };
  readonly tests: readonly { readonly text: string; readonly valid: boolean }[];
  readonly expect_error?: string;
}

export const xgrammarSchema: Adapter = {
  name: 'xgrammar-schema',
  reads: (row) => 'schema_text' in row && 'options' in row,
  cases: (row) => {
    const { id, schema_text: schema, tests, options, expect_error } = row as unknown as XgrammarRow;
    const judged = confirmed(schema, tests);
    const propertyOrder = options.any_order ? 'any' : 'schema';
    const judgements = labelled(judged, ({ valid }) => valid);
    // What xgrammar refuses to compile need not be at fault.
    const unjudged = tests.length - judged.length + (expect_error === undefined ? 0 : 1);
    return [
      { id, kind: 'xgrammar-schema', source: { schema }, options: { propertyOrder }, judgements, unjudged },
    ];
  },
};
