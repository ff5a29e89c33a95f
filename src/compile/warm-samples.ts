// Small grammars with texts that come by the lexemes that nearly every JSON grammar has: string bodies and counted strings,
// keys, numbers, white space. Who fills masks along the texts has divided the vocabulary by them.
import type { GrammarSource } from './source.js';

/** A grammar, and a text of it that comes by the lexemes. */
export interface WarmSample {
  readonly source: GrammarSource;
  readonly text: string;
}

const any = { schema: {} };
const object = (properties: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  schema: { type: 'object', properties, required: Object.keys(properties), ...rest },
});
const string = { type: 'string' };

/** A string with what string bodies are made of: escapes, and characters of two, three and four bytes. */
const BODY = 'Ab 1,\\n\\u00e9\\ud83d\\ude00é–😀.';

export const WARM_SAMPLES: readonly WarmSample[] = [
  { source: any, text: `{"${BODY}": [1, -20.5e+3, true, null, {"a": ""}], "b": {}}` },
  {
    source: object({ name: string, n: { type: 'integer' }, x: { type: 'number' }, ok: { type: 'boolean' } }),
    text: `{"name": "${BODY}", "n": -120, "x": 0.5e-7, "ok": false, "more": 1}`,
  },
  {
    source: object(
      { names: { type: 'array', items: string }, one: { enum: ['first', 'second'] } },
      { additionalProperties: false },
    ),
    text: `{"names": ["${BODY}", "b"], "one": "second"}`,
  },
  {
    source: object({ a: { ...string, maxLength: 40 }, b: { ...string, minLength: 1, maxLength: 100 } }),
    text: `{"a": "${BODY}", "b": "${BODY}"}`,
  },
  // Near the end of a counted string each count of characters left has another mask.
  { source: object({ a: { ...string, maxLength: 17 } }), text: '{"a": "A b 1, c. 2? (d)"}' },
  { source: object({ a: { ...string, minLength: 1 } }), text: `{"a": "${BODY}"}` },
];

/**
 * Grammars that go through the rest of the code that makes masks: patterns with and without bounds, several ways at once, listed
 * values, values that must differ. The lexemes are of no use to other grammars.
 */
export const CODE_SAMPLES: readonly WarmSample[] = [
  {
    source: object({
      a: { ...string, pattern: '^[A-Za-z][A-Za-z0-9_.-]*$' },
      b: { ...string, pattern: '^([a-z]{2,8}|x-[0-9a-f]{1,12})$' },
      c: { ...string, pattern: '^(/[^/\\s]+)+$' },
      d: { ...string, format: 'date' },
      e: { ...string, pattern: '^rc|beta|stable$' },
      f: { ...string, pattern: '^(a|b[cd]){2,9}$' },
    }),
    text: '{"a": "Some_name-1.2", "b": "x-09af", "c": "/some/path", "d": "2024-02-29", "e": "a beta", "f": "abcbd"}',
  },
  {
    source: object({
      kind: { enum: ['alpha', 'alphabet', 'beta', 'b', 'gamma ray', 3, null] },
      one: {
        anyOf: [
          object({ type: { const: 'first' }, size: { type: 'integer' } }),
          object({ type: { const: 'second' }, name: string }),
          { type: 'array', items: { type: 'number' } },
        ],
      },
    }),
    text: '{"kind": "alphabet", "one": {"type": "second", "name": "ab", "typo": {"x": [1, {}]}}}',
  },
  {
    source: object({
      set: { type: 'array', items: string, uniqueItems: true },
      map: {
        type: 'object',
        patternProperties: { '^x-': string },
        additionalProperties: { type: 'integer' },
      },
    }),
    text: '{"set": ["ab", "abc", "b"], "map": {"x-a": "b", "xy": 12, "long_key": -3}}',
  },
];
