// MaskBench rows: a schema from the wild with instances as JSON values, which become compact text in their own order.
import type { Judgement } from '../case.js';
import { memberOf, parseRaw, printRaw, type RawJson } from '../raw-json.js';
import { inSchemaOrder } from '../schema-order.js';
import type { Adapter } from './adapter.js';

interface MaskbenchRow {
  readonly name: string;
  readonly tests: readonly { readonly valid: boolean; readonly description?: string }[];
}

export const maskbench: Adapter = {
  name: 'maskbench',
  reads: (row) => 'schema' in row && 'features' in row && 'name' in row,
  cases: (row, line, { order, propertyOrder }) => {
    const { name, tests } = row as unknown as MaskbenchRow;
    const raw = parseRaw(line);
    const schema = printRaw(required(memberOf(raw, 'schema')));
    const rawTests = required(memberOf(raw, 'tests'));
    const judgements = tests.map(({ valid, description }, i): Judgement => {
      const data = rawTests.kind === 'array' ? memberOf(rawTests.items[i], 'data') : undefined;
      const text = printRaw(required(data));
      return {
        expect: valid ? 'accept' : 'reject',
        text: order === 'schema' ? inSchemaOrder(text, schema) : text,
        ...(description === undefined ? {} : { note: description }),
      };
    });
    // Names begin with the collection they come from: BFCL_java_0.json, Github_easy---o1.json, Kubernetes---….
    const kind = `maskbench/${name.split(/---|_/)[0]}`;
    return [
      {
        id: name,
        kind,
        source: { schema },
        options: propertyOrder ? { propertyOrder } : {},
        judgements,
        unjudged: 0,
      },
    ];
  },
};

function required(value: RawJson | undefined): RawJson {
  if (!value) throw new Error('a MaskBench row lacks its schema or data');
  return value;
}
