// The server with the real engine and a real model (the embedded one, or the folder in ESPALIER_MODEL), over HTTP.
// What the model says is its own affair; that constraints hold, streams agree with wholes and caches hit is checked.
import { Ajv2020 } from 'ajv/dist/2020.js';
import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Engine } from '../../src/engine/index.js';
import { type RunningServer, serve } from '../../src/server/index.js';
import { events } from './fake-engine.js';

const folder = process.env.ESPALIER_MODEL;
let engine: Engine;
let server: RunningServer;
let openai: OpenAI;

beforeAll(async () => {
  engine = new Engine({ threads: 2, ...(folder !== undefined && { model: folder }) });
  server = await serve(engine, { port: 0 });
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => server?.close());

const model = 'any';
const messages = [
  { role: 'user' as const, content: 'Ann Smith, 31, lives in Lima. Give me the record as JSON.' },
];
const ajv = new Ajv2020({ strict: false });

function post(path: string, body: object, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body), ...init });
}

/** Schemas whose every sentence is short, so that any model ends it. */
const schemas: Record<string, object> = {
  record: {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 20 },
      age: { type: 'integer', minimum: 0, maximum: 150 },
      home: { enum: ['Lima', 'Rome', 'Oslo'] },
    },
    required: ['name', 'age'],
    additionalProperties: false,
  },
  list: { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 4 },
  reference: {
    $defs: {
      point: {
        type: 'object',
        properties: { x: { enum: [0, 1] } },
        required: ['x'],
        additionalProperties: false,
      },
    },
    type: 'object',
    properties: { from: { $ref: '#/$defs/point' }, to: { $ref: '#/$defs/point' } },
    required: ['from', 'to'],
    additionalProperties: false,
  },
  choice: { anyOf: [{ const: 'yes' }, { const: 'no' }, { type: 'null' }] },
};

describe('a schema that takes long to compile', () => {
  it('does not hold up other requests', async () => {
    // Sixty patterns of a thousand states each, and one at the end that is refused.
    const properties = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`p${i}`, { type: 'string', pattern: `^(a|b)*a(a|b){9}${i}$` }]),
    );
    const schema = { type: 'object', properties: { ...properties, z: { pattern: '^(a|b)*a(a|b){60}$' } } };
    let isAnswered = false;
    const slow = post('/generate', {
      text: 'x',
      sampling_params: { json_schema: JSON.stringify(schema), max_new_tokens: 1 },
    }).finally(() => {
      isAnswered = true;
    });
    let others = 0;
    while (!isAnswered) {
      const quick = await post('/generate', {
        text: 'y',
        sampling_params: { regex: 'ab', max_new_tokens: 4 },
      });
      expect(quick.status).toBe(200);
      others++;
    }
    expect(others).toBeGreaterThan(2);
    const refused = await slow;
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'limit_exceeded' } });
  });
});

