// Custom tools in chat completions: what the engine is asked, calls whole and streamed, errors in the body's own terms.
import { afterEach, describe, expect, it } from 'vitest';
import { compile as compileGrammar } from '../../src/compile/index.js';
import type { Grammar } from '../../src/grammar/index.js';
import { events, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hi' }];
const grammarFormat = (syntax: string, definition: string) => ({
  type: 'grammar',
  grammar: { syntax, definition },
});
const weather = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};
const run = (format?: object) => ({
  type: 'custom',
  custom: { name: 'run', description: 'Runs code', ...(format && { format }) },
});
const said = (input: string) =>
  `<tool_call>\n{"name": "run", "arguments": ${JSON.stringify({ input })}}\n</tool_call>`;

describe('calls', () => {
  const output = `${said('say "é😀"\n')}\n<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>`;
  const asked = { messages, tools: [weather, run()] };

  it('whole', async () => {
    const { post } = await start({ pieces: [output] });
    const { choices } = await (await post(path, asked)).json();
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls' });
    expect(choices[0].message.tool_calls).toEqual([
      { id: expect.any(String), type: 'custom', custom: { name: 'run', input: 'say "é😀"\n' } },
      {
        id: expect.any(String),
        type: 'function',
        function: { name: 'weather', arguments: '{"city": "Rome"}' },
      },
    ]);
  });

  it('streamed: the first delta names the call, the others carry its input alone', async () => {
    const { post } = await start({ pieces: [...output] });
    const streamed = await events(await post(path, { ...asked, stream: true }));
    const deltas = streamed.flatMap((one) => one.choices?.[0]?.delta.tool_calls ?? []);
    const [first, ...rest] = deltas.filter(({ index }) => index === 0);
    expect(first).toEqual({
      index: 0,
      id: expect.any(String),
      type: 'custom',
      custom: { name: 'run', input: '' },
    });
    for (const delta of rest)
      expect(delta).toEqual({ index: 0, custom: { input: expect.stringMatching(/./s) } });
    expect(rest.map(({ custom }) => custom.input).join('')).toBe('say "é😀"\n');
    const given = deltas.filter(({ index }) => index === 1).map((delta) => delta.function.arguments);
    expect(given.join('')).toBe('{"city": "Rome"}');
  });

  it('go back into the conversation as the model wrote them', async () => {
    const { post, engine } = await start();
    const call = { id: 'c', type: 'custom', custom: { name: 'run', input: 'a "b"' } };
    const answered = [
      ...messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c', content: 'done' },
    ];
    expect((await post(path, { messages: answered, tools: [run()] })).status).toBe(200);
    expect(engine.requests[0].messages?.[1].tool_calls).toEqual([
      { id: 'c', type: 'function', function: { name: 'run', arguments: '{"input":"a \\"b\\""}' } },
    ]);
  });
});

describe('a grammar', () => {
  it.each([
    ['regex', 'say "[a-z]+"'],
    ['lark', 'start: "say \\"" /[a-z]+/ "\\""'],
  ])('holds the input (%s)', async (syntax, definition) => {
    const { post, engine } = await start();
    const asked = {
      messages,
      tools: [weather, run(grammarFormat(syntax, definition))],
      tool_choice: { type: 'custom', custom: { name: 'run' } },
    };
    expect((await post(path, asked)).status).toBe(200);
    const grammar = await compileGrammar({ grammar: engine.requests[0].grammar as Grammar });
    expect(grammar.test(said('say "hi"'))).toBe(true);
    expect(grammar.test(said('say hi'))).toBe(false);
    expect(grammar.test(said('say "hi"').replace('run', 'weather'))).toBe(false);
  });
});

describe('refused in terms of the body', () => {
  const first = { type: 'function', function: { name: 'first' } };
  const only = (name: string) => ({
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'custom', custom: { name } }] },
  });

  it.each<[string, object, string]>([
    ['no custom', { tools: [first, { type: 'custom' }] }, 'tools[1].custom'],
    ['no name', { tools: [{ type: 'custom', custom: {} }] }, 'tools[0].custom.name'],
    ['a name twice', { tools: [run(), run()] }, 'tools[1].custom.name'],
    ['another format', { tools: [run({ type: 'json' })] }, 'tools[0].custom.format.type'],
    ['another syntax', { tools: [run(grammarFormat('ebnf', 'x'))] }, 'tools[0].custom.format.grammar.syntax'],
    ['no expression', { tools: [first, run(grammarFormat('regex', '('))] }, 'tools[1].custom.format'],
    [
      'no grammar',
      { tools: [first, run(grammarFormat('lark', 'start: ('))], tool_choice: only('run') },
      'tools[1].custom.format.grammar.definition',
    ],
    ['an unknown tool', { tools: [run()], tool_choice: only('walk') }, 'tool_choice'],
    [
      'a call that is none',
      { messages: [...messages, { role: 'assistant', tool_calls: [{ id: 'c', type: 'custom' }] }] },
      'messages[1].tool_calls[0].function',
    ],
  ])('%s', async (_, body, param) => {
    const { post } = await start();
    const refused = await post(path, { messages, ...body });
    expect(refused.status).toBe(400);
    const { error } = await refused.json();
    expect(error.param).toBe(param);
    expect(error.message).toContain(param);
  });
});
