// POST /v1/chat/completions by plain fetch: what the engine is asked, what is answered, what is refused by name.
import { afterEach, describe, expect, it } from 'vitest';
import { compile as compileGrammar } from '../../src/compile/index.js';
import type { Grammar } from '../../src/grammar/index.js';
import { events, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hi' }];
const tool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};
const called = [
  'Sure.\n<tool_',
  'call>\n{"name": "weather", "argum',
  'ents": {"city": "P',
  'aris"}}\n</tool_call>',
];

describe('the engine is asked', () => {
  it('with OpenAI defaults', async () => {
    const { post, engine } = await start();
    await post(path, { messages });
    expect(engine.requests[0]).toEqual({
      messages,
      temperature: 1,
      maxTokens: 512,
      signal: expect.any(AbortSignal),
    });
  });

  it('with every field that is supported', async () => {
    const { post, engine } = await start();
    await post(path, {
      messages: [
        {
          role: 'developer',
          content: [
            { type: 'text', text: 'Be ' },
            { type: 'text', text: 'brief.' },
          ],
        },
        { role: 'user', content: 'Hi', name: 'ann' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } },
            { id: 'call_2', type: 'function', function: { name: 'g', arguments: 'broken' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '2' },
      ],
      max_tokens: 5,
      max_completion_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      min_p: 0.1,
      seed: -1,
      stop: 'x',
      stop_token_ids: [4],
      ignore_eos: true,
      chat_template_kwargs: { mood: 'calm' },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', strict: true, schema: { type: 'null' } },
      },
    });
    expect(engine.requests[0]).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi', name: 'ann' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } },
            { id: 'call_2', type: 'function', function: { name: 'g', arguments: 'broken' } },
          ],
        },
        { role: 'tool', content: '2', tool_call_id: 'call_1' },
      ],
      maxTokens: 9,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      minP: 0.1,
      seed: Number.MAX_SAFE_INTEGER,
      stop: ['x'],
      stopTokenIds: [4],
      ignoreEos: true,
      chatTemplateOptions: { mood: 'calm' },
      schema: { type: 'null' },
      signal: expect.any(AbortSignal),
    });
  });

  it.each([
    [{ response_format: { type: 'json_object' } }, { schema: { type: 'object' } }],
    [{ response_format: { type: 'text' } }, {}],
    [{ regex: 'a+' }, { regex: 'a+' }],
    [{ ebnf: 'root ::= "a"' }, { ebnf: 'root ::= "a"' }],
    [
      { response_format: { type: 'structural_tag', format: { type: 'any_text' } } },
      { structuralTag: { type: 'structural_tag', format: { type: 'any_text' } } },
    ],
    [{ response_format: null, regex: null, ebnf: '', tools: null, stop: null, temperature: null }, {}],
    [
      { tools: [tool], tool_choice: 'none', response_format: { type: 'json_object' } },
      { schema: { type: 'object' } },
    ],
    [{ tools: [], tool_choice: 'auto' }, {}],
  ])('with the constraint of %j', async (fields, asked) => {
    const { post, engine } = await start();
    expect((await post(path, { messages, ...fields })).status).toBe(200);
    expect(engine.requests[0]).toEqual({
      messages,
      temperature: 1,
      maxTokens: 512,
      signal: expect.any(AbortSignal),
      ...asked,
    });
  });
});

it('an output never asks for more tokens than the context holds', async () => {
  const { post, engine } = await start();
  await post(path, { messages, max_tokens: 100_000 });
  await post('/generate', { text: 'a', sampling_params: { max_new_tokens: 100_000 } });
  expect(engine.requests.map(({ maxTokens }) => maxTokens)).toEqual([512, 512]);
});

