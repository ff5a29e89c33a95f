// The hermes parser: what is a call and what is text, and that the cut of a stream changes neither.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, hermes, type ParsedOutput } from '../../src/tools/index.js';

function parse(...pieces: string[]): ParsedOutput {
  const parser = hermes.parser();
  return collect([...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish()]);
}

const weather = '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>';
const call = { name: 'weather', arguments: '{"city": "Paris"}' };

describe('what is a call', () => {
  it.each<[string, string, ParsedOutput]>([
    ['text alone', ' Hello \n', { content: ' Hello \n', calls: [] }],
    ['a call alone', weather, { content: '', calls: [call] }],
    ['space around a call', `\n${weather}\n`, { content: '', calls: [call] }],
    ['text before and after', `Sure.\n${weather}\nDone.`, { content: 'Sure.Done.', calls: [call] }],
    ['two calls', `${weather}\n${weather}`, { content: '', calls: [call, call] }],
    [
      'two calls without an end mark between',
      weather.replace('</tool_call>', '') + weather,
      { content: '', calls: [call, call] },
    ],
    ['no end mark', weather.replace('</tool_call>', ''), { content: '', calls: [call] }],
    [
      'arguments before the name',
      '<tool_call>{"arguments":{"a":[1,{}]},"name":"f"}</tool_call>',
      { content: '', calls: [{ name: 'f', arguments: '{"a":[1,{}]}' }] },
    ],
    [
      'no arguments',
      '<tool_call>{"name":"f"}</tool_call>',
      { content: '', calls: [{ name: 'f', arguments: '{}' }] },
    ],
    [
      'other members',
      '<tool_call>{"id":1,"name":"f","arguments":{},"x":[true,"}"]}</tool_call>',
      { content: '', calls: [{ name: 'f', arguments: '{}' }] },
    ],
    [
      'an escaped name',
      '<tool_call>{"na\\u006de":"\\u0066","arguments":{}}</tool_call>',
      { content: '', calls: [{ name: 'f', arguments: '{}' }] },
    ],
    [
      'marks and braces inside strings',
      '<tool_call>{"name":"f","arguments":{"s":"}</tool_call>\\"{"}}</tool_call>',
      { content: '', calls: [{ name: 'f', arguments: '{"s":"}</tool_call>\\"{"}' }] },
    ],
    [
      'a start mark that no object follows',
      'use <tool_call> then',
      { content: 'use <tool_call> then', calls: [] },
    ],
    ['a start mark before a call', `<tool_call>${weather}`, { content: '<tool_call>', calls: [call] }],
    [
      'an unfinished head',
      'x <tool_call>{"name": "wea',
      { content: 'x <tool_call>{"name": "wea', calls: [] },
    ],
    [
      'an object that is no call',
      '<tool_call>{"a":1}</tool_call>',
      { content: '<tool_call>{"a":1}</tool_call>', calls: [] },
    ],
    [
      'arguments that are no object',
      '<tool_call>{"name":"f","arguments":"{}"}',
      { content: '<tool_call>{"name":"f","arguments":"{}"}', calls: [] },
    ],
    [
      'arguments that were cut',
      '<tool_call>{"name":"f","arguments":{"a":',
      { content: '', calls: [{ name: 'f', arguments: '{"a":' }] },
    ],
    [
      'arguments that are not JSON',
      '<tool_call>{"name":"f","arguments":{"a":<b></tool_call>ok',
      { content: 'ok', calls: [{ name: 'f', arguments: '{"a":<b>' }] },
    ],
    [
      'a brace too many',
      '<tool_call>{"name":"f","arguments":{}}}',
      { content: '}', calls: [{ name: 'f', arguments: '{}' }] },
    ],
    ['half a mark at the end', `a <tool_`, { content: 'a <tool_', calls: [] }],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
    expect(parse(...text)).toEqual(expected);
  });

  it('passes arguments on as they come, once the call is certain', () => {
    const parser = hermes.parser();
    expect(parser.push('Hi <tool_call>{"name": "f", "arg')).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(parser.push('uments": {"a"')).toEqual([
      { type: 'call', name: 'f' },
      { type: 'arguments', text: '{"a"' },
    ]);
    expect(parser.push(': 1')).toEqual([{ type: 'arguments', text: ': 1' }]);
    expect(parser.push('}}\n</tool_call>')).toEqual([{ type: 'arguments', text: '}' }]);
    expect(parser.finish()).toEqual([]);
  });
});

describe('properties', () => {
  const fragment = fc.constantFrom(
    '<tool_call>',
    '</tool_call>',
    '{"name": "f", "arguments": ',
    '{',
    '}',
    '"',
    '\\',
    ':',
    ',',
    ' ',
    '\n',
    '<',
    '[',
    ']',
    '"name":"g"',
    '"arguments":{"k":"v"}',
    'text',
    '1',
    '😀',
    'null',
    weather,
  );
  const text = fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join(''));

  it('reads the same calls and text however the output is cut', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 30 }), (whole, sizes) => {
        const pieces: string[] = [];
        let rest = whole;
        for (const size of sizes) {
          pieces.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        expect(parse(...pieces, rest)).toEqual(parse(whole));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back any call that was written, and the text around it', () => {
    const name = fc.string({ minLength: 1, unit: 'binary' });
    const values = fc.dictionary(fc.string(), fc.jsonValue());
    const prose = fc.string().filter((s) => !s.includes('<') && s.trim() === s);
    fc.assert(
      fc.property(prose, fc.array(fc.tuple(name, values), { maxLength: 3 }), (before, calls) => {
        const written = calls.map(
          ([n, a]) => `<tool_call>\n${JSON.stringify({ name: n, arguments: a })}\n</tool_call>`,
        );
        const parsed = parse([before, ...written].join('\n'));
        expect(parsed.content).toBe(calls.length === 0 ? before : before.trim());
        expect(parsed.calls).toEqual(calls.map(([n, a]) => ({ name: n, arguments: JSON.stringify(a) })));
      }),
    );
  });

  it('takes calls that never close', () => {
    expect(parse('<tool_call>{"x":['.repeat(60_000)).calls).toEqual([]);
  });
});
