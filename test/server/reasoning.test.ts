// Thinking in chat answers: told apart whole and streamed, counted, left free by constraints, ended by budgets.
import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import type { GenerateRequest } from '../../src/engine/index.js';
import type { Grammar } from '../../src/grammar/index.js';
import { events, type FakeEngine, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hi' }];
const thinks = { reasoningFormat: 'qwen3' };
const format = {
  type: 'json_schema',
  json_schema: {
    name: 'n',
    schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
  },
};
const tools = [
  {
    type: 'function',
    function: {
      name: 'f',
      parameters: { type: 'object', properties: { x: { type: 'integer' } }, required: ['x'] },
    },
  },
];

/** Whether the engine was asked for outputs that this text is one of. */
function accepts(engine: FakeEngine, text: string, index = 0): boolean {
  const grammar = compile({ grammar: (engine.requests[index] as { grammar: Grammar }).grammar });
  return grammar.test(text);
}

describe('is told apart', () => {
  const pieces = ['<thi', 'nk>\nWell', '. </th', 'ink>\n\nYes', '.'];

  it('whole, with its tokens counted', async () => {
    const { post } = await start({ pieces }, thinks);
    const { choices, usage } = await (await post(path, { messages })).json();
    expect(choices[0].message).toMatchObject({ content: 'Yes.', reasoning_content: 'Well.' });
    expect(usage.completion_tokens_details).toEqual({ reasoning_tokens: usage.reasoning_tokens });
    expect(usage.reasoning_tokens).toBeGreaterThan(0);
  });

  it('streamed, as it comes or at once', async () => {
    for (const [stream_reasoning, told] of [
      [true, ['Well', '.']],
      [false, ['Well.']],
    ] as const) {
      const { post } = await start({ pieces }, thinks);
      const all = (await events(await post(path, { messages, stream: true, stream_reasoning }))).slice(0, -1);
      const deltas = all.map((event) => event.choices[0].delta);
      expect(deltas.flatMap((delta) => delta.reasoning_content ?? [])).toEqual(told);
      expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('Yes.');
    }
  });

  it('not where the client or the server wants it in the text', async () => {
    const asked = await start({ pieces }, thinks);
    const { choices } = await (await asked.post(path, { messages, separate_reasoning: false })).json();
    expect(choices[0].message).toEqual({ role: 'assistant', content: pieces.join(''), refusal: null });
    const off = await start({ pieces }, { reasoningFormat: 'none' });
    expect((await (await off.post(path, { messages })).json()).choices[0].message.content).toBe(
      pieces.join(''),
    );
  });

  it('where the prompt has opened it, and not where it has closed it', async () => {
    const open = await start({ pieces: ['a', '</think>', 'b'] }, thinks);
    open.engine.prompt = 'user: Hi\nassistant: <think>\n';
    expect((await (await open.post(path, { messages })).json()).choices[0].message).toMatchObject({
      content: 'b',
      reasoning_content: 'a',
    });
    const closed = await start({ pieces: ['a', '</think>', 'b'] }, thinks);
    closed.engine.prompt = 'assistant: <think>\n\n</think>\n\n';
    expect((await (await closed.post(path, { messages })).json()).choices[0].message.content).toBe(
      'a</think>b',
    );
  });

  it('in the format that the chat template asks for', async () => {
    const { post, engine } = await start({ pieces: ['◁think▷a◁/think▷b'] });
    engine.chatTemplates = ['... ◁think▷ ...'];
    const { message } = (await (await post(path, { messages })).json()).choices[0];
    expect(message).toMatchObject({ content: 'b', reasoning_content: 'a' });
  });

  it('an unknown format is refused when the server is made', async () => {
    await expect(start({}, { reasoningFormat: 'nonsense' })).rejects.toMatchObject({
      code: 'invalid_option',
      param: 'reasoningFormat',
    });
  });

  it('before calls', async () => {
    const call = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>';
    const { post } = await start({ pieces: ['<think>hm</think>', call] }, thinks);
    const { message, finish_reason } = (await (await post(path, { messages, tools })).json()).choices[0];
    expect(message).toMatchObject({ content: null, reasoning_content: 'hm' });
    expect(message.tool_calls[0].function).toEqual({ name: 'f', arguments: '{"x": 1}' });
    expect(finish_reason).toBe('tool_calls');
  });
});

describe('the template is told', () => {
  it.each([
    [{ reasoning_effort: 'high' }, { reasoning_effort: 'high' }],
    [{ reasoning_effort: 'none' }, { enable_thinking: false, thinking: false }],
    [
      { reasoning_effort: 'none', chat_template_kwargs: { thinking: true } },
      { enable_thinking: false, thinking: true },
    ],
  ])('%j', async (fields, chatTemplateOptions) => {
    const { post, engine } = await start();
    await post(path, { messages, ...fields });
    expect(engine.requests[0]).toMatchObject({ chatTemplateOptions });
  });

  it('what an assistant thought', async () => {
    const { post, engine } = await start();
    await post(path, {
      messages: [...messages, { role: 'assistant', content: 'Yes', reasoning_content: 'Well' }, ...messages],
    });
    expect(engine.requests[0].messages?.[1]).toEqual({
      role: 'assistant',
      content: 'Yes',
      reasoning_content: 'Well',
    });
  });

  it("to go on with the last message, which must be the assistant's", async () => {
    const { post, engine } = await start();
    const begun = [...messages, { role: 'assistant', content: 'Once' }];
    expect((await post(path, { messages: begun, continue_final_message: true })).status).toBe(200);
    expect(engine.rendered[0].options).toMatchObject({ continueFinalMessage: true });
    expect(engine.requests[0].promptTokens).toEqual(await engine.tokenize('PROMPT'));
    const refused = await post(path, { messages, continue_final_message: true });
    expect(refused.status).toBe(400);
    expect((await refused.json()).error.param).toBe('continue_final_message');
  });
});

describe('a constraint begins behind it', () => {
  it('a schema', async () => {
    const { post, engine } = await start({}, thinks);
    await post(path, { messages, response_format: format });
    expect(accepts(engine, '<think>any < text</think>\n\n{"a": 1}')).toBe(true);
    expect(accepts(engine, '{"a": 1}')).toBe(true);
    expect(accepts(engine, '<think>any text</think>\n\n{"a": "1"}')).toBe(false);
    expect(accepts(engine, 'any text{"a": 1}')).toBe(false);
  });

  it('where the prompt has opened it, the output has to end it', async () => {
    const { post, engine } = await start({}, thinks);
    engine.prompt = 'assistant: <think>';
    await post(path, { messages, response_format: format });
    expect(accepts(engine, 'text</think>{"a": 1}')).toBe(true);
    expect(accepts(engine, '{"a": 1}')).toBe(false);
  });

  it('calls, and an answer beside calls', async () => {
    const call = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>';
    const { post, engine } = await start({}, thinks);
    await post(path, { messages, tools, tool_choice: 'required' });
    expect(accepts(engine, `<think>a</think>\n${call}`)).toBe(true);
    expect(accepts(engine, '<think>a</think>\nno')).toBe(false);
    await post(path, { messages, tools, response_format: format });
    expect(accepts(engine, `<think>a</think>\n${call}`, 1)).toBe(true);
    expect(accepts(engine, '<think>a</think>\n{"a": 1}', 1)).toBe(true);
  });

  it('harmony: an answer is opened by its channel, calls by theirs', async () => {
    const { post, engine } = await start({}, { reasoningFormat: 'gpt-oss', toolCallFormat: 'gpt-oss' });
    const thought = '<|channel|>analysis<|message|>a<|end|><|start|>assistant';
    await post(path, { messages, response_format: format });
    expect(accepts(engine, `${thought}<|channel|>final<|message|>{"a": 1}`)).toBe(true);
    expect(accepts(engine, '<|channel|>final<|message|>{"a": 1}')).toBe(true);
    expect(accepts(engine, `${thought}{"a": 1}`)).toBe(false);
    await post(path, { messages, tools });
    expect(accepts(engine, `${thought}<|channel|>final<|message|>Hello`, 1)).toBe(true);
    const call = '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"x": 1}<|call|>';
    expect(accepts(engine, `${thought}${call}`, 1)).toBe(true);
    expect(accepts(engine, `${thought}${call.replace('1', '"1"')}`, 1)).toBe(false);
  });
});

describe('a budget', () => {
  const script = (request: GenerateRequest) =>
    request.stop?.includes('</think>')
      ? { pieces: ['one ', 'two '], finishReason: 'length' as const }
      : { pieces: ['{"a"', ': 1}'] };

  it('ends the thinking, and the answer comes under its constraint', async () => {
    for (const stream of [false, true]) {
      const { post, engine } = await start(script, thinks);
      const response = await post(path, { messages, response_format: format, thinking_budget: 2, stream });
      const [thinking, answer] = engine.requests;
      expect(thinking).toMatchObject({ maxTokens: 2, skipSpecialTokens: false });
      expect(thinking.schema).toBeUndefined();
      expect(answer.schema).toEqual(format.json_schema.schema);
      expect(Array.from(answer.promptTokens ?? [])).toEqual([
        ...(await engine.tokenize('PROMPT<think>\n')),
        0,
        1,
        ...(await engine.tokenize('</think>\n\n')),
      ]);
      const told = stream
        ? (await events(response)).slice(0, -1).map((event) => event.choices[0].delta)
        : [(await response.json()).choices[0].message];
      expect(told.map((delta) => delta.reasoning_content ?? '').join('')).toBe('one two');
      expect(told.map((delta) => delta.content ?? '').join('')).toBe('{"a": 1}');
    }
  });

  it('is not used up by thinking that ends by itself, nor given to an output that was cut', async () => {
    const ended = await start(
      (request) => (request.stop ? { pieces: ['hm'], matchedStop: '</think>' } : { pieces: ['yes'] }),
      thinks,
    );
    const { choices } = await (await ended.post(path, { messages, thinking_budget: 99, n: 2 })).json();
    expect(choices.map((choice: { message: object }) => choice.message)).toEqual(
      Array(2).fill({ role: 'assistant', content: 'yes', refusal: null, reasoning_content: 'hm' }),
    );
    const cut = await start({ pieces: ['h', 'm'], finishReason: 'length' }, thinks);
    const answer = await (await cut.post(path, { messages, thinking_budget: 99, max_tokens: 2 })).json();
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    expect(cut.engine.requests).toHaveLength(1);
  });

  it('of none is no thinking', async () => {
    const { post, engine } = await start({ pieces: ['yes'] }, thinks);
    const { choices } = await (await post(path, { messages, thinking_budget: 0 })).json();
    expect(choices[0].message.content).toBe('yes');
    expect(engine.requests).toHaveLength(1);
  });

  it('in harmony: the answer is opened for the model, or opened by it beside tools', async () => {
    const harmony = { reasoningFormat: 'gpt-oss', toolCallFormat: 'gpt-oss' };
    const start_ = '<|channel|>analysis<|message|>\n';
    const final = '<|start|>assistant<|channel|>final<|message|>';
    const cut = (request: GenerateRequest) =>
      request.stop?.includes('<|end|>')
        ? { pieces: ['one ', 'two '], finishReason: 'length' as const }
        : { pieces: ['yes'] };
    const { post, engine } = await start(cut, harmony);
    const plain = await (await post(path, { messages, thinking_budget: 2 })).json();
    expect(plain.choices[0].message).toMatchObject({ content: 'yes', reasoning_content: 'one two' });
    expect(String.fromCodePoint(...(engine.requests[1].promptTokens ?? []))).toBe(
      `PROMPT${start_}\u0000\u0001<|end|>${final}`,
    );
    await post(path, { messages, thinking_budget: 0, tools });
    expect(String.fromCodePoint(...(engine.requests[2].promptTokens ?? []))).toBe(
      `PROMPT${start_}\n<|end|><|start|>assistant`,
    );
    expect(accepts(engine, '<|channel|>final<|message|>Hello', 2)).toBe(true);
    expect(accepts(engine, '<|channel|>analysis<|message|>Hello', 2)).toBe(false);
  });

  it('or a Lark grammar, which may have a lexer of its own: two requests', async () => {
    const { post, engine } = await start(
      (request) => (request.lark ? { pieces: ['ab'] } : { pieces: ['hm'], matchedStop: '</think>' }),
      thinks,
    );
    const lark = 'start: "a" "b"';
    expect((await (await post(path, { messages, lark })).json()).choices[0].message).toMatchObject({
      content: 'ab',
      reasoning_content: 'hm',
    });
    expect(engine.requests.map((request) => request.lark)).toEqual([undefined, lark]);
  });
});

it('tool_choice allowed_tools: the model is told of all tools, and may call those', async () => {
  const more = [...tools, { type: 'function', function: { name: 'g', parameters: { type: 'object' } } }];
  const allowed = (mode: string, names: string[]) => ({
    type: 'allowed_tools',
    allowed_tools: { mode, tools: names.map((name) => ({ type: 'function', function: { name } })) },
  });
  const { post, engine } = await start();
  await post(path, { messages, tools: more, tool_choice: allowed('required', ['g']) });
  const call = (name: string) => `<tool_call>\n{"name": "${name}", "arguments": {"x": 1}}\n</tool_call>`;
  expect(engine.requests[0].tools).toHaveLength(2);
  expect([accepts(engine, call('f')), accepts(engine, call('g'))]).toEqual([false, true]);
  for (const choice of [allowed('required', ['h']), allowed('maybe', ['g']), allowed('auto', [])])
    expect((await post(path, { messages, tools: more, tool_choice: choice })).status).toBe(400);
});
