// POST /v1/responses and the routes of stored responses by plain fetch: what the engine is asked, what is answered, what is
// refused by name.
import { afterEach, describe, expect, it } from 'vitest';
import { compile as compileGrammar } from '../../src/compile/index.js';
import { EngineError } from '../../src/errors.js';
import type { Grammar } from '../../src/grammar/index.js';
import { start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/responses';
const weather = {
  type: 'function',
  name: 'weather',
  description: 'Weather of a city',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};
const called = ['<tool_', 'call>\n{"name": "weather", "argum', 'ents": {"city": "P', 'aris"}}\n</tool_call>'];

/** Named events, each with the name that it came under. */
// biome-ignore lint/suspicious/noExplicitAny: events are looked at field by field in tests.
async function namedEvents(response: Response): Promise<any[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
    const event = JSON.parse(data);
    expect(event.type).toBe(name);
    return event;
  });
}

describe('the engine is asked', () => {
  it('with OpenAI defaults', async () => {
    const { post, engine } = await start();
    const answer = await post(path, { input: 'Hi', model: 'any' });
    expect(answer.status).toBe(200);
    expect(engine.requests[0]).toMatchObject({
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 1,
      maxTokens: 512,
    });
  });

  it('for a conversation of items: one message a turn', async () => {
    const { post, engine } = await start();
    await post(path, {
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'No jokes.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'Weather ' },
            { type: 'input_text', text: 'in Rome?' },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Ask.' }] },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }],
        },
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_1',
          name: 'weather',
          arguments: '{"city":"Rome"}',
          status: 'completed',
        },
        { type: 'custom_tool_call', call_id: 'call_2', name: 'run', input: 'a "b"' },
        { type: 'function_call_output', call_id: 'call_1', output: 'sunny' },
        {
          type: 'custom_tool_call_output',
          call_id: 'call_2',
          output: [{ type: 'input_text', text: 'done' }],
        },
        { role: 'assistant', content: 'Sunny.' },
        { role: 'assistant', content: 'And warm.' },
        { role: 'user', content: 'Thanks' },
      ],
    });
    const [request] = engine.requests;
    expect(request.messages).toMatchObject([
      { role: 'system', content: 'Be brief.\n\nNo jokes.' },
      { role: 'user', content: 'Weather in Rome?' },
      {
        role: 'assistant',
        content: 'Let me see.',
        reasoning_content: 'Ask.',
        tool_calls: [
          { id: 'call_1', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
          { id: 'call_2', function: { name: 'run', arguments: '{"input":"a \\"b\\""}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
      { role: 'tool', tool_call_id: 'call_2', content: 'done' },
      { role: 'assistant', content: 'Sunny.' },
      { role: 'assistant', content: 'And warm.' },
      { role: 'user', content: 'Thanks' },
    ]);
  });

  it('with every field that is supported', async () => {
    const { post, engine } = await start();
    const answer = await post(path, {
      input: 'Hi',
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      seed: 4,
      stop: 'x',
      max_output_tokens: 9,
      cache_salt: 's',
      text: { format: { type: 'json_schema', name: 'n', strict: true, schema: { type: 'null' } } },
      reasoning: { effort: 'low' },
      chat_template_kwargs: { mood: 'calm' },
      include: ['reasoning.encrypted_content'],
      service_tier: 'auto',
      user: 'me',
      prompt_cache_key: 'k',
    });
    expect(answer.status).toBe(200);
    expect(engine.requests[0]).toMatchObject({
      temperature: 0,
      topP: 0.5,
      topK: 3,
      seed: 4,
      stop: ['x'],
      maxTokens: 9,
      cacheSalt: 's',
      schema: { type: 'null' },
      chatTemplateOptions: { reasoning_effort: 'low', mood: 'calm' },
    });
  });

  it('without thinking for effort none', async () => {
    const { post, engine } = await start();
    await post(path, { input: 'Hi', reasoning: { effort: 'none' } });
    expect(engine.requests[0].chatTemplateOptions).toMatchObject({ enable_thinking: false });
  });

  it.each([
    ['text', {}],
    ['json_object', { schema: { type: 'object' } }],
  ])('text.format %s', async (type, asked) => {
    const { post, engine } = await start();
    await post(path, { input: 'Hi', text: { format: { type } } });
    expect(engine.requests[0]).toMatchObject(asked);
    expect('schema' in engine.requests[0]).toBe('schema' in asked);
  });
});

describe('an answer', () => {
  it('whole: the response repeats what was asked', async () => {
    const { post } = await start();
    const asked = {
      input: 'Hi',
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      max_output_tokens: 20,
      tools: [weather],
      tool_choice: 'none',
    };
    expect(await (await post(path, asked)).json()).toMatchObject({
      id: expect.stringMatching(/^resp_/),
      object: 'response',
      status: 'completed',
      model: 'fake-1',
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      max_output_tokens: 20,
      tools: [weather],
      tool_choice: 'none',
      error: null,
      incomplete_details: null,
      previous_response_id: null,
      output: [
        {
          type: 'message',
          id: expect.stringMatching(/^msg_/),
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hello, world', annotations: [] }],
        },
      ],
      usage: {
        input_tokens: 11,
        input_tokens_details: { cached_tokens: 8 },
        output_tokens: 3,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 14,
      },
    });
  });

  it('streamed: named events that end with the whole response', async () => {
    const { post } = await start();
    const response = await post(path, { input: 'Hi', stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const all = await namedEvents(response);
    expect(all.map(({ type }) => type.slice('response.'.length))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      ...Array(3).fill('output_text.delta'),
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(all[0].response).toMatchObject({ status: 'in_progress', output: [], usage: null });
    expect(all.at(-1).response).toMatchObject({ id: all[0].response.id, status: 'completed' });
    const [message] = all.at(-1).response.output;
    for (const event of all.slice(3, 9))
      expect(event).toMatchObject({ item_id: message.id, output_index: 0, content_index: 0 });
  });

  it('that was cut is incomplete', async () => {
    const { post } = await start({ finishReason: 'length' });
    expect(await (await post(path, { input: 'Hi' })).json()).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
    const all = await namedEvents(await post(path, { input: 'Hi', stream: true }));
    expect(all.at(-1).type).toBe('response.incomplete');
  });

  it('that fails midway ends its stream with response.failed', async () => {
    const { post } = await start({ pieces: ['a'], lateError: new EngineError('native_error', 'it broke') });
    const all = await namedEvents(await post(path, { input: 'Hi', stream: true }));
    expect(all.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'native_error', message: 'it broke' } },
    });
    expect((await post(path, { input: 'Hi' })).status).toBe(500);
  });

  it('that fails before it begins has its status, streamed too', async () => {
    const { post } = await start({ error: new EngineError('queue_full', 'full') });
    for (const stream of [false, true]) {
      const refused = await post(path, { input: 'Hi', stream });
      expect(refused.status).toBe(429);
      expect((await refused.json()).error.code).toBe('queue_full');
    }
  });

  it('is ended when its client goes away', async () => {
    const { url, engine } = await start({ pieces: Array(200).fill('x'), delay: 5 });
    const client = new AbortController();
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Hi', stream: true }),
      signal: client.signal,
    });
    await response.body?.getReader().read();
    client.abort();
    await expect.poll(() => engine.aborted).toBe(1);
  });

  it('tells log-probabilities where they are asked for', async () => {
    const logprobs = [{ token: 72, logprob: -0.5, alternatives: [{ token: 73, logprob: -2 }] }];
    const { post, engine } = await start({ pieces: ['H'], logprobs });
    const asked = { input: 'Hi', include: ['message.output_text.logprobs'], top_logprobs: 1 };
    const { output } = await (await post(path, asked)).json();
    expect(output[0].content[0].logprobs).toEqual([
      {
        token: 'H',
        bytes: [72],
        logprob: -0.5,
        top_logprobs: [{ token: 'I', bytes: [73], logprob: -2 }],
      },
    ]);
    expect(engine.requests[0].logprobs).toBe(1);
  });
});

