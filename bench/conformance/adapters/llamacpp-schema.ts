// Schemas of llama.cpp's and llguidance's tests: schema text and texts with a label.
import { type Adapter, labelled } from './adapter.js';

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
    const judgements = labelled(tests, ({ valid }) => valid);
    return [{ id, kind: 'llamacpp-llguidance-schema', source: { schema }, judgements, unjudged: 0 }];
  },
};
