// Schemas of llama.cpp's and llguidance's tests: schema text and texts with a label. Some labels are llama.cpp's own limits:
// integers of sixteen digits at most, no undeclared properties, an array where `items` stands without a type.
import { type Adapter, labelled } from './adapter.js';
import { confirmed } from './schema-verdict.js';

interface LlamacppRow {
  readonly id: string;
  readonly schema_text: string;
  readonly tests: readonly { readonly text: string; readonly valid: boolean }[];
}

export const llamacppSchema: Adapter = {
  name: 'llamacpp-llguidance-schema',
  reads: (row) => 'schema_text' in row && !('draft' in row) && !('options' in row),
  cases: (row) => {
    const { id, schema_text: schema, tests } = row as unknown as LlamacppRow;
    const judged = confirmed(schema, tests);
    const judgements = labelled(judged, ({ valid }) => valid);
    const unjudged = tests.length - judged.length;
    return [{ id, kind: 'llamacpp-llguidance-schema', source: { schema }, judgements, unjudged }];
  },
};
