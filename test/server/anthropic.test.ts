// Anthropic's routes by plain fetch: events by name, errors in their form on every way they come about.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../src/errors.js';
import { start, stopAll } from './fake-engine.js';

afterEach(stopAll);

const path = '/v1/messages';
const messages = [{ role: 'user', content: 'Hi' }];
const ask = { max_tokens: 9, messages };
const version = { 'anthropic-version': '2023-06-01' };

/** Names and data of server-sent events. */
async function named(response: Response): Promise<[name: string, data: Record<string, unknown>][]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
    return [name, JSON.parse(data) as Record<string, unknown>];
  });
}

it('answers whole', async () => {
  const { post, engine } = await start({ matchedStop: '###' });
  const answer = await post(path, { ...ask, stop_sequences: ['###'], system: 'Be brief.' });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    id: expect.stringMatching(/^msg_/),
    type: 'message',
    role: 'assistant',
    model: 'fake-1',
    content: [{ type: 'text', text: 'Hello, world' }],
    stop_reason: 'stop_sequence',
    stop_sequence: '###',
    usage: expect.objectContaining({ input_tokens: 3, cache_read_input_tokens: 8, output_tokens: 3 }),
  });
  expect(engine.requests[0]).toMatchObject({
    messages: [{ role: 'system', content: 'Be brief.' }, ...messages],
    temperature: 1,
    maxTokens: 9,
    stop: ['###'],
  });
});

