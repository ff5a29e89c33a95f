// The RFC 8259 corpus: texts that are JSON and texts that are not, judged with the schema that allows every value.
import type { Judgement } from '../case.js';
import type { Adapter } from './adapter.js';

interface JsonTextRow {
  readonly id: string;
  readonly expect: 'accept' | 'reject' | 'implementation-defined' | 'transform';
  readonly base64: string;
}

export const jsonText: Adapter = {
  name: 'json-text',
  reads: (row) => 'expect' in row && 'base64' in row,
  cases: (row) => {
    const { id, expect, base64 } = row as unknown as JsonTextRow;
    const text = new Uint8Array(Buffer.from(base64, 'base64'));
    const judgements: Judgement[] = expect === 'accept' || expect === 'reject' ? [{ expect, text }] : [];
    return [
      {
        id,
        kind: 'json-text',
        source: { schema: true },
        options: { surroundingWhitespace: true },
        judgements,
        unjudged: 1 - judgements.length,
      },
    ];
  },
};
