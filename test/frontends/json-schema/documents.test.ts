// References beyond one document: supplied documents, dynamic anchors, dialects of one's own.
import { describe, expect, test } from 'vitest';
import { jsonSchemaGrammar } from '../../../src/frontends/json-schema/index.js';
import { judges } from './examples.js';

const tree = {
  $id: 'https://example.com/tree',
  $dynamicAnchor: 'node',
  type: 'object',
  properties: { data: true, children: { type: 'array', items: { $dynamicRef: '#node' } } },
};

describe('documents', () => {
  const documents = {
    'https://example.com/tree': tree,
    'https://example.com/parts.json':
      '{"$defs":{"n":{"type":"integer"}},"properties":{"n":{"$ref":"#/$defs/n"}}}',
  };
  judges(
    'are followed, and their own references too',
    { $ref: 'https://example.com/parts.json' },
    ['{"n":1}'],
    ['{"n":"1"}'],
    { documents },
  );
  judges(
    'dynamic references find the outermost anchor',
    {
      $id: 'https://example.com/strict-tree',
      $dynamicAnchor: 'node',
      $ref: 'tree',
      unevaluatedProperties: false,
    },
    ['{"children":[{"data":1}]}'],
    ['{"children":[{"daat":1}]}', '{"daat":1}'],
    { documents },
  );
  judges(
    'without $schema are of the draft of the schema that refers to them',
    {
      $schema: 'http://json-schema.org/draft-04/schema#',
      $ref: 'https://example.com/draft4.json#/definitions/part',
    },
    ['1'],
    ['"1"'],
    {
      documents: {
        'https://example.com/draft4.json': {
          definitions: { part: { $ref: '#named' }, other: { id: '#named', type: 'integer' } },
        },
      },
    },
  );
  test('one that is not supplied is named', () => {
    expect(() => jsonSchemaGrammar({ items: { $ref: 'https://example.com/x' } })).toThrow(
      /"https:\/\/example.com\/x" is not in this document.*#\/items\/\$ref/,
    );
  });
});

describe('dialects', () => {
  const meta = (vocabulary: Record<string, boolean>) => ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://example.com/meta',
    $vocabulary: vocabulary,
  });
  const schema = { $schema: 'https://example.com/meta', type: 'string', properties: { a: false } };
  judges('without validation, types are annotations', schema, ['1', '{}'], ['{"a":1}'], {
    documents: {
      'https://example.com/meta': meta({ 'https://json-schema.org/draft/2020-12/vocab/applicator': true }),
    },
  });
  test('a required vocabulary that is not known is refused', () => {
    const documents = { 'https://example.com/meta': meta({ 'https://example.com/mine': true }) };
    expect(() => jsonSchemaGrammar(schema, { documents })).toThrow(/unknown vocabulary/);
  });
});
