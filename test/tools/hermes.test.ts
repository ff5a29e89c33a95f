// The hermes constraint: exactly one call of an allowed tool, with arguments after its schema, and the parser reads it back.
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { RequestError } from '../../src/errors.js';
import { checkTools, collect, findToolFormat, hermes, type ToolDefinition } from '../../src/tools/index.js';

function tool(name: string, parameters?: object): object {
  return { type: 'function', function: { name, ...(parameters && { parameters }) } };
}

const node = {
  $defs: {
    node: {
      type: 'object',
      properties: { next: { $ref: '#/$defs/node' } },
      additionalProperties: false,
    },
  },
};
const tools = checkTools([
  tool('weather', {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 3 } },
    required: ['city'],
    additionalProperties: false,
  }),
  tool('walk', {
    ...node,
    type: 'object',
    properties: { start: { $ref: '#/$defs/node' } },
    additionalProperties: false,
  }),
  tool('climb', {
    ...node,
    type: 'object',
    properties: { top: { $ref: '#/$defs/node' } },
    additionalProperties: false,
  }),
  tool('now'),
]);
const call = (name: string, args: string) =>
  `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`;

describe('required', () => {
  const grammar = compile({ grammar: hermes.constraint(tools, 'required') });

  it.each([
    call('weather', '{"city": "Paris"}'),
    call('weather', '{"city":"</tool_call>","days":3}'),
    call('walk', '{"start": {"next": {"next": {}}}}'),
    call('climb', '{"top": {}}'),
    call('now', '{}'),
  ])('accepts %j', (text) => {
    expect(grammar.test(text)).toBe(true);
    const parser = hermes.parser();
    const { content, calls } = collect([...parser.push(text), ...parser.finish()]);
    expect(content).toBe('');
    expect(calls).toHaveLength(1);
    expect(() => JSON.parse(calls[0].arguments)).not.toThrow();
  });

  it.each([
    '',
    'Sure.',
    call('weather', '{}'),
    call('weather', '{"city": "Paris", "days": 4}'),
    call('walk', '{"top": {}}'),
    call('climb', '{"start": {}}'),
    call('now', '{"a": 1}'),
    call('fly', '{}'),
    call('now', '{}').replace('\n</tool_call>', ''),
    `${call('now', '{}')}\n${call('now', '{}')}`,
  ])('refuses %j', (text) => {
    expect(grammar.test(text)).toBe(false);
  });
});

it('a named choice is that tool alone', () => {
  const grammar = compile({ grammar: hermes.constraint(tools, { name: 'now' }) });
  expect(grammar.test(call('now', '{}'))).toBe(true);
  expect(grammar.test(call('walk', '{}'))).toBe(false);
});

it('names with quotes cannot break out of their literal', () => {
  const hostile: ToolDefinition = {
    type: 'function',
    function: { name: '"}\\', parameters: { additionalProperties: false } },
  };
  const grammar = compile({ grammar: hermes.constraint([hostile], 'required') });
  expect(grammar.test('<tool_call>\n{"name": "\\"}\\\\", "arguments": {}}\n</tool_call>')).toBe(true);
});

describe('refused', () => {
  it('parameters that cannot be enforced, by tool', () => {
    const bad = checkTools([
      tool('now'),
      tool('bad', { type: 'object', properties: { a: { $ref: '#/nowhere' } } }),
    ]);
    const error = (() => {
      try {
        hermes.constraint(bad, 'required');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({ param: 'tools[1].function.parameters', code: 'unresolved_reference' });
    expect((error as Error).message).toMatch(/^tools\[1\]\.function\.parameters: .*#\/properties\/a/);
  });

  it('a choice that is not there', () => {
    expect(() => hermes.constraint(tools, { name: 'fly' })).toThrow('tool_choice names "fly"');
    expect(() => hermes.constraint([], 'required')).toThrow('needs at least one tool');
  });

  it.each<[unknown, string]>([
    ['x', 'tools[0] must be an object'],
    [{}, 'tools[0].type is missing and is not supported'],
    [{ type: 'function' }, 'tools[0].function must be an object'],
    [tool(''), 'tools[0].function.name must be'],
    [tool('a', []), 'tools[0].function.parameters must be a JSON Schema that is an object'],
    [
      { type: 'function', function: { name: 'a', description: 1 } },
      'tools[0].function.description must be a string',
    ],
  ])('definition %j', (definition, message) => {
    expect(() => checkTools([definition])).toThrow(message);
  });
});

it('formats are found by name and alias', () => {
  expect(findToolFormat('hermes')).toBe(hermes);
  expect(findToolFormat('qwen25')).toBe(hermes);
  expect(findToolFormat('toString')).toBeUndefined();
});
