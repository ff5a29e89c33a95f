// Schemas that say the same are read and written once, wherever they stand; what differs in anything that restricts does not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { jsonSchemaGrammar } from '../../../src/frontends/json-schema/index.js';

const address = (more: object = {}) => ({
  type: 'object',
  properties: {
    street: { type: 'string', pattern: '^[A-Z]' },
    lines: { type: 'array', items: { enum: [1, 'a'] } },
  },
  required: ['street'],
  ...more,
});

const rules = (schema: unknown) => jsonSchemaGrammar(schema).grammar.rules.length;

describe('equal schemas', () => {
  test('are written once, titles aside', () => {
    const copied = {
      properties: { home: address({ title: 'Home' }), work: address({ description: 'at work' }) },
    };
    const referred = {
      $defs: { address: address() },
      properties: { home: { $ref: '#/$defs/address' }, work: { $ref: '#/$defs/address' } },
    };
    expect(rules(copied)).toBe(rules(referred));
  });

  test('have their annotations and what is not enforced at every place', () => {
    const inner = { properties: { at: { type: 'string', format: 'unheard-of' } } };
    const list = { type: 'array', not: { items: inner }, uniqueItems: true };
    const schema = {
      properties: { a: inner, b: { anyOf: [{ type: 'null' }, inner] }, c: list, d: { ...list, title: 'd' } },
    };
    const { annotations, unenforced } = jsonSchemaGrammar(schema, { lenient: true });
    const places = annotations.map(({ pointer }) => pointer).sort();
    for (const place of ['a', 'b/anyOf/1', 'c/not/items', 'd/not/items'])
      expect(places).toContain(`/properties/${place}/properties/at/format`);
    expect(new Set(places).size).toBe(places.length);
    const keys = unenforced.map(({ pointer, keyword }) => `${pointer} ${keyword}`);
    expect(keys.filter((key) => key.startsWith('/properties/c')).length).toBe(
      keys.filter((key) => key.startsWith('/properties/d')).length,
    );
  });

  test('lend their objects to schemas that allow more beside them', () => {
    const either = { anyOf: [address(), address({ required: ['lines'] })] };
    const schema = (more: object) => ({
      $defs: { either },
      properties: { one: { $ref: '#/$defs/either' }, ...more },
    });
    const some = { anyOf: [{ $ref: '#/$defs/either' }, { type: 'null' }] };
    const count = rules(schema({ other: true })) + 1;
    expect(rules(schema({ some }))).toBe(count);
    const grammar = compile({ schema: schema({ some }) });
    expect(grammar.test('{"one":{"street":"A"},"some":{"lines":[1]}}')).toBe(true);
    expect(grammar.test('{"one":{"street":"A"},"some":{"lines":[2]}}')).toBe(false);
  });

  test('in resources of their own stay apart', () => {
    const part = (id: string, type: string) => ({
      $id: `https://example.com/${id}`,
      $defs: { it: { type } },
      type: 'array',
      items: { $ref: '#/$defs/it' },
    });
    const grammar = compile({ schema: { properties: { a: part('a', 'string'), b: part('b', 'null') } } });
    expect(grammar.test('{"a":["x"],"b":[null]}')).toBe(true);
    expect(grammar.test('{"a":["x"],"b":["x"]}')).toBe(false);
  });
});

/** Pairs of schemas that differ in one thing, with a text that only the first allows. */
const DIFFERENT: readonly (readonly [first: object, second: object, text: string])[] = [
  [{ const: 'item-1-x' }, { const: 'item-2-x' }, '"item-1-x"'],
  [{ enum: [1, 2] }, { enum: [1, 3] }, '2'],
  [{ const: '1' }, { const: 1 }, '"1"'],
  [{ const: 1.5 }, { const: 15 }, '1.5'],
  [{ const: null }, { const: false }, 'null'],
  [
    { type: 'object', properties: { a: { type: 'null' } } },
    { type: 'object', properties: { b: { type: 'null' } } },
    '{"b":1}',
  ],
  [{ properties: { a: true } }, { properties: { a: false } }, '{"a":1}'],
  [{ items: [true, false] }, { items: [false, true] }, '[1]'],
  [{ items: { type: 'string' } }, { items: [{ type: 'string' }, false] }, '["a","b"]'],
  [{ allOf: [{ type: 'string' }] }, { allOf: [{ type: 'string' }, { maxLength: 1 }] }, '"ab"'],
  [{ type: 'object', required: ['a'] }, { type: 'object', required: ['a', 'b'] }, '{"a":1}'],
  [{ dependencies: { a: ['b'] } }, { dependencies: { a: { maxProperties: 1 } } }, '{"a":1,"b":1}'],
  [{ const: { a: 1, b: 2 } }, { const: { a: 1 } }, '{"a":1,"b":2}'],
  [{ properties: { x: {}, y: {} } }, { properties: { y: {}, x: {} } }, '{"x":1,"y":1}'],
];

describe('different schemas', () => {
  test.each(DIFFERENT)('%j is not %j', (first, second, text) => {
    const $schema = 'http://json-schema.org/draft-07/schema#';
    for (const [schema, expected] of [
      [{ a: first, b: second }, [true, false]],
      [{ a: second, b: first }, [false, true]],
    ] as const) {
      const grammar = compile({ schema: { $schema, properties: schema, additionalProperties: false } });
      expect(['a', 'b'].map((name) => grammar.test(`{"${name}":${text}}`))).toEqual(expected);
    }
  });

  test('stay apart where hundreds look alike', () => {
    const names = Array.from({ length: 600 }, (_, i) => `k${String(i).padStart(6, '0')}k`);
    const schema = { properties: Object.fromEntries(names.map((name) => [name, { const: `a${name}a` }])) };
    const grammar = compile({ schema });
    for (const name of [names[0], names[123], names[599]]) {
      expect(grammar.test(`{"${name}":"a${name}a"}`)).toBe(true);
      expect(grammar.test(`{"${name}":"a${names[7]}a"}`)).toBe(false);
    }
  });

  const leaf = fc.constantFrom<object>(
    { type: 'string' },
    { type: 'integer' },
    { const: 'a' },
    { enum: [1, 'a'] },
    { maxLength: 1 },
  );
  const { schema } = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((anyOf) => ({ anyOf })),
      fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((items) => ({ items })),
      tie('schema').map((items) => ({ items })),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')).map((properties) => ({ properties })),
    ),
  }));
  const value = fc.jsonValue({ maxDepth: 2 }).map((any) => any as unknown);
  const small = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(1, 'a', 'ab', null),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('value')),
    ),
  })).value;

  test('mean together what each means alone', () => {
    const $schema = 'http://json-schema.org/draft-07/schema#';
    const options = { propertyOrder: 'any' } as const;
    const property = fc.property(
      fc.array(schema, { minLength: 2, maxLength: 5 }),
      fc.oneof(small, value),
      (schemas, any) => {
        const text = JSON.stringify(any);
        const alone = schemas.map((one) => compile({ schema: { $schema, ...one } }, options).test(text));
        const named = Object.fromEntries(schemas.map((one, i) => [`p${i}`, one]));
        const together = compile({ schema: { $schema, properties: named } }, options);
        expect(schemas.map((_, i) => together.test(`{"p${i}":${text}}`))).toEqual(alone);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
