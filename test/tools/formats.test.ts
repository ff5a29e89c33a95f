// Every format reads back what it writes, and outputs as models write them, whole and in every way of cutting them. Where
// the suite of function calls is at hand (ESPALIER_SUITES, or shared/suites beside the repository), a sample of it is judged too.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functionCalling } from '../../bench/conformance/adapters/function-calling.js';
import { judge } from '../../bench/conformance/judge.js';
import { compile } from '../../src/compile/index.js';
import {
  collect,
  findToolFormat,
  type ParserOptions,
  type ToolCallFormat,
  type ToolDefinition,
  toolFormatNames,
} from '../../src/tools/index.js';

const tool: ToolDefinition = {
  type: 'function',
  function: {
    name: 'note',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string' },
        count: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
        deep: { type: 'object', properties: { a: { type: ['number', 'null'] } } },
        maybe: { type: ['integer', 'null'] },
      },
    },
  },
};
const values = fc.record(
  {
    text: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('null', '12', 'true', '{"a": 1}', '  pad  ', 'a <b> & </x> "q" \\ \n\n', '<', '😀', ''),
    ),
    count: fc.integer(),
    tags: fc.array(fc.constantFrom('x', 'é "y"', '[', '}, {')),
    deep: fc.record({ a: fc.oneof(fc.constant(null), fc.integer()) }),
    maybe: fc.oneof(fc.constant(null), fc.integer()),
  },
  { requiredKeys: [] },
);
const formats = toolFormatNames().map((name) => findToolFormat(name) as ToolCallFormat);

function read(format: ToolCallFormat, pieces: readonly string[], options: ParserOptions = { tools: [tool] }) {
  const parser = format.parser(options);
  return collect([...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()]);
}

describe.each(formats.map((format) => [format.name, format] as const))('%s', (_, format) => {
  it('reads back what it writes, however it is cut', () => {
    fc.assert(
      fc.property(values, fc.array(fc.nat(30), { maxLength: 20 }), (given, sizes) => {
        const text = format.write([{ name: 'note', arguments: given }], [tool]);
        if (text === undefined) return;
        const pieces: string[] = [];
        let rest = `Well. ${text}`;
        for (const size of sizes) {
          pieces.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        const output = read(format, [...pieces, rest]);
        expect(output.content).toBe('Well.');
        expect(output.calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
          ['note', given],
        ]);
        expect(read(format, `Well. ${text}`.split(''))).toEqual(output);
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  it('reads any pieces of its own marks the same in every cutting', () => {
    const written = format.write([{ name: 'note', arguments: { text: 'x', count: 1 } }], [tool]) ?? '';
    const parts = written.split(/(?<=[>\]}|\n"])/).filter(Boolean);
    const part = fc.constantFrom(...parts, '<', '{', '[', ' ', '\n', 'x', '"', '\\', '😀', written);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 1, max: 7 }), (some, size) => {
        const text = some.join('');
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(read(format, pieces)).toEqual(read(format, [text]));
        expect(read(format, text.split(''))).toEqual(read(format, [text]));
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  it('leaves prose alone', () => {
    const prose = 'It is 1 < 2, {"a": 1} and [x](y) and f(a=1).\n';
    expect(read(format, [prose])).toEqual({ content: prose, calls: [] });
  });
});

it('reads an output in time linear in its length', () => {
  const open = '<tool_call>\n<function=note>\n<parameter=text>\n';
  const parser = (findToolFormat('qwen3_coder') as ToolCallFormat).parser({ tools: [tool] });
  parser.push(open);
  let length = 0;
  for (let i = 0; i < 200_000; i++)
    for (const event of parser.push('<a\n')) length += 'text' in event ? event.text.length : 0;
  expect(length).toBeGreaterThan(790_000);
});

it('holds a mark back no longer than it can be one, and passes arguments on as they come', () => {
  const parser = (findToolFormat('qwen3_coder') as ToolCallFormat).parser({ tools: [tool] });
  expect(parser.push('Hi <tool_')).toEqual([{ type: 'text', text: 'Hi' }]);
  expect(parser.push('box')).toEqual([{ type: 'text', text: ' <tool_box' }]);
  expect(parser.push('<tool_call>\n<function=note>\n<parameter=text>\nOs')).toEqual([
    { type: 'call', name: 'note' },
    { type: 'arguments', text: '{"text": "Os' },
  ]);
  expect(parser.push('lo</para')).toEqual([{ type: 'arguments', text: 'lo' }]);
  expect(parser.push('graph>\n')).toEqual([{ type: 'arguments', text: '</paragraph>' }]);
  expect(parser.push('</parameter>\n</function>\n</tool_call>')).toEqual([{ type: 'arguments', text: '"}' }]);
});

it('leaves out calls of unknown tools on demand', () => {
  const text = '<tool_call>{"name": "other", "arguments": {}}</tool_call> So.';
  const hermes = findToolFormat('hermes') as ToolCallFormat;
  expect(read(hermes, [text], { tools: [tool], unknownTools: 'drop' })).toEqual({
    content: 'So.',
    calls: [],
  });
  expect(read(hermes, [text]).calls).toHaveLength(1);
});

const suites = process.env.ESPALIER_SUITES ?? join(import.meta.dirname, '../../../shared/suites');
const suite = join(suites, 'function-calling');

describe.runIf(existsSync(suite))('the suite', () => {
  it('is read right, in a sample', { timeout: 60_000 }, () => {
    const tools: unknown = JSON.parse(readFileSync(join(suite, 'default-tools.json'), 'utf8'));
    const rows = gunzipSync(readFileSync(join(suite, 'cases.jsonl.gz')))
      .toString()
      .trim()
      .split('\n');
    const options = { order: 'as-given', documents: { 'default-tools.json': tools } } as const;
    for (let i = 0; i < rows.length; i += 20)
      for (const testCase of functionCalling.cases(JSON.parse(rows[i]) as { id: string }, rows[i], options))
        expect(judge(testCase, compile).failures).toEqual([]);
  });
});