describe('thinking', () => {
  const pieces = ['<thi', 'nk>\nWell', '. </th', 'ink>\n\nYes', '.'];
  const thinks = { reasoningFormat: 'qwen3' };

  it('is an item before the message, and counted', async () => {
    const { post } = await start({ pieces }, thinks);
    const { output, usage } = await (await post(path, { input: 'Hi' })).json();
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Well.' }] },
      { type: 'message', content: [{ text: 'Yes.' }] },
    ]);
    expect(usage.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  });

  it('streams, as a summary where one is asked for', async () => {
    const { post } = await start({ pieces }, thinks);
    const asked = { input: 'Hi', stream: true, reasoning: { summary: 'auto' } };
    const all = await namedEvents(await post(path, asked));
    const deltas = all.filter(({ type }) => type === 'response.reasoning_summary_text.delta');
    expect(deltas.map(({ delta }) => delta).join('')).toBe('Well.');
    const { output } = all.at(-1).response;
    expect(output[0].summary).toEqual([{ type: 'summary_text', text: 'Well.' }]);
    expect(output[1].content[0].text).toBe('Yes.');
  });

  it('goes back to the model with the turn that it belongs to', async () => {
    const { post, engine } = await start({ pieces }, thinks);
    const { output } = await (await post(path, { input: 'Hi' })).json();
    await post(path, {
      input: [{ role: 'user', content: 'Hi' }, ...output, { role: 'user', content: 'Go on' }],
    });
    expect(engine.rendered[1].messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: 'Yes.', reasoning_content: 'Well.' },
      { role: 'user', content: 'Go on' },
    ]);
  });

  it('has a budget', async () => {
    const { post, engine } = await start({ pieces }, thinks);
    await post(path, { input: 'Hi', thinking_budget: 3 });
    expect(engine.requests[0].maxTokens).toBe(3);
  });
});

