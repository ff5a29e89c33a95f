// Schemas of xgrammar's tests. Its labels depend on options that ours cannot state (fixed separators, no undeclared
// properties), so a label counts only where JSON Schema itself, as ajv has it, says the same.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Judgement } from '../case.js';
import type { Adapter } from './adapter.js';

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
    const validates = validator(schema);
    const judged = tests.filter(({ text, valid }) => validates(text) === valid);
    const propertyOrder = options.any_order ? 'any' : 'schema';
    const judgements: Judgement[] = judged.map(({ text, valid }) => ({
      expect: valid ? 'accept' : 'reject',
      text,
    }));
    // What xgrammar refuses to compile need not be at fault.
    const unjudged = tests.length - judged.length + (expect_error === undefined ? 0 : 1);
    return [
      { id, kind: 'xgrammar-schema', source: { schema }, options: { propertyOrder }, judgements, unjudged },
    ];
  },
};

/** Whether a text is JSON that satisfies the schema; undefined where ajv cannot say. */
function validator(schema: string): (text: string) => boolean | undefined {
  try {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
    const validate = ajv.compile(JSON.parse(schema));
    return (text) => {
      try {
        return validate(JSON.parse(text));
      } catch {
        return false;
      }
    };
  } catch {
    return () => undefined;
  }
}
