// The real openai client against a running server: what it parses out of our answers, streams and errors.
import OpenAI from 'openai';
import { LengthFinishReasonError } from 'openai/core/error';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CompileError, EngineError } from '../../src/errors.js';
import { type Script, start, stopAll } from './fake-engine.js';

afterEach(stopAll);

async function client(
  script: Script | Parameters<typeof start>[0],
  options: { apiKey?: string; given?: string } = {},
) {
  const running = await start(script, options.apiKey === undefined ? {} : { apiKey: options.apiKey });
  const openai = new OpenAI({
    baseURL: `${running.url}/v1`,
    apiKey: options.given ?? options.apiKey ?? 'none',
    maxRetries: 0,
  });
  return { ...running, openai };
}

const model = 'fake-1';
const messages = [{ role: 'user' as const, content: 'Hi' }];
const person = z.object({ name: z.string(), age: z.number().int() });

describe('chat', () => {
  it('whole, with the request id', async () => {
    const { openai } = await client({});
    const answer = await openai.chat.completions.create({ model, messages });
    expect(answer.choices[0].message.content).toBe('Hello, world');
    expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(8);
    expect(answer._request_id).toMatch(/^req_/);
  });

  it('streamed, by hand and by the helper', async () => {
    const { openai } = await client({});
    let text = '';
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true }))
      text += chunk.choices[0].delta.content ?? '';
    expect(text).toBe('Hello, world');

    const stream = openai.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0].message.content).toBe('Hello, world');
    expect(final.choices[0].finish_reason).toBe('stop');
    expect(final.usage?.total_tokens).toBe(14);
  });

  it('breaking out of a stream ends the generation', async () => {
    const { openai, engine } = await client({ pieces: Array(200).fill('x'), delay: 5 });
    for await (const _ of await openai.chat.completions.create({ model, messages, stream: true })) break;
    await expect.poll(() => engine.aborted).toBe(1);
  });

  it('models', async () => {
    const { openai } = await client({});
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(['fake-1']);
    expect((await openai.models.retrieve('fake-1')).id).toBe('fake-1');
  });
});

describe('json_schema through zod', () => {
  const response_format = zodResponseFormat(person, 'person');

  it('parse gives the typed value, and the engine gets the schema', async () => {
    const { openai, engine } = await client({ pieces: ['{"name":"Ann",', '"age":30}'] });
    const answer = await openai.chat.completions.parse({ model, messages, response_format });
    expect(answer.choices[0].message.parsed).toEqual({ name: 'Ann', age: 30 });
    expect(engine.requests[0].schema).toMatchObject({ type: 'object', required: ['name', 'age'] });
  });

  it('stream gives it too', async () => {
    const { openai } = await client({ pieces: ['{"name":"Ann",', '"age":30}'] });
    const final = await openai.chat.completions
      .stream({ model, messages, response_format })
      .finalChatCompletion();
    expect(final.choices[0].message.parsed).toEqual({ name: 'Ann', age: 30 });
  });

  it('an output that was cut is an error of the client, not half a value', async () => {
    const { openai } = await client({ pieces: ['{"name":"A'], finishReason: 'length' });
    await expect(openai.chat.completions.parse({ model, messages, response_format })).rejects.toThrow(
      LengthFinishReasonError,
    );
  });
});

describe('tools', () => {
  const call = [
    'Let me see. <tool_call>\n{"name": "weather", "arg',
    'uments": {"city": "Par',
    'is"}}\n</tool_call>',
  ];
  const script: Parameters<typeof start>[0] = ({ messages: given }) =>
    given?.some(({ role }) => role === 'tool') ? { pieces: ['It is ', 'sunny.'] } : { pieces: call };

  function weatherTool(asked: string[]) {
    return zodFunction({
      name: 'weather',
      parameters: z.object({ city: z.string() }),
      function: ({ city }) => {
        asked.push(city);
        return { sky: 'sunny' };
      },
    });
  }

  it('runTools calls the function and goes on to the answer', async () => {
    const { openai, engine } = await client(script);
    const asked: string[] = [];
    const runner = openai.chat.completions.runTools({ model, messages, tools: [weatherTool(asked)] });
    expect(await runner.finalContent()).toBe('It is sunny.');
    expect(asked).toEqual(['Paris']);
    const [user, assistant, tool] = engine.requests[1].messages ?? [];
    expect(user.content).toBe('Hi');
    expect(assistant.tool_calls?.[0].function).toEqual({ name: 'weather', arguments: '{"city": "Paris"}' });
    expect(tool).toMatchObject({ content: '{"sky":"sunny"}', tool_call_id: assistant.tool_calls?.[0].id });
  });

  it('runTools streamed', async () => {
    const { openai } = await client(script);
    const asked: string[] = [];
    const runner = openai.chat.completions.runTools({
      model,
      messages,
      tools: [weatherTool(asked)],
      stream: true,
    });
    expect(await runner.finalContent()).toBe('It is sunny.');
    expect(asked).toEqual(['Paris']);
  });

  it('two calls in one streamed answer keep apart', async () => {
    const { openai } = await client({ pieces: [...call, ...call] });
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: {} } }];
    const final = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const { tool_calls } = final.choices[0].message;
    expect(tool_calls?.map((one) => one.function.arguments)).toEqual([
      '{"city": "Paris"}',
      '{"city": "Paris"}',
    ]);
    expect(new Set(tool_calls?.map(({ id }) => id)).size).toBe(2);
    expect(final.choices[0].finish_reason).toBe('tool_calls');
  });
});

describe('errors', () => {
  it('arrive as the client classes for their status, with code and param', async () => {
    const { openai } = await client({});
    const error = await openai.chat.completions
      .create({ model, messages, verbosity: 'high' })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'verbosity',
      type: 'invalid_request_error',
    });
    await expect(openai.images.generate({ prompt: 'a' })).rejects.toThrow(OpenAI.NotFoundError);
  });

  it('a schema that cannot be enforced', async () => {
    const { openai } = await client({
      error: new CompileError('unsatisfiable', 'nothing can match', { pointer: '/not' }),
    });
    const error = await openai.chat.completions
      .create({ model, messages })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unsatisfiable', message: '400 nothing can match at #/not' });
  });

  it('a wrong key', async () => {
    const { openai } = await client({}, { apiKey: 'right', given: 'wrong' });
    await expect(openai.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
  });

  it('a full queue is tried again', async () => {
    let asked = 0;
    const { url } = await start(() =>
      asked++ === 0 ? { error: new EngineError('queue_full', 'full') } : {},
    );
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 1 });
    const answer = await openai.chat.completions.create({ model, messages });
    expect(answer.choices[0].message.content).toBe('Hello, world');
  });

  it('in mid-stream', async () => {
    const { openai } = await client({
      pieces: ['a'],
      lateError: new EngineError('native_error', 'it broke'),
    });
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toMatchObject({ code: 'native_error', message: expect.stringContaining('it broke') });
  });
});
