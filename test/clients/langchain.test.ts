// LangChain.js against the running server: its chat model over chat completions and over responses.
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  question,
  served,
  weatherAnswer,
  weatherDescription,
  weatherQuestion,
  weatherResult,
} from './served.js';

const server = served();
const record = z.object({ name: z.string().max(20), age: z.number().int().min(0).max(150) });
const extract = 'Extract a JSON record from the text.\nText: Ann Smith, 31, lives in Lima.';

describe.each([
  ['chat', false],
  ['responses', true],
])('%s', (_, useResponsesApi) => {
  const chat = (options = {}) =>
    new ChatOpenAI({
      model: 'sprout',
      apiKey: 'none',
      temperature: 0,
      maxRetries: 0,
      useResponsesApi,
      configuration: { baseURL: server.baseURL },
      ...options,
    });
  const asked: string[] = [];
  const weather = tool(
    ({ city }: { city: string }) => {
      asked.push(city);
      return weatherResult;
    },
    {
      name: 'get_weather',
      description: weatherDescription,
      schema: z.object({ city: z.string().max(20) }),
    },
  );

  it('invoke, with usage', async () => {
    const answer = await chat().invoke(question);
    expect(answer.text).toBe('The capital of France is Paris.');
    expect(answer.usage_metadata).toMatchObject({ output_tokens: expect.any(Number) });
  });

  it('stream', async () => {
    const pieces: string[] = [];
    for await (const chunk of await chat().stream(question)) pieces.push(chunk.text);
    expect(pieces.join('')).toBe('The capital of France is Paris.');
  });

  it.each(['jsonSchema', 'functionCalling'] as const)('withStructuredOutput by %s', async (method) => {
    const found = await chat().withStructuredOutput(record, { name: 'record', method }).invoke(extract);
    expect(record.parse(found)).toEqual(found);
    if (method === 'jsonSchema') expect(found).toEqual({ name: 'Ann Smith', age: 31 });
  });

  it('bindTools: a call, its result, the answer', async () => {
    const bound = chat().bindTools([weather]);
    const user = new HumanMessage(weatherQuestion);
    const call = await bound.invoke([user]);
    expect(call.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Oslo' } }]);
    const [{ id = '' }] = call.tool_calls ?? [];
    const result = new ToolMessage({ content: await weather.invoke({ city: 'Oslo' }), tool_call_id: id });
    expect(asked).toContain('Oslo');
    expect((await bound.invoke([user, call, result])).text).toBe(weatherAnswer);
  });

  it('bindTools, streamed', async () => {
    let gathered: Awaited<ReturnType<ReturnType<typeof chat>['invoke']>> | undefined;
    for await (const chunk of await chat().bindTools([weather]).stream(weatherQuestion))
      gathered = gathered ? gathered.concat(chunk) : chunk;
    expect(gathered?.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Oslo' } }]);
  });

  it('a tool that must be called', async () => {
    const bound = chat().bindTools([weather], { tool_choice: 'get_weather' });
    const call = await bound.invoke('Hello');
    expect(call.tool_calls?.map(({ name }) => name)).toEqual(['get_weather']);
  });

  it('errors tell what the server said', async () => {
    await expect(chat({ temperature: 101 }).invoke(question)).rejects.toThrow(/temperature/);
  });
});
