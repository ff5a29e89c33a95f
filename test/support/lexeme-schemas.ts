// Schemas that between them use every kind of lexeme, and every way in which one follows another.

export const LEXEME_SCHEMAS: readonly unknown[] = [
  { type: 'object', properties: { name: { type: 'string' }, nab: { type: 'integer' } }, required: ['name'] },
  { type: 'array', items: { type: 'string', minLength: 1, maxLength: 9 } },
  { type: 'array', items: { type: 'string', pattern: '^[a-c]{2,5}(x|1)*$', maxLength: 12 } },
  { type: 'array', items: { type: 'string' }, uniqueItems: true },
  { type: 'object', additionalProperties: { type: 'string', format: 'date' } },
  {
    type: 'array',
    items: { anyOf: [{ type: 'string' }, { enum: ['name', 'nab', 1, 23] }, { type: 'number' }] },
  },
  {
    type: 'object',
    propertyNames: { pattern: '^(na|b)+$' },
    additionalProperties: { type: 'integer', minimum: -23 },
  },
  { type: 'array', items: { type: 'string', pattern: '^(.x)*$', minLength: 2, maxLength: 30 } },
  // White space before and behind keys, values, brackets and nothing.
  {
    type: 'array',
    minItems: 2,
    items: {
      anyOf: [
        { type: 'array', items: { type: 'array', items: { type: 'null' } } },
        { type: 'object', properties: { a: { type: 'boolean' }, b: { type: 'number' }, x: {} } },
      ],
    },
  },
  {
    type: 'object',
    patternProperties: { '^x': { type: 'array', items: { type: 'integer' }, minItems: 1 } },
    additionalProperties: { type: 'object', properties: { n: { type: 'string', maxLength: 3 } } },
    minProperties: 2,
  },
];