describe('tools', () => {
  it.each([false, true])('a call is an item of its own (streamed: %s)', async (stream) => {
    const { post, engine } = await start({ pieces: called });
    const answer = await post(path, { input: 'Hi', tools: [weather], stream });
    const response = stream ? (await namedEvents(answer)).at(-1).response : await answer.json();
    expect(response.output).toMatchObject([
      {
        type: 'function_call',
        id: expect.stringMatching(/^fc_/),
        call_id: expect.any(String),
        name: 'weather',
        arguments: '{"city": "Paris"}',
        status: 'completed',
      },
    ]);
    const { strict, type, ...definition } = weather;
    expect(engine.requests[0].tools?.[0].function).toMatchObject(definition);
  });

  it('text.format beside tools: an answer of that form, or a call', async () => {
    const { post, engine } = await start();
    const format = { type: 'json_schema', name: 'n', schema: { const: 'no' } };
    await post(path, { input: 'Hi', tools: [weather], text: { format } });
    const grammar = await compileGrammar({ grammar: engine.requests[0].grammar as Grammar });
    expect(grammar.test('"no"')).toBe(true);
    expect(grammar.test(called.join(''))).toBe(true);
    expect(grammar.test('"yes"')).toBe(false);
  });

  it('text.format beside a call that must come', async () => {
    const { post } = await start({ pieces: called });
    const text = { format: { type: 'json_object' } };
    const answer = await post(path, { input: 'Hi', tools: [weather], tool_choice: 'required', text });
    expect((await answer.json()).output[0].type).toBe('function_call');
  });

  it('allowed_tools: those alone may be called, and errors name the tools as the body has them', async () => {
    const { post, engine } = await start({ pieces: called });
    const other = { type: 'function', name: 'other', parameters: { type: 'object' } };
    const choose = (mode: string) => ({
      type: 'allowed_tools',
      mode,
      tools: [{ type: 'function', name: 'weather' }],
    });
    await post(path, { input: 'Hi', tools: [other, weather], tool_choice: choose('required') });
    expect(engine.requests[0].tools).toHaveLength(2);
    const grammar = await compileGrammar({ grammar: engine.requests[0].grammar as Grammar });
    expect(grammar.test(called.join(''))).toBe(true);
    expect(grammar.test(called.join('').replace('weather', 'other'))).toBe(false);

    const broken = { ...weather, parameters: { type: 'object', properties: { a: { pattern: '(' } } } };
    const refused = await post(path, { input: 'Hi', tools: [other, broken], tool_choice: choose('auto') });
    expect(refused.status).toBe(400);
    const { error } = await refused.json();
    expect(error.param).toBe('tools[1].parameters');
    expect(error.message).toMatch(/^tools\[1\]\.parameters: /);
  });

  it('a custom tool takes text, and a regular expression holds it', async () => {
    const input = '<tool_call>\n{"name": "run", "arguments": {"input": "say \\"hi\\""}}\n</tool_call>';
    const { post, engine } = await start({ pieces: [...input] });
    const format = { type: 'grammar', syntax: 'regex', definition: 'say ".+"' };
    const asked = {
      input: 'Hi',
      tools: [{ type: 'custom', name: 'run', format }],
      tool_choice: { type: 'custom', name: 'run' },
    };
    const { output } = await (await post(path, asked)).json();
    expect(output).toMatchObject([
      { type: 'custom_tool_call', name: 'run', input: 'say "hi"', status: 'completed' },
    ]);
    const grammar = await compileGrammar({ grammar: engine.requests[0].grammar as Grammar });
    expect(grammar.test(input)).toBe(true);
    expect(grammar.test(input.replace('say', 'cry'))).toBe(false);
  });
});