describe('chat completions', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    for (const temperature of [0, 1]) {
      it(`json_schema ${name} at temperature ${temperature}: valid JSON, whole and streamed alike`, async () => {
        const asked = {
          model,
          messages,
          temperature,
          seed: 5,
          max_tokens: 600,
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name, schema: schema as Record<string, unknown> },
          },
        };
        const whole = await openai.chat.completions.create(asked);
        const text = whole.choices[0].message.content ?? '';
        expect(whole.choices[0].finish_reason).toBe('stop');
        expect(ajv.validate(schema, JSON.parse(text)), text).toBe(true);
        const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
        expect(streamed.choices[0].message.content).toBe(text);
      });
    }
  }

  it('parse with zod', async () => {
    const record = z.object({ name: z.string().max(20), married: z.boolean() });
    const answer = await openai.chat.completions.parse({
      model,
      messages,
      temperature: 0,
      response_format: zodResponseFormat(record, 'record'),
    });
    expect(record.parse(answer.choices[0].message.parsed)).toEqual(answer.choices[0].message.parsed);
  });

  it('goes on with the last message', async () => {
    const begun = [...messages, { role: 'assistant', content: '2024-' }];
    const ask = { messages: begun, continue_final_message: true, regex: '\\d{2}' };
    const { choices } = await (await post('/v1/chat/completions', ask)).json();
    expect(choices[0].message.content).toMatch(/^\d{2}$/);
  });

  it('regex and ebnf', async () => {
    const ask = async (fields: object) =>
      (await (await post('/v1/chat/completions', { messages, ...fields })).json()).choices[0].message.content;
    expect(await ask({ regex: '\\d{4}-\\d{2}' })).toMatch(/^\d{4}-\d{2}$/);
    expect(await ask({ ebnf: 'root ::= pair ("," pair)? \npair ::= [ab] "=" [0-9]' })).toMatch(
      /^[ab]=\d(,[ab]=\d)?$/,
    );
  });

  it('structural tags', async () => {
    const triggered = { type: 'triggered_tags', triggers: ['['], stop_after_first: true, at_least_one: true };
    const tag = {
      begin: '[call]',
      content: {
        type: 'json_schema',
        json_schema: { type: 'object', properties: { day: { enum: ['Mon', 'Tue'] } }, required: ['day'] },
      },
      end: '[/call]',
    };
    const format = { type: 'structural_tag', format: { ...triggered, tags: [tag] } };
    const ask = { messages, response_format: format, max_tokens: 200, temperature: 0 };
    const { choices } = await (await post('/v1/chat/completions', ask)).json();
    expect(choices[0].message.content).toMatch(/^\[call\]\{.*"day"\s*:\s*"(Mon|Tue)".*\[\/call\]$/s);
    const wrong = { messages, response_format: { type: 'structural_tag', format: { type: 'tag' } } };
    const refused = await post('/v1/chat/completions', wrong);
    expect(refused.status).toBe(400);
    expect((await refused.json()).error).toMatchObject({ code: 'invalid_structural_tag' });
  });

  it('an output over max_tokens ends with length', async () => {
    const answer = await openai.chat.completions.create({ model, messages, max_tokens: 3 });
    expect(answer.choices[0].finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(3);
  });

  it('the same prompt again comes from the cache', async () => {
    const asked = {
      model,
      messages: [{ role: 'user' as const, content: `Say this again: ${'one two three '.repeat(20)}` }],
      max_tokens: 4,
    };
    await openai.chat.completions.create(asked);
    const { usage } = await openai.chat.completions.create(asked);
    expect(usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan((usage?.prompt_tokens ?? 0) / 2);
  });
});

describe('tools', () => {
  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        description: 'Get the current weather for a city',
        parameters: {
          type: 'object',
          properties: { city: { enum: ['Oslo', 'Rome'] } },
          required: ['city'],
          additionalProperties: false,
        },
      },
    },
    {
      type: 'function' as const,
      function: {
        name: 'get_time',
        description: 'Get the local time',
        parameters: { type: 'object', properties: {}, additionalProperties: false },
      },
    },
  ];
  const question = [{ role: 'user' as const, content: "What's the weather in Oslo?" }];

  it.each([
    false,
    true,
  ])('a required call is one of the tools, with valid arguments (streamed: %s)', async (stream) => {
    const asked = { model, messages: question, tools, tool_choice: 'required' as const, max_tokens: 100 };
    const answer = stream
      ? await openai.chat.completions.stream(asked).finalChatCompletion()
      : await openai.chat.completions.create(asked);
    const [choice] = answer.choices;
    expect(choice.finish_reason).toBe('tool_calls');
    const [call] = choice.message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('no call');
    const tool = tools.find((one) => one.function.name === call.function.name);
    expect(ajv.validate(tool?.function.parameters ?? false, JSON.parse(call.function.arguments))).toBe(true);
  });

  it('a named call is that tool', async () => {
    const tool_choice = { type: 'function' as const, function: { name: 'get_time' } };
    const answer = await openai.chat.completions.create({
      model,
      messages: question,
      tools,
      tool_choice,
      max_tokens: 100,
    });
    expect(answer.choices[0].message.tool_calls).toMatchObject([
      { function: { name: 'get_time', arguments: '{}' } },
    ]);
  });

  it('runTools calls the function that the model was made to call', async () => {
    const asked: string[] = [];
    const weather = zodFunction({
      name: 'get_weather',
      description: 'Get the current weather for a city',
      parameters: z.object({ city: z.enum(['Oslo', 'Rome']) }),
      function: ({ city }) => {
        asked.push(city);
        return { sky: 'clear' };
      },
    });
    const tool_choice = { type: 'function' as const, function: { name: 'get_weather' } };
    const runner = openai.chat.completions.runTools({
      model,
      messages: question,
      tools: [weather],
      tool_choice,
      max_tokens: 100,
    });
    await runner.done();
    expect(['Oslo', 'Rome']).toContain(asked[0]);
  });
});

