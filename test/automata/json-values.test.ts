// Keys of JSON values: equal exactly for equal values, whatever their spelling.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonValueKey } from '../../src/automata/json-values.js';

const key = (text: string) => jsonValueKey(new TextEncoder().encode(text));

describe('the key of a JSON value', () => {
  it('is one for all spellings of a value', () => {
    for (const spellings of [
      ['1', '1.0', '1e0', '10e-1', '0.1E+1', '1.00'],
      ['0', '-0', '0.0', '0e5'],
      ['-1200', '-1.2e3', '-0.12e4'],
      ['"a"', '"\\u0061"'],
      ['"😀"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"'],
      ['"/"', '"\\/"', '"\\u002f"'],
      ['{"a":1,"b":[2]}', '{"b":[2.0],"a":1}', '{"a":7,"b":[2],"a":1}'],
    ])
      expect(new Set(spellings.map(key)).size).toBe(1);
  });

  it('tells different values apart', () => {
    const texts = [
      ...['null', 'true', 'false', '""', '"null"', '0', '1', '10', '0.1', '"1"', '[]', '{}', '[[]]', '[{}]'],
      ...['[1,2]', '[12]', '["1,2"]', '{"a":1}', '{"a":[1]}', '{"a":{"b":1}}', '{"a":1,"b":1}', '["a",1]'],
      ...['"\\ud83d"', '1e999999', '1e-999999', '9007199254740993', '9007199254740992'],
    ];
    expect(new Set(texts.map(key)).size).toBe(texts.length);
  });

  it('agrees with JSON.parse on random pairs', () => {
    const canonical = (value: unknown): string =>
      JSON.stringify(value, (_, inner: unknown) =>
        inner && typeof inner === 'object' && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
          : inner,
      );
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
        const texts = [JSON.stringify(a), JSON.stringify(b)];
        const values = texts.map((text) => canonical(JSON.parse(text)));
        expect(key(texts[0]) === key(texts[1])).toBe(values[0] === values[1]);
        expect(key(texts[0])).toBe(key(canonical(a)));
      }),
    );
  });

  it('takes what is no JSON for itself, and any depth', () => {
    for (const text of ['', '"', '"\\x"', '01x', '[1', '{"a"}', '[1]2']) expect(key(text)).toBe(`?${text}`);
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(key(deep)).not.toBe(key(`[${deep}]`));
  });
});