describe('answers', () => {
  it('whole', async () => {
    const { post } = await start({ matchedStop: 7 });
    expect(await (await post(path, { messages, model: 'anything', unknown_field: 1 })).json()).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'fake-1',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello, world', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
          matched_stop: 7,
        },
      ],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 3,
        total_tokens: 14,
        prompt_tokens_details: { cached_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 0 },
        reasoning_tokens: 0,
      },
    });
  });

  it('streamed: role first, text, a finish reason, usage when asked, [DONE]', async () => {
    const { post } = await start(
      { pieces: ['a', '', 'b'], finishReason: 'length' },
      { servedModelName: 'named' },
    );
    const answer = await post(path, { messages, stream: true, stream_options: { include_usage: true } });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const all = await events(answer);
    expect(all.pop()).toBe('[DONE]');
    expect(all.pop()).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
    });
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    for (const one of all)
      expect(one).toMatchObject({ object: 'chat.completion.chunk', model: 'named', usage: null });
    expect(all.map(({ choices }) => [choices[0].index, choices[0].delta, choices[0].finish_reason])).toEqual([
      [0, { role: 'assistant', content: '' }, null],
      [0, { content: 'a' }, null],
      [0, { content: 'b' }, null],
      [0, {}, 'length'],
    ]);
  });

  it('streamed without usage unless asked', async () => {
    const { post } = await start();
    const all = await events(await post(path, { messages, stream: true }));
    for (const one of all) expect(one).not.toHaveProperty('usage');
  });

  it('an error in mid-stream as an event', async () => {
    const { post } = await start({ lateError: new TypeError('bug') });
    const all = await events(await post(path, { messages, stream: true }));
    expect(all.at(-2)).toEqual({
      error: {
        message: expect.stringContaining('internal error'),
        type: 'server_error',
        param: null,
        code: 'internal_error',
      },
    });
    expect(all.at(-1)).toBe('[DONE]');
  });
});

