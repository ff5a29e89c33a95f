// Grammars of a hostile or merely enormous size: each compiles or is refused by a named limit.
import type { CompileOptions, GrammarSource } from '../../src/compile/index.js';

export interface LimitCase {
  readonly source: GrammarSource;
  readonly options?: CompileOptions;
}

const range = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

const properties = (count: number) =>
  Object.fromEntries(range(count, (i) => [`property${i}`, { type: i % 2 ? 'string' : 'integer' }]));

const tool = (i: number) => ({
  type: 'object',
  properties: {
    name: { const: `tool_${i}` },
    arguments: {
      type: 'object',
      properties: { query: { type: 'string' }, limit: { type: 'integer', minimum: 1, maximum: 100 } },
      required: ['query'],
      additionalProperties: false,
    },
  },
  required: ['name', 'arguments'],
});

/** About `bytes` of JSON text: objects of objects with enums, patterns and references. */
function largeSchema(bytes: number): string {
  const definition = (i: number) => ({
    type: 'object',
    description: `definition ${i} of a large document`,
    properties: {
      id: { type: 'string', pattern: `^[a-z]{2}-${i}-\\d+$` },
      kind: { enum: [`k${i}a`, `k${i}b`, `k${i}c`] },
      size: { type: 'number', minimum: 0, maximum: i },
      next: { $ref: `#/$defs/d${(i * 7 + 1) % 1000}` },
    },
    required: ['id'],
  });
  const count = Math.floor(bytes / JSON.stringify({ d1000: definition(1000) }).length);
  const $defs = Object.fromEntries(range(Math.max(count, 1000), (i) => [`d${i}`, definition(i)]));
  return JSON.stringify({ anyOf: range(count, (i) => ({ $ref: `#/$defs/d${i}` })).slice(0, 1000), $defs });
}

const rules = (count: number, body: (i: number) => string) =>
  `root ::= r0\n${range(count, (i) => `r${i} ::= ${body(i)}`).join('\n')}\n`;

export const cases: Readonly<Record<string, () => LimitCase>> = {
  'schema of 1 MB': () => ({ source: { schema: largeSchema(1_000_000) } }),
  'enum of 100,000 values': () => ({
    source: { schema: { enum: range(100_000, (i) => `value number ${i}`) } },
  }),
  '2,000 properties': () => ({ source: { schema: { type: 'object', properties: properties(2000) } } }),
  '2,000 properties in any order': () => ({
    source: { schema: { type: 'object', properties: properties(2000), additionalProperties: false } },
    options: { propertyOrder: 'any' },
  }),
  '500 tools, anyOf': () => ({ source: { schema: { anyOf: range(500, tool) } } }),
  '500 tools, oneOf': () => ({ source: { schema: { oneOf: range(500, tool) } } }),
  'nested 10,000 deep': () => ({
    source: { schema: `${'{"items":'.repeat(10_000)}{}${'}'.repeat(10_000)}` },
  }),
  '(a|a)*{1000}': () => ({ source: { regex: '(?:(?:a|a)*){1000}' } }),
  '(x+x+)+y': () => ({ source: { regex: '(?:x+x+)+y' } }),
  '(a|b)*a(a|b){40}': () => ({ source: { regex: '(?:a|b)*a(?:a|b){40}' } }),
  '10,000 rules': () => ({ source: { gbnf: rules(10_000, (i) => `"${i}" r${(i + 1) % 10_000} | "."`) } }),
  '10,000 left-recursive rules': () => ({
    source: { gbnf: rules(10_000, (i) => `r${i} "${i}" | r${(i + 1) % 10_000} "x" | "."`) },
  }),
  'items up to 10 million': () => ({ source: { schema: { type: 'array', maxItems: 10_000_000 } } }),
  'string up to 10 million': () => ({ source: { schema: { type: 'string', maxLength: 10_000_000 } } }),
};