describe('a custom tool under a Lark grammar', () => {
  const definition = 'start: "say " word ("\\n" start)?\nword: "\\"" /[a-z]+/ "\\""';
  const asking = (lark: string) => ({
    input: 'Hi',
    tools: [{ type: 'custom', name: 'run', format: { type: 'grammar', syntax: 'lark', definition: lark } }],
    tool_choice: 'required',
  });

  it('writes sentences of it, spelled as JSON', async () => {
    const { post, engine } = await start();
    expect((await post(path, asking(definition))).status).toBe(200);
    expect(engine.requests[0].tools).toMatchObject([
      {
        function: {
          parameters: { properties: { input: { description: expect.stringContaining(definition) } } },
        },
      },
    ]);
    expect(engine.requests[0].tools?.[0].function).not.toHaveProperty('inputGrammar');
    const grammar = await compileGrammar({ grammar: engine.requests[0].grammar as Grammar });
    const call = (input: string) =>
      `<tool_call>\n{"name": "run", "arguments": ${JSON.stringify({ input })}}\n</tool_call>`;
    expect(grammar.test(call('say "hi"\nsay "you"'))).toBe(true);
    expect(grammar.test(call('say hi'))).toBe(false);
    expect(grammar.test(call('say "hi"\n'))).toBe(false);
  });

  it.each<[string, string, string | undefined]>([
    ['a grammar that is none', 'start: (', undefined],
    ['a grammar with a lexer', 'start: "a"\n%ignore " "', undefined],
    ['a format whose arguments are no JSON', definition, 'qwen3_coder'],
  ])('%s is refused', async (_, lark, toolCallFormat) => {
    const { post } = await start({}, toolCallFormat === undefined ? {} : { toolCallFormat });
    const refused = await post(path, asking(lark));
    expect(refused.status).toBe(400);
    expect((await refused.json()).error.param).toBe('tools[0].format.definition');
  });
});

describe('stored responses', () => {
  it('are gone on from', async () => {
    const { post, engine } = await start();
    const first = await (await post(path, { input: 'One', instructions: 'Not kept.' })).json();
    const second = await (await post(path, { input: 'Two', previous_response_id: first.id })).json();
    expect(second.previous_response_id).toBe(first.id);
    await post(path, { input: 'Three', previous_response_id: second.id, instructions: 'New.' });
    expect(engine.requests[2].messages?.map(({ content }) => content)).toEqual([
      'New.',
      'One',
      'Hello, world',
      'Two',
      'Hello, world',
      'Three',
    ]);
  });

  it('also from a stream, once its last event is there', async () => {
    const { post, engine } = await start();
    const all = await namedEvents(await post(path, { input: 'One', stream: true }));
    await post(path, { input: 'Two', previous_response_id: all[0].response.id });
    expect(engine.requests[1].messages).toHaveLength(3);
  });

  it('have items that may be referred to', async () => {
    const { post, engine } = await start();
    const { output } = await (await post(path, { input: 'One' })).json();
    const input = [
      { type: 'item_reference', id: output[0].id },
      { role: 'user', content: 'Two' },
    ];
    await post(path, { input });
    expect(engine.requests[1].messages).toMatchObject([
      { role: 'assistant', content: 'Hello, world' },
      { role: 'user', content: 'Two' },
    ]);
    const refused = await post(path, { input: [{ type: 'item_reference', id: 'msg_none' }] });
    expect(refused.status).toBe(400);
    expect((await refused.json()).error).toMatchObject({ code: 'item_not_found', param: 'input[0].id' });
  });

  it('are got, listed and deleted', async () => {
    const { post, url } = await start();
    const input = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }));
    const answer = await (await post(path, { input })).json();
    const at = `${url}${path}/${answer.id}`;
    expect(await (await fetch(at)).json()).toEqual(answer);

    const list = async (query: string) => (await fetch(`${at}/input_items${query}`)).json();
    const texts = ({ data }: { data: { content: { text: string }[] }[] }) =>
      data.map(({ content }) => content[0].text).join('');
    const newest = await list('?limit=2');
    expect(texts(newest)).toBe('cb');
    expect(newest).toMatchObject({ object: 'list', has_more: true, first_id: newest.data[0].id });
    const rest = await list(`?limit=2&after=${newest.last_id}`);
    expect(texts(rest)).toBe('a');
    expect(rest.has_more).toBe(false);
    expect(texts(await list('?order=asc'))).toBe('abc');
    expect((await fetch(`${at}/input_items?limit=0`)).status).toBe(400);

    const cancelled = await post(`${path}/${answer.id}/cancel`, {});
    expect(cancelled.status).toBe(400);
    expect((await cancelled.json()).error.code).toBe('not_cancellable');

    expect(await (await fetch(at, { method: 'DELETE' })).json()).toMatchObject({
      id: answer.id,
      deleted: true,
    });
    expect((await fetch(at)).status).toBe(404);
    expect((await (await fetch(at)).json()).error.code).toBe('response_not_found');
    expect((await fetch(at, { method: 'DELETE' })).status).toBe(404);
  });

  it('are none with store: false', async () => {
    const { post, url } = await start();
    const { id, store } = await (await post(path, { input: 'Hi', store: false })).json();
    expect(store).toBe(false);
    expect((await fetch(`${url}${path}/${id}`)).status).toBe(404);
  });
});