describe('tool calls', () => {
  it('strict: false takes any object where the model chooses to call, and is not shown to it', async () => {
    const required = { ...tool.function, parameters: { ...tool.function.parameters, required: ['city'] } };
    const loose = '<tool_call>\n{"name": "weather", "arguments": {"town": 1}}\n</tool_call>';
    for (const [strict, tool_choice, taken] of [
      [false, 'auto', true],
      [true, 'auto', false],
      [null, 'auto', false],
      [false, 'required', false],
    ] as const) {
      const { post, engine } = await start();
      await post(path, {
        messages,
        tool_choice,
        tools: [{ type: 'function', function: { ...required, strict } }],
      });
      const [{ grammar, tools }] = engine.requests as unknown as [{ grammar: Grammar; tools: object[] }];
      expect(compileGrammar({ grammar }).test(loose), `${strict} ${tool_choice}`).toBe(taken);
      expect(tools).toEqual([{ type: 'function', function: required }]);
    }
  });

  it('whole: text and calls apart, tools shown in one normal form', async () => {
    const { post, engine } = await start({ pieces: called });
    const strict = { ...tool, function: { strict: true, ...tool.function } };
    const body = await (await post(path, { messages, tools: [strict] })).json();
    expect(body.choices[0]).toMatchObject({
      message: {
        role: 'assistant',
        content: 'Sure.',
        tool_calls: [
          {
            id: expect.stringMatching(/^call_[0-9a-f]{32}$/),
            type: 'function',
            function: { name: 'weather', arguments: '{"city": "Paris"}' },
          },
        ],
      },
      finish_reason: 'tool_calls',
    });
    expect(engine.requests[0].tools).toEqual([tool]);
    expect(engine.requests[0]).toMatchObject({ skipSpecialTokens: false });
  });

  it('whole: content is null beside calls alone, and there is no tool_calls beside text alone', async () => {
    const calls = await start({ pieces: called.join('').split('Sure.') });
    expect(
      (await (await calls.post(path, { messages, tools: [tool] })).json()).choices[0].message.content,
    ).toBeNull();
    const text = await start();
    const { message, finish_reason } = (await (await text.post(path, { messages, tools: [tool] })).json())
      .choices[0];
    expect(message).not.toHaveProperty('tool_calls');
    expect(finish_reason).toBe('stop');
  });

  it('streamed: the first delta of a call names it, the others carry arguments alone', async () => {
    const { post } = await start({ pieces: called });
    const all = await events(await post(path, { messages, tools: [tool], stream: true }));
    const deltas = all.slice(0, -1).map(({ choices }) => choices[0].delta);
    const id = expect.stringMatching(/^call_/);
    expect(deltas).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Sure.' },
      { tool_calls: [{ index: 0, id, type: 'function', function: { name: 'weather', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"city": "P' } }] },
      { tool_calls: [{ index: 0, function: { arguments: 'aris"}' } }] },
      {},
    ]);
    expect(all.at(-2).choices[0].finish_reason).toBe('tool_calls');
  });

  it('cut by the token limit: finish_reason stays length', async () => {
    const { post } = await start({ pieces: called.slice(0, 3), finishReason: 'length' });
    const { choices } = await (await post(path, { messages, tools: [tool] })).json();
    expect(choices[0].finish_reason).toBe('length');
    expect(choices[0].message.tool_calls[0].function.arguments).toBe('{"city": "P');
  });

  it.each([
    'required',
    { type: 'function', function: { name: 'weather' } },
  ])('forced by %j: the engine gets a grammar', async (tool_choice) => {
    const { post, engine } = await start({ pieces: called });
    expect((await post(path, { messages, tools: [tool], tool_choice })).status).toBe(200);
    expect(engine.requests[0].grammar).toMatchObject({ start: { kind: 'sequence' } });
    expect(engine.requests[0].tools).toEqual([tool]);
  });

  it('the same tools give the same grammar, other tools another', async () => {
    const { post, engine } = await start({ pieces: called });
    const other = { type: 'function', function: { name: 'time' } };
    for (const tools of [[tool], [tool], [tool, other]])
      await post(path, { messages, tools, tool_choice: 'required' });
    const [first, again, more] = engine.requests.map(({ grammar }) => grammar);
    expect(again).toBe(first);
    expect(more).not.toBe(first);
  });

  it('none: tools are not shown and text is not parsed', async () => {
    const { post, engine } = await start({ pieces: called });
    const { choices } = await (await post(path, { messages, tools: [tool], tool_choice: 'none' })).json();
    expect(engine.requests[0]).not.toHaveProperty('tools');
    expect(choices[0].message.content).toBe(called.join(''));
  });

  /** Whether a text is an output that such a request allows. */
  const asked = async (fields: object) => {
    const { post, engine } = await start({ pieces: called });
    expect((await post(path, { messages, tools: [tool], ...fields })).status).toBe(200);
    const grammar = compileGrammar({ grammar: engine.requests[0].grammar as Grammar });
    return (text: string) => grammar.test(text);
  };
  const call = '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>';
  const wrong = call.replace('"Paris"', '5');

  it('auto: text is free, a call in it is held to its tool, and more may follow', async () => {
    const sentence = await asked({});
    for (const text of ['', 'Hi {"name"', `Sure.\n${call}`, `${call}\n${call} and so on`])
      expect(sentence(text)).toBe(true);
    for (const text of [wrong, call.replace('weather', 'other')]) expect(sentence(text)).toBe(false);
  });

  it('parallel_tool_calls false: nothing follows the first call', async () => {
    let sentence = await asked({ parallel_tool_calls: false });
    expect([sentence(call), sentence('no'), sentence(`${call}\n${call}`)]).toEqual([true, true, false]);
    sentence = await asked({ parallel_tool_calls: false, tool_choice: 'required' });
    expect([sentence(call), sentence('no'), sentence(`${call}\n${call}`)]).toEqual([true, false, false]);
    sentence = await asked({ tool_choice: 'required' });
    expect([sentence(call), sentence(`${call}\n${call}`)]).toEqual([true, true]);
  });

  it('response_format with tools: the output is an answer of that form, or calls', async () => {
    let sentence = await asked({
      response_format: { type: 'json_schema', json_schema: { schema: { type: 'integer' } } },
    });
    expect([sentence('12'), sentence(call), sentence('Hi'), sentence(wrong)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    sentence = await asked({ regex: 'a+' });
    expect([sentence('aa'), sentence(call), sentence('b')]).toEqual([true, true, false]);
  });
});

describe('refused by name', () => {
  const schemaFormat = (json_schema: unknown) => ({ response_format: { type: 'json_schema', json_schema } });
  it.each<[object, string, string]>([
    [{ messages: undefined }, 'messages', 'messages is required'],
    [{ messages: [] }, 'messages', 'messages must NOT have fewer than 1 items'],
    [
      { messages: [{ role: 'function', content: '' }] },
      'messages[0].role',
      'messages[0].role must be "system", "developer", "user", "assistant" or "tool"',
    ],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content', 'messages[0].content is required'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages[0].content[0].type',
      '"image_url" is not supported',
    ],
    [{ logit_bias: { 5: 101 } }, 'logit_bias[5]', 'logit_bias[5] must be <= 100'],
    [{ presence_penalty: 2.5 }, 'presence_penalty', 'presence_penalty must be <= 2'],
    [{ frequency_penalty: -3 }, 'frequency_penalty', 'frequency_penalty must be >= -2'],
    [{ min_tokens: -1 }, 'min_tokens', 'min_tokens must be >= 0'],
    [{ functions: [{ name: 'f' }] }, 'functions', 'functions is not supported: use tools'],
    [{ modalities: ['text', 'audio'] }, 'modalities', 'modalities is not supported'],
    [{ guided_json: {} }, 'guided_json', 'guided_json is not supported'],
    [{ temperature: 'hot' }, 'temperature', 'temperature must be number or null'],
    [{ temperature: -1 }, 'temperature', 'temperature must be >= 0'],
    [{ top_p: 0 }, 'top_p', 'top_p must be > 0'],
    [{ max_tokens: 0 }, 'max_tokens', 'max_tokens must be >= 1'],
    [{ stop: ['a', ''] }, 'stop[1]', 'stop[1] must NOT have fewer than 1 characters'],
    [
      { response_format: { type: 'yaml' } },
      'response_format.type',
      'response_format.type must be "text", "json_object", "json_schema" or "structural_tag"',
    ],
    [
      schemaFormat({ name: 'n' }),
      'response_format.json_schema.schema',
      'is required with type "json_schema"',
    ],
    [schemaFormat(undefined), 'response_format.json_schema.schema', 'is required with type "json_schema"'],
    [
      { regex: 'a', response_format: { type: 'json_object' } },
      'regex',
      'response_format and regex cannot be combined',
    ],
    [{ tools: [tool], tool_choice: 'required', regex: 'a' }, 'regex', 'tool_choice asks for a call'],
    [{ tools: [tool], lark: 'start: A\nA: "a"' }, 'lark', 'a grammar with a lexer of its own'],
    [
      { tools: [tool, { type: 'web_search' }] },
      'tools[1].type',
      'tools[1].type "web_search" is not supported',
    ],
    [{ tools: [tool, tool] }, 'tools[1].function.name', 'repeats the name "weather"'],
    [
      { tools: [{ type: 'function', function: { name: 'a b' } }] },
      'tools[0].function.name',
      'tools[0].function.name must be',
    ],
    [
      { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'array' } } }] },
      'tools[0].function.parameters.type',
      'must be "object"',
    ],
    [{ n: 129 }, 'n', 'must be <= 128'],
    [{ top_logprobs: 2 }, 'top_logprobs', 'needs logprobs'],
    [{ tool_choice: 'required' }, 'tool_choice', 'there are no tools'],
    [{ tools: [tool], tool_choice: 'sometimes' }, 'tool_choice', 'tool_choice "sometimes" is not supported'],
    [
      { tools: [tool], tool_choice: { type: 'function', function: { name: 'x' } } },
      'tool_choice',
      'tool_choice names "x", which is not among the tools',
    ],
    [{ tools: [tool], tool_choice: { type: 'allowed_tools' } }, 'tool_choice', 'is not supported'],
  ])('%j', async (fields, param, message) => {
    const { post, engine } = await start();
    const answer = await post(path, { messages, ...fields });
    expect(answer.status).toBe(400);
    const { error } = await answer.json();
    expect(error.param).toBe(param);
    expect(error.message).toContain(message);
    expect(error.type).toBe('invalid_request_error');
    expect(engine.requests).toHaveLength(0);
  });

  it('but takes penalties, biases and min_tokens', async () => {
    const { post, engine } = await start();
    const fields = { presence_penalty: 0.5, frequency_penalty: -1, repetition_penalty: 1.2 };
    expect((await post(path, { messages, ...fields, logit_bias: { 5: 1 }, min_tokens: 3 })).status).toBe(200);
    expect(engine.requests[0]).toMatchObject({
      presencePenalty: 0.5,
      frequencyPenalty: -1,
      repetitionPenalty: 1.2,
      logitBias: { 5: 1 },
      minTokens: 3,
    });
  });

  it('but not values that ask for nothing, nor metadata', async () => {
    const { post } = await start();
    const answer = await post(path, {
      messages,
      n: 1,
      logprobs: false,
      logit_bias: {},
      presence_penalty: 0,
      frequency_penalty: 0,
      modalities: ['text'],
      user: 'u',
      metadata: { a: 'b' },
      store: false,
      service_tier: 'auto',
      prediction: null,
      parallel_tool_calls: true,
    });
    expect(answer.status).toBe(200);
  });

  it('too many tools, with the limit', async () => {
    const { post } = await start({}, { maxTools: 1 });
    const answer = await post(path, { messages, tools: [tool, tool] });
    expect((await answer.json()).error.message).toBe('tools has 2 entries (limit maxTools = 1)');
  });
});

describe('GET /v1/models', () => {
  it('lists the one model and describes it', async () => {
    const { url } = await start({}, { servedModelName: 'org/name' });
    const model = {
      id: 'org/name',
      object: 'model',
      created: expect.any(Number),
      owned_by: 'espalier',
      max_model_len: 512,
    };
    expect(await (await fetch(`${url}/v1/models`)).json()).toEqual({ object: 'list', data: [model] });
    expect(await (await fetch(`${url}/v1/models/org%2Fname`)).json()).toEqual(model);
    expect(await (await fetch(`${url}/v1/models/org/name`)).json()).toEqual(model);
    const unknown = await fetch(`${url}/v1/models/other`);
    expect(unknown.status).toBe(404);
    expect((await unknown.json()).error.code).toBe('model_not_found');
  });
});
