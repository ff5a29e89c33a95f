// Schemas, expressions, grammars and chats as clients might send them, good and bad, by the name of the field that holds them.
type Random = () => number;

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)];
}

/** Lists begin with what is right: mostly it is one of these. */
export function mostlyGood<T>(random: Random, list: readonly T[]): T {
  return pick(random, random() < 0.8 ? list.slice(0, 2) : list);
}

const REGEXES = [
  '[0-9]{1,3}',
  '(a|b){2}c',
  'a{1,100000}',
  '(a+)+$',
  '(',
  '[',
  'a{2,1}',
  '\\',
  '(?=a)b',
  '^$',
  '.*',
  '(?<n>x)\\k<n>',
  '\\p{L}+',
  '[\ud800-\udfff]',
  '((((((((((a)*)*)*)*)*)*)*)*)*)*',
  '(a|aa){1000}{1000}',
  '',
  '\\u{110000}',
  '(x{0,1000}){0,1000}',
];
const GBNF = [
  'root ::= "a" | "b" root',
  'root ::= [0-9] "x"',
  'root ::= root',
  'root ::= x',
  'root ::= [',
  '',
  'root ::= ("a" | ) *',
  'root ::= "a"{1,1000000}',
  '::=',
  'root ::= [^"\\x00-\\x1f]+',
  'a ::= "x"',
];
const LARK = [
  'start: "a" | "b" start',
  'start: "a"+',
  'start: start',
  'start: X\nX: /[0-9]+/',
  'start: x',
  '%import common.NUMBER\nstart: NUMBER',
  'start:',
  '%ignore " "\nstart: "a"+',
  'start: /(/',
  '\0',
];
export const SCHEMAS: readonly unknown[] = [
  { type: 'object', properties: { a: { type: 'integer', minimum: 0, maximum: 9 } }, required: ['a'] },
  { enum: [1, 'a', null, { b: [] }] },
  { type: 'string', pattern: '^(a|b)*a(a|b){20}$' },
  { type: 'string', pattern: '(' },
  { $ref: '#' },
  { $ref: '#/$defs/none' },
  { $ref: 'https://example.com/x.json' },
  { $defs: { t: { type: 'object', properties: { t: { $ref: '#/$defs/t' } } } }, $ref: '#/$defs/t' },
  { enum: [] },
  {
    type: 'array',
    items: { type: 'array', items: { type: 'boolean' }, minItems: 1, maxItems: 1000 },
    uniqueItems: true,
  },
  { type: 'array', minItems: 1e9 },
  { type: 'number', multipleOf: 1e-300 },
  { type: 'integer', minimum: -1e308, maximum: 1e308 },
  { type: 'nope' },
  { type: ['string', 1] },
  { properties: [] },
  { allOf: Array(50).fill({ type: 'object', required: ['a'] }) },
  { not: {} },
  { oneOf: [{ minLength: 3 }, { maxLength: 4 }] },
  { type: 'string', minLength: 1e6 },
  { type: 'string', format: 'date-time' },
  { patternProperties: { '^[a-z]{1,5}$': { type: 'null' }, '(': true } },
  JSON.parse(
    '{"type": "object", "properties": {"__proto__": {"type": "string"}, "constructor": {"const": "\\u0000"}}, "required": ["__proto__"]}',
  ),
  { $schema: 'http://json-schema.org/draft-03/schema#', extends: {} },
  true,
  false,
  {},
];
const TAGS: readonly unknown[] = [
  { structures: [{ begin: '<f>', schema: { type: 'integer' }, end: '</f>' }], triggers: ['<f'] },
  {
    type: 'structural_tag',
    format: { type: 'sequence', elements: [{ type: 'const_string', value: 'a' }, { type: 'any_text' }] },
  },
  { format: { type: 'or', elements: [] } },
  { structures: [], triggers: [] },
  { structures: 'x' },
];

/** Undefined: the field holds no such thing. */
export function randomConstraint(random: Random, field: string): unknown {
  switch (field) {
    case 'regex':
    case 'stop_regex':
      return changed(random, mostlyGood(random, REGEXES));
    case 'ebnf':
    case 'grammar':
    case 'gbnf':
      return changed(random, mostlyGood(random, GBNF));
    case 'lark':
      return changed(random, mostlyGood(random, LARK));
    case 'structural_tag':
      return mostlyGood(random, TAGS);
    case 'schema':
    case 'parameters':
    case 'input_schema':
    case 'format':
      return mostlyGood(random, SCHEMAS);
    case 'json_schema':
      return random() < 0.7
        ? { name: 'x', schema: mostlyGood(random, SCHEMAS) }
        : pick(random, [...SCHEMAS, ...SCHEMAS.map((one) => JSON.stringify(one)), '{', '[]']);
    case 'reasoning_parser':
      return pick(random, ['qwen3', 'deepseek-r1', 'gpt-oss', 'kimi', 'mistral', '__proto__']);
    case 'tool_call_parser':
      return pick(random, ['hermes', 'mistral', 'gpt-oss', 'kimi_k2', 'glm45', '__proto__']);
    case 'response_format':
      return responseFormat(random);
    default:
      return undefined;
  }
}

function responseFormat(random: Random): unknown {
  const type = pick(random, ['text', 'json_object', 'json_schema', 'json_schema', 'structural_tag']);
  if (type === 'json_schema')
    return { type, json_schema: { name: 'x', schema: mostlyGood(random, SCHEMAS), strict: random() < 0.5 } };
  return type === 'structural_tag' ? { type, ...(mostlyGood(random, TAGS) as object) } : { type };
}

/** Sometimes with a character taken out or put in. */
function changed(random: Random, text: string): string {
  if (random() < 0.9) return text;
  const at = Math.floor(random() * (text.length + 1));
  return (
    text.slice(0, at) +
    pick(random, ['', '(', '*', '{', '\0', '\ud800', '"', '|', '\n']) +
    text.slice(at + (random() < 0.5 ? 1 : 0))
  );
}