describe('/generate', () => {
  const text = 'The capital of France is';

  it.each(['record', 'list'])('json_schema %s as a string', async (name) => {
    const sampling_params = { json_schema: JSON.stringify(schemas[name]), max_new_tokens: 200 };
    const answer = await (await post('/generate', { text, sampling_params })).json();
    expect(ajv.validate(schemas[name], JSON.parse(answer.text)), answer.text).toBe(true);
    expect(answer.meta_info.finish_reason.type).toBe('stop');
    expect(answer.output_ids).toHaveLength(answer.meta_info.completion_tokens);
  });

  it('streams what it answers whole, cumulatively', async () => {
    const body = { text, sampling_params: { temperature: 0, max_new_tokens: 12 } };
    const whole = await (await post('/generate', body)).json();
    const all = await events(await post('/generate', { ...body, stream: true }));
    expect(all.pop()).toBe('[DONE]');
    expect(all.at(-1).text).toBe(whole.text);
    for (const [index, one] of all.entries())
      expect(one.text.startsWith(all[Math.max(0, index - 1)].text)).toBe(true);
  });

  it('a mixed batch answers each prompt as it does alone', async () => {
    const prompts = ['One', 'Two plus two', 'The sky is', 'Green', 'A dog', 'In 1999', 'Hello', 'Why'];
    const params = prompts.map((_, index) => ({
      temperature: 0.8,
      sampling_seed: index,
      max_new_tokens: 16,
      ...(index % 2 === 1 && { regex: '[a-z ]{5,10}' }),
    }));
    const batch = await (await post('/generate', { text: prompts, sampling_params: params })).json();
    for (const [index, prompt] of prompts.entries()) {
      const alone = await (await post('/generate', { text: prompt, sampling_params: params[index] })).json();
      expect(batch[index].text).toBe(alone.text);
    }
  });

  it('a stop string ends the output before it', async () => {
    const free = await (
      await post('/generate', {
        text,
        sampling_params: { temperature: 0, max_new_tokens: 20, ignore_eos: true },
      })
    ).json();
    const stop = free.text.slice(4, 7);
    const cut = await (
      await post('/generate', {
        text,
        sampling_params: { temperature: 0, max_new_tokens: 20, ignore_eos: true, stop },
      })
    ).json();
    expect(cut.text).toBe(free.text.slice(0, free.text.indexOf(stop)));
    expect(cut.meta_info.finish_reason).toEqual({ type: 'stop', matched: stop });
  });
});

describe('trouble', () => {
  it('a schema that cannot be enforced is 400 with its place, and harms nobody else', async () => {
    const bad = { type: 'object', properties: { a: { $ref: '#/nowhere' } } };
    const [refused, fine] = await Promise.all([
      post('/v1/chat/completions', {
        messages,
        response_format: { type: 'json_schema', json_schema: { name: 'bad', schema: bad } },
      }),
      post('/v1/chat/completions', { messages, regex: '[ab]{3}' }),
    ]);
    expect(refused.status).toBe(400);
    expect((await refused.json()).error).toMatchObject({
      code: 'unresolved_reference',
      message: expect.stringContaining('#/properties/a'),
    });
    expect((await fine.json()).choices[0].message.content).toMatch(/^[ab]{3}$/);
  });

  it.each([
    [{ regex: '(' }, 'invalid_regex'],
    [{ ebnf: 'root ::= (' }, 'invalid_grammar'],
  ])('%j is 400', async (fields, code) => {
    const answer = await post('/v1/chat/completions', { messages, ...fields });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error.code).toBe(code);
  });

  it('parameters of a tool that cannot be enforced name the tool', async () => {
    const tools = [
      {
        type: 'function',
        function: { name: 'f', parameters: { type: 'object', properties: { a: { pattern: '(' } } } },
      },
    ];
    const answer = await post('/v1/chat/completions', { messages, tools, tool_choice: 'required' });
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toMatchObject({ param: 'tools[0].function.parameters' });
  });

  it('a prompt longer than the model can take is 400', async () => {
    const { contextLength } = await engine.ready();
    const answer = await post('/generate', { input_ids: Array(contextLength + 1).fill(5) });
    expect(answer.status).toBe(400);
  });

  it('a token id outside the vocabulary is 400', async () => {
    const { vocabSize } = await engine.ready();
    expect((await post('/generate', { input_ids: [vocabSize] })).status).toBe(400);
  });

  it('a client that goes away frees its request', async () => {
    const client = new AbortController();
    const asked = post(
      '/generate',
      { text: 'On', sampling_params: { max_new_tokens: 1500, ignore_eos: true } },
      { signal: client.signal },
    );
    await expect.poll(async () => (await engine.stats()).running).toBe(1);
    client.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(async () => (await engine.stats()).running).toBe(0);
  });
});

it('info routes', async () => {
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect((await (await fetch(`${server.url}/v1/models`)).json()).data).toHaveLength(1);
  expect((await (await fetch(`${server.url}/get_model_info`)).json()).is_generation).toBe(true);
  expect((await (await fetch(`${server.url}/get_server_info`)).json()).stats).toBeTypeOf('object');
  expect((await post('/flush_cache', {})).status).toBe(200);
});
