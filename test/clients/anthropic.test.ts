// Anthropic's own client against the server with the real engine and the embedded model: what it parses out of our answers.
import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Engine } from '../../src/engine/index.js';
import { type RunningServer, serve } from '../../src/server/index.js';

let server: RunningServer;
let anthropic: Anthropic;

beforeAll(async () => {
  server = await serve(new Engine({ threads: 2 }), { port: 0, apiKey: 'secret' });
  anthropic = new Anthropic({ baseURL: server.url, apiKey: 'secret', maxRetries: 0 });
});
afterAll(() => server?.close());

const model = 'any';
const ask = {
  model,
  max_tokens: 40,
  messages: [{ role: 'user' as const, content: 'What is the capital of France?' }],
};
const weather = {
  name: 'get_weather',
  description: 'Get the current weather for a city',
  input_schema: {
    type: 'object' as const,
    properties: { city: { enum: ['Oslo', 'Rome'] } },
    required: ['city'],
    additionalProperties: false,
  },
};
const question = [{ role: 'user' as const, content: "What's the weather in Oslo?" }];

/** Identifiers differ from answer to answer. */
const content = (message: Anthropic.Message) =>
  JSON.parse(JSON.stringify(message.content).replaceAll(/"id":"\w+"/g, '"id":""')) as object[];

describe('messages', () => {
  it('create and stream say the same', async () => {
    const whole = await anthropic.messages.create(ask);
    expect(whole).toMatchObject({ type: 'message', role: 'assistant', content: [{ type: 'text' }] });
    expect(whole._request_id).toMatch(/^req_/);
    const stream = anthropic.messages.stream(ask);
    let text = '';
    stream.on('text', (piece) => {
      text += piece;
    });
    const begun = new Promise<number>((resolve) => {
      stream.once('streamEvent', (event) => {
        if (event.type === 'message_start') resolve(event.message.usage.input_tokens);
      });
    });
    const streamed = await stream.finalMessage();
    const { input_tokens: fresh, cache_read_input_tokens: cached } = streamed.usage;
    expect(await begun).toBe(fresh + (cached ?? 0));
    if (whole.content[0].type !== 'text') throw new Error('no text');
    expect(text).toBe(await stream.finalText());
    expect(streamed.stop_reason).toBe(whole.stop_reason);
    expect(streamed.usage.output_tokens).toBeGreaterThan(0);
  });

  it('the same seedless greedy prompt: alike, and from the cache', async () => {
    const greedy = { ...ask, temperature: 0 };
    const first = await anthropic.messages.create(greedy);
    const again = await anthropic.messages.stream(greedy).finalMessage();
    expect(content(again)).toEqual(content(first));
    const { input_tokens: fresh, cache_read_input_tokens: cached } = again.usage;
    expect(cached).toBeGreaterThan(0);
    const { input_tokens: counted } = await anthropic.messages.countTokens({ model, messages: ask.messages });
    expect(fresh + (cached ?? 0)).toBe(counted);
  });

  it('stops at a stop sequence and at max_tokens', async () => {
    const greedy = { ...ask, temperature: 0 };
    const free = await anthropic.messages.stream(greedy).finalText();
    const stop = free.slice(3, 6);
    const cut = await anthropic.messages.create({ ...greedy, stop_sequences: [stop] });
    expect(cut).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: stop });
    expect(cut.content).toEqual([{ type: 'text', text: free.slice(0, free.indexOf(stop)) }]);
    expect((await anthropic.messages.create({ ...ask, max_tokens: 1 })).stop_reason).toBe('max_tokens');
  });

  it('a last message of the assistant is gone on with', async () => {
    const greedy = { ...ask, temperature: 0 };
    const free = await anthropic.messages.stream(greedy).finalText();
    const begun = free.slice(0, 4);
    const messages = [...ask.messages, { role: 'assistant' as const, content: begun }];
    const rest = await anthropic.messages.stream({ ...greedy, messages }).finalText();
    expect(begun + rest).toBe(free);
  });
});

