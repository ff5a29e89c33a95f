// The keywords that restrict values, listed for explain.
import { describe, expect, it } from 'vitest';
import { assertingKeywords } from '../../../src/frontends/json-schema/index.js';

const pointers = (schema: unknown) => assertingKeywords(schema).map(({ pointer }) => pointer);

describe('assertingKeywords', () => {
  it('lists them in the order of the document, those of subschemas after their parent', () => {
    expect(
      pointers({
        title: 'T',
        type: 'object',
        properties: { 'a/b': { minLength: 1, default: '' }, c: { anyOf: [{ const: 1 }, true] } },
        $defs: { d: { description: 'D' } },
      }),
    ).toEqual([
      '/type',
      '/properties',
      '/properties/a~1b/minLength',
      '/properties/c/anyOf',
      '/properties/c/anyOf/0/const',
    ]);
    expect(pointers('{"items": {"type": "null"}}')).toEqual(['/items', '/items/type']);
    expect(pointers(true)).toEqual([]);
  });

  it('knows that nothing beside $ref counts in draft 7 and before', () => {
    const schema = { definitions: { a: {} }, properties: { p: { $ref: '#/definitions/a', minLength: 1 } } };
    const draft = (number: string) => ({
      $schema: `http://json-schema.org/draft-0${number}/schema#`,
      ...schema,
    });
    expect(pointers(draft('7'))).toEqual(['/properties', '/properties/p/$ref']);
    expect(pointers(schema)).toContain('/properties/p/minLength');
  });
});
