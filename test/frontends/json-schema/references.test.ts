// References beyond one document: supplied documents, embedded resources, metaschemas, and the dynamic kinds.
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError } from '../../../src/errors.js';

const draft2020 = 'https://json-schema.org/draft/2020-12/schema';
const draft2019 = 'https://json-schema.org/draft/2019-09/schema';

describe('supplied documents', () => {
  const documents = {
    'https://example.com/defs.json': { $defs: { id: { type: 'integer' } }, $ref: 'sub/name.json' },
    'https://example.com/sub/name.json': '{"type":"string","maxLength":2}',
    'https://example.com/never.json': false,
  };

  test('are found by URI, relative to the base of each, as values or as texts', () => {
    const schema = {
      $id: 'https://example.com/root.json',
      prefixItems: [{ $ref: 'defs.json#/$defs/id' }, { $ref: 'defs.json' }],
      items: { $ref: 'never.json' },
    };
    const grammar = compile({ schema }, { documents });
    expect(grammar.test('[1,"ab"]')).toBe(true);
    for (const text of ['["a","ab"]', '[1,"abc"]', '[1,"a",2]']) expect(grammar.test(text)).toBe(false);
  });

  test('are named with the reference when they are missing, broken or no schema', () => {
    const refusal = (schema: unknown, given: Record<string, unknown>) => {
      try {
        compile({ schema }, { documents: given });
      } catch (error) {
        if (error instanceof CompileError) return error;
      }
      throw new Error('it compiles');
    };
    const schema = { properties: { a: { $ref: 'https://example.com/x' } } };
    expect(refusal(schema, {})).toMatchObject({
      code: 'unresolved_reference',
      location: { pointer: '/properties/a/$ref' },
    });
    expect(refusal(schema, { 'https://example.com/x': [] }).code).toBe('invalid_schema');
    expect(refusal(schema, { 'https://example.com/x': '{' }).message).toContain('https://example.com/x');
    expect(refusal(schema, { 'https://example.com/x': { type: 1 } }).location.pointer).toBe(
      'https://example.com/x#/type',
    );
  });
});

describe('metaschemas', () => {
  test('decide the draft, and what may be left out', () => {
    const documents = {
      'https://example.com/meta': {
        $schema: draft2020,
        $vocabulary: {
          'https://json-schema.org/draft/2020-12/vocab/core': true,
          'https://json-schema.org/draft/2020-12/vocab/applicator': true,
          'https://json-schema.org/draft/2020-12/vocab/format-assertion': true,
        },
      },
      'https://example.com/odd': { $schema: draft2020, $vocabulary: { 'https://example.com/v': true } },
    };
    const schema = {
      $schema: 'https://example.com/meta',
      properties: { a: { type: 'null', format: 'ipv4' } },
    };
    const grammar = compile({ schema }, { documents, formats: 'annotate' });
    expect(grammar.annotations).toContainEqual({ pointer: '/properties/a/type', keyword: 'type' });
    expect(grammar.test('{"a":1}')).toBe(true);
    expect(grammar.test('{"a":"127.0.0.1"}')).toBe(true);
    expect(grammar.test('{"a":"x"}')).toBe(false);
    expect(() => compile({ schema: { $schema: 'https://example.com/odd' } }, { documents })).toThrow(
      'https://example.com/v',
    );
  });
});

describe('dynamic references', () => {
  test('lead to the outermost anchor of their name', () => {
    const tree = {
      $id: 'https://example.com/tree',
      $dynamicAnchor: 'node',
      type: 'object',
      properties: { data: true, children: { type: 'array', items: { $dynamicRef: '#node' } } },
    };
    const schema = {
      $schema: draft2020,
      $id: 'https://example.com/strict-tree',
      $dynamicAnchor: 'node',
      $ref: 'tree',
      properties: { data: { type: 'integer' } },
      $defs: { tree },
    };
    const strict = compile({ schema });
    expect(strict.test('{"data":1,"children":[{"data":2}]}')).toBe(true);
    expect(strict.test('{"data":1,"children":[{"data":"x"}]}')).toBe(false);
    expect(compile({ schema: tree }).test('{"data":1,"children":[{"data":"x"}]}')).toBe(true);
  });

  test('of 2019-09 lead to the outermost recursive anchor', () => {
    const inner = {
      $id: 'inner',
      $recursiveAnchor: true,
      type: ['array', 'integer'],
      items: { $recursiveRef: '#' },
    };
    const schema = {
      $schema: draft2019,
      $id: 'https://example.com/outer',
      $recursiveAnchor: true,
      $ref: 'inner',
      maxItems: 1,
      $defs: { inner },
    };
    expect(compile({ schema }).test('[[1]]')).toBe(true);
    expect(compile({ schema }).test('[[1,2]]')).toBe(false);
    expect(compile({ schema: { ...schema, $recursiveAnchor: false } }).test('[[1,2]]')).toBe(true);
  });
});