describe('tools', () => {
  it('a call that is asked for is valid, whole and streamed, and its result is taken', async () => {
    const asked = { model, max_tokens: 100, temperature: 0, tools: [weather], messages: question };
    const tool_choice = { type: 'any' as const, disable_parallel_tool_use: true };
    const whole = await anthropic.messages.create({ ...asked, tool_choice });
    const [call] = whole.content;
    if (call.type !== 'tool_use') throw new Error('no call');
    expect(whole.stop_reason).toBe('tool_use');
    expect(['Oslo', 'Rome']).toContain((call.input as { city: string }).city);
    const streamed = await anthropic.messages.stream({ ...asked, tool_choice }).finalMessage();
    expect(content(streamed)).toEqual(content(whole));

    const messages = [
      ...question,
      { role: 'assistant' as const, content: whole.content },
      {
        role: 'user' as const,
        content: [{ type: 'tool_result' as const, tool_use_id: call.id, content: '{"sky": "clear"}' }],
      },
    ];
    const answer = await anthropic.messages.create({ ...asked, messages, tool_choice: { type: 'none' } });
    expect(answer.content.map(({ type }) => type)).toEqual(['text']);
  });

  it('a named tool is called', async () => {
    const tool_choice = { type: 'tool' as const, name: 'get_weather' };
    const asked = { model, max_tokens: 100, tools: [weather], messages: question, tool_choice };
    const { content: blocks } = await anthropic.messages.create(asked);
    expect(blocks).toMatchObject([{ type: 'tool_use', name: 'get_weather' }]);
  });

  it('toolRunner runs what the model calls, and goes on', async () => {
    const asked: string[] = [];
    const tool = betaZodTool({
      name: 'get_weather',
      description: 'Get the current weather for a city',
      inputSchema: z.object({ city: z.enum(['Oslo', 'Rome']) }),
      run: ({ city }) => {
        asked.push(city);
        return '{"sky": "clear"}';
      },
    });
    const runner = anthropic.beta.messages.toolRunner({
      model,
      max_tokens: 100,
      max_iterations: 2,
      messages: question,
      tools: [tool],
      tool_choice: { type: 'any' },
    });
    const last = await runner.runUntilDone();
    expect(['Oslo', 'Rome']).toContain(asked[0]);
    expect(last.role).toBe('assistant');
    const roles = runner.params.messages.map(({ role }) => role);
    expect(roles.slice(0, 3)).toEqual(['user', 'assistant', 'user']);
  });
});

describe('structured outputs', () => {
  const person = z.object({ name: z.string().max(20), age: z.number().int().min(0).max(150) });
  const asked = {
    model,
    max_tokens: 200,
    messages: [
      { role: 'user' as const, content: 'Ann Smith, 31, lives in Lima. Give me the record as JSON.' },
    ],
    output_config: { format: zodOutputFormat(person) },
  };

  it('parse gives the typed value', async () => {
    const { parsed_output: found } = await anthropic.messages.parse(asked);
    expect(person.parse(found)).toEqual(found);
  });

  it('so does a stream', async () => {
    const { parsed_output: found } = await anthropic.messages.stream(asked).finalMessage();
    expect(person.parse(found)).toEqual(found);
  });
});

describe('errors become the classes of the client', () => {
  it('an image', async () => {
    const source = { type: 'url' as const, url: 'http://localhost/x.png' };
    const messages = [{ role: 'user' as const, content: [{ type: 'image' as const, source }] }];
    const failed = anthropic.messages.create({ ...ask, messages });
    await expect(failed).rejects.toThrow(Anthropic.BadRequestError);
    await expect(failed).rejects.toMatchObject({
      type: 'invalid_request_error',
      apiMessage: expect.stringContaining('messages[0].content[0].type "image"'),
      requestID: expect.stringMatching(/^req_/),
    });
  });

  it('a wrong key', async () => {
    const other = new Anthropic({ baseURL: server.url, apiKey: 'other', maxRetries: 0 });
    await expect(other.messages.create(ask)).rejects.toThrow(Anthropic.AuthenticationError);
  });

  it('a prompt over the context', async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(20_000) }];
    await expect(anthropic.messages.create({ ...ask, messages })).rejects.toThrow(Anthropic.BadRequestError);
  });
});

it('models', async () => {
  const { data } = await anthropic.models.list();
  expect(data).toMatchObject([{ type: 'model', id: expect.any(String) }]);
  expect((await anthropic.models.retrieve(data[0].id)).id).toBe(data[0].id);
  await expect(anthropic.models.retrieve('other')).rejects.toThrow(Anthropic.NotFoundError);
});