describe('truncation', () => {
  const turns = Array.from({ length: 30 }, (_, index) => [
    { role: 'user', content: `question ${index} ${'x'.repeat(40)}` },
    { role: 'assistant', content: 'y'.repeat(40) },
  ]).flat();
  const input = [...turns, { role: 'user', content: 'last' }];

  it('auto leaves out the oldest turns that do not fit', async () => {
    const { post, engine } = await start();
    engine.applyChatTemplate = async (messages) => JSON.stringify(messages);
    await post(path, { input, instructions: 'Be brief.', truncation: 'auto', max_output_tokens: 100 });
    const messages = engine.requests[0].messages ?? [];
    expect(messages[0].content).toBe('Be brief.');
    expect(messages[1].role).toBe('user');
    expect(messages.at(-1)?.content).toBe('last');
    expect(messages.length).toBeLessThan(input.length);
    expect(messages.length).toBeGreaterThan(4);
  });

  it('disabled sends all of them', async () => {
    const { post, engine } = await start();
    await post(path, { input });
    expect(engine.requests[0].messages).toHaveLength(input.length);
  });
});

describe('refused by name', () => {
  it.each<[string, object, string]>([
    ['no input', {}, 'input'],
    [
      'an image',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
      'input[0].content[0].type',
    ],
    ['an unknown item', { input: [{ type: 'web_search_call', id: 'ws_1' }] }, 'input[0].type'],
    [
      'a call without arguments',
      { input: [{ type: 'function_call', call_id: 'c', name: 'f' }] },
      'input[0].arguments',
    ],
    [
      'a result without its call',
      { input: [{ type: 'function_call_output', output: 'x' }] },
      'input[0].call_id',
    ],
    ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content'],
    ['a message of no known role', { input: [{ role: 'judge', content: 'x' }] }, 'input[0].role'],
    ['background without store', { input: 'x', background: true, store: false }, 'background'],
    ['a stored prompt', { input: 'x', prompt: { id: 'p' } }, 'prompt'],
    ['a conversation', { input: 'x', conversation: 'c' }, 'conversation'],
    ['verbosity', { input: 'x', text: { verbosity: 'high' } }, 'text.verbosity'],
    ['an unknown include', { input: 'x', include: ['secrets'] }, 'include[0]'],
    ['an unknown effort', { input: 'x', reasoning: { effort: 'wild' } }, 'reasoning.effort'],
    ['a built-in tool', { input: 'x', tools: [{ type: 'web_search' }] }, 'tools[0].type'],
    ['a tool without a name', { input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    ['two tools of one name', { input: 'x', tools: [weather, weather] }, 'tools[1].name'],
    ['a choice without tools', { input: 'x', tool_choice: 'required' }, 'tool_choice'],
    [
      'a choice of no tool',
      { input: 'x', tools: [weather], tool_choice: { type: 'function', name: 'g' } },
      'tool_choice',
    ],
    [
      'a built-in choice',
      { input: 'x', tools: [weather], tool_choice: { type: 'file_search' } },
      'tool_choice',
    ],
    [
      'a schema that is not there',
      { input: 'x', text: { format: { type: 'json_schema', name: 'n' } } },
      'text.format.schema',
    ],
    ['two forms', { input: 'x', regex: 'a', text: { format: { type: 'json_object' } } }, 'regex'],
    ['a response that is not stored', { input: 'x', previous_response_id: 'resp_x' }, 'previous_response_id'],
    ['metadata that is too long', { input: 'x', metadata: { a: 'x'.repeat(513) } }, 'metadata.a'],
  ])('%s', async (_, body, param) => {
    const { post, engine } = await start();
    const refused = await post(path, body);
    expect(refused.status).toBe(400);
    const { error } = await refused.json();
    expect(error).toMatchObject({ type: 'invalid_request_error', param });
    expect(engine.requests).toHaveLength(0);
  });
});