it('streams events that are named after their type, without [DONE]', async () => {
  const { post, engine } = await start({});
  engine.prompt = 'PROMPT OF 15..!';
  const events = await named(await post(path, { ...ask, stream: true }));
  expect(events[0][1]).toMatchObject({ message: { usage: { input_tokens: 15, output_tokens: 0 } } });
  for (const [name, data] of events) expect(data.type).toBe(name);
  expect(events.map(([name]) => name)).toEqual([
    'message_start',
    'ping',
    'content_block_start',
    ...Array(3).fill('content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
});

it('calls tools', async () => {
  const pieces = ['<tool_call>\n{"name": "look", "arguments": {"at": ', '"sky"}}\n</tool_call>'];
  const { post, engine } = await start({ pieces });
  const input_schema = { type: 'object', properties: { at: { type: 'string' } } };
  const answer = await post(path, { ...ask, tools: [{ name: 'look', input_schema }] });
  expect(await answer.json()).toMatchObject({
    content: [{ type: 'tool_use', id: expect.any(String), name: 'look', input: { at: 'sky' } }],
    stop_reason: 'tool_use',
  });
  expect(engine.requests[0].tools).toMatchObject([{ function: { name: 'look', parameters: input_schema } }]);
});

it('tells thinking in a block of its own', async () => {
  const { post, engine } = await start(
    { pieces: ['<think>Hm', '.</think>', 'Yes'] },
    { reasoningFormat: 'qwen3' },
  );
  const answer = await (await post(path, { ...ask, thinking: { type: 'adaptive' } })).json();
  expect(answer.content).toEqual([
    { type: 'thinking', thinking: 'Hm.', signature: '' },
    { type: 'text', text: 'Yes' },
  ]);
  expect(engine.rendered[0].options).toMatchObject({ enable_thinking: true, thinking: true });
});

it('goes on with a last message of the assistant', async () => {
  const { post, engine } = await start({});
  await post(path, { ...ask, messages: [...messages, { role: 'assistant', content: 'Well,' }] });
  expect(engine.rendered[0].options).toMatchObject({ continueFinalMessage: true });
});

it('counts the tokens of the prompt that the template makes', async () => {
  const { post, engine } = await start({});
  engine.prompt = 'twelve chars';
  const answer = await post(`${path}/count_tokens`, { messages, system: 'Be brief.' });
  expect(await answer.json()).toEqual({ input_tokens: 12 });
  expect(engine.rendered[0].messages).toEqual([{ role: 'system', content: 'Be brief.' }, ...messages]);
});

describe('errors are in the dialect', () => {
  const told = (type: string, message: unknown) => ({
    type: 'error',
    error: { type, message, details: { error_code: expect.any(String) } },
    request_id: expect.stringMatching(/^req_/),
  });

  const refused: [string, unknown][] = [
    ['max_tokens is required', { messages }],
    ['messages[0].role must be', { max_tokens: 1, messages: [{ role: 'tool', content: 'x' }] }],
    [
      'messages[0].content[0].type "image" is not',
      { max_tokens: 1, messages: [{ role: 'user', content: [{ type: 'image' }] }] },
    ],
    ['the body is not valid JSON', '{'],
    [
      'tools[0].input_schema',
      {
        ...ask,
        tools: [{ name: 'f', input_schema: { type: 'object', properties: { a: { pattern: '(' } } } }],
      },
    ],
  ];
  it.each(refused)('400: %s', async (message, body) => {
    const { post } = await start({});
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual(told('invalid_request_error', expect.stringContaining(message)));
    expect(answer.headers.get('request-id')).toBe(answer.headers.get('x-request-id'));
  });

  it('400 with the code that clients know of threads', async () => {
    const { post } = await start({});
    const answer = await post(path, { ...ask, thread: { type: 'continue', previous_message_id: 'msg_1' } });
    expect([answer.status, (await answer.json()).error.details]).toEqual([
      400,
      { error_code: 'thread_unsupported_request' },
    ]);
  });

  it('401, and either header carries the key', async () => {
    const { post, url } = await start({}, { apiKey: 'secret' });
    for (const key of [undefined, 'other']) {
      const answer = await post(path, ask, key === undefined ? {} : { 'x-api-key': key });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual(told('authentication_error', expect.stringContaining('API key')));
    }
    expect((await post(path, ask, { 'x-api-key': 'secret' })).status).toBe(200);
    expect((await post(path, ask, { authorization: 'Bearer secret' })).status).toBe(200);
    const unknown = await fetch(`${url}/v1/nope`, { headers: version });
    expect(await unknown.json()).toEqual(told('authentication_error', expect.any(String)));
  });

  it('404 below its route, and elsewhere to its clients', async () => {
    const { post } = await start({});
    for (const [at, headers] of [
      [`${path}/batches`, {}],
      ['/v1/nope', version],
    ] as const) {
      const answer = await post(at, ask, headers);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toEqual(told('not_found_error', `there is no POST ${at}`));
    }
    expect(await (await post('/v1/nope', ask)).json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('413', async () => {
    const { post } = await start({}, { bodyLimit: 100 });
    const answer = await post(path, { ...ask, system: 'x'.repeat(100) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual(told('request_too_large', expect.stringContaining('bodyLimit')));
  });

  it('429, 500 and 503', async () => {
    const statuses: [Error, number, string][] = [
      [new EngineError('queue_full', 'full'), 429, 'rate_limit_error'],
      [new EngineError('broken', 'broken'), 500, 'api_error'],
      [new EngineError('engine_closed', 'closed'), 503, 'overloaded_error'],
    ];
    for (const [error, status, type] of statuses) {
      const { post } = await start({ error });
      for (const stream of [false, true]) {
        const answer = await post(path, { ...ask, stream });
        expect(answer.status).toBe(status);
        expect(await answer.json()).toEqual(told(type, error.message));
      }
    }
  });

  it('in the middle of a stream', async () => {
    const { post } = await start({ lateError: new EngineError('broken', 'broken') });
    const events = await named(await post(path, { ...ask, stream: true }));
    expect(events.at(-1)).toEqual(['error', told('api_error', 'broken')]);
  });
});

describe('models', () => {
  it('are told in the form of the client that asks', async () => {
    const { url } = await start({});
    const list = async (headers = {}) => (await fetch(`${url}/v1/models`, { headers })).json();
    expect(await list()).toMatchObject({ object: 'list', data: [{ id: 'fake-1', object: 'model' }] });
    const model = {
      type: 'model',
      id: 'fake-1',
      display_name: 'fake-1',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      max_input_tokens: 512,
      max_tokens: 512,
    };
    expect(await list(version)).toEqual({
      data: [model],
      has_more: false,
      first_id: 'fake-1',
      last_id: 'fake-1',
    });
    expect(await (await fetch(`${url}/v1/models/fake-1`, { headers: version })).json()).toEqual(model);
    const unknown = await fetch(`${url}/v1/models/other`, { headers: version });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect((await fetch(`${url}/v1/models/fake-1`)).status).toBe(200);
  });

  it("leave the other routes to Anthropic's clients as well", async () => {
    const { post } = await start({});
    expect((await post('/v1/chat/completions', { messages }, version)).status).toBe(200);
  });
});

it('no body is the fault of the server', async () => {
  const { post } = await start({});
  const some = (...known: unknown[]) =>
    fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 19 }, fc.jsonValue({ maxDepth: 2 }));
  const text = some('x');
  const fields = {
    text,
    thinking: text,
    id: text,
    name: text,
    input: some({}),
    tool_use_id: text,
    content: text,
  };
  const block = fc.record({
    ...fields,
    type: some('text', 'text', 'tool_use', 'tool_result', 'thinking', 'image'),
  });
  const content = fc.oneof(text, fc.array(block, { maxLength: 3 }));
  const message = fc.record({ role: some('user', 'assistant', 'system'), content });
  const tool = fc.record({ name: some('f', 'g'), input_schema: some({ type: 'object' }) });
  const body = fc.record(
    {
      max_tokens: some(1, 2),
      messages: fc.array(message, { minLength: 1, maxLength: 3 }),
      system: fc.oneof(text, fc.array(fc.record({ type: some('text'), text }), { maxLength: 2 })),
      tools: fc.array(tool, { maxLength: 2 }),
      tool_choice: fc.record({ type: some('auto', 'any', 'tool', 'none'), name: some('f', 'x') }),
      thinking: fc.record({ type: some('enabled', 'disabled'), budget_tokens: some(1) }),
      output_config: fc.record({ format: fc.record({ type: some('json_schema'), schema: some({}) }) }),
      stop_sequences: some(['x'], null),
      temperature: some(0, 1),
      stream: some(true, false),
    },
    { requiredKeys: ['messages'] },
  );
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(path, `${path}/count_tokens`), async (sent, at) => {
      const answer = await post(at, sent);
      await answer.text();
      seen.add(answer.status);
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
  expect([...seen].sort()).toEqual([200, 400]);
});
