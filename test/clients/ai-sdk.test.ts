// The Vercel AI SDK against the running server, by its OpenAI provider (whose default is the Responses API), by the same
// provider's chat, and by the provider for compatible servers.
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  generateObject,
  generateText,
  isStepCount,
  type LanguageModel,
  Output,
  streamObject,
  streamText,
  tool,
} from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { question, served, weatherDescription, weatherQuestion } from './served.js';

const server = served();
const record = z.object({ name: z.string().max(20), age: z.number().int().min(0).max(150) });
const extract = 'Extract a JSON record from the text.\nText: Ann Smith, 31, lives in Lima.';

const openai = (): OpenAIProvider => createOpenAI({ baseURL: server.baseURL, apiKey: 'none' });
const models: Record<string, () => LanguageModel> = {
  responses: () => openai()('sprout'),
  chat: () => openai().chat('sprout'),
  compatible: () =>
    createOpenAICompatible({
      name: 'espalier',
      baseURL: server.baseURL,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })('sprout'),
};

function weatherTool(asked: string[]) {
  return tool({
    description: weatherDescription,
    inputSchema: z.object({ city: z.string().max(20) }),
    execute: async ({ city }) => {
      asked.push(city);
      return { temperature: 12, condition: 'sunny' };
    },
  });
}

describe.each(Object.entries(models))('%s', (name, model) => {
  const given = () => ({ model: model(), temperature: 0, maxRetries: 0 });

  it('generateText', async () => {
    const { text, finishReason, usage } = await generateText({ ...given(), prompt: question });
    expect(text).toBe('The capital of France is Paris.');
    expect(finishReason).toBe('stop');
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.totalTokens).toBe((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0));
  });

  it('streamText', async () => {
    const stream = streamText({ ...given(), prompt: question });
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    expect(text).toBe('The capital of France is Paris.');
    expect(await stream.finishReason).toBe('stop');
    expect((await stream.usage).outputTokens).toBeGreaterThan(0);
  });

  it('an object, whole and streamed', async () => {
    const asked = { ...given(), prompt: extract, output: Output.object({ schema: record }) };
    expect((await generateText(asked)).output).toEqual({ name: 'Ann Smith', age: 31 });
    const stream = streamText(asked);
    const parts: unknown[] = [];
    for await (const part of stream.partialOutputStream) parts.push(part);
    // How many there are is the machine's affair: events grow together while their reader is busy.
    expect(parts.at(-1)).toEqual({ name: 'Ann Smith', age: 31 });
    expect(await stream.output).toEqual({ name: 'Ann Smith', age: 31 });
  });

  it('generateObject and streamObject', async () => {
    const asked = { ...given(), prompt: extract, schema: record };
    expect((await generateObject(asked)).object).toEqual({ name: 'Ann Smith', age: 31 });
    const stream = streamObject(asked);
    for await (const _ of stream.partialObjectStream);
    expect(await stream.object).toEqual({ name: 'Ann Smith', age: 31 });
  });

  it('any JSON, without a schema', async () => {
    const { object } = await generateObject({
      ...given(),
      prompt: extract,
      output: 'no-schema',
      maxOutputTokens: 200,
    });
    expect(typeof object).toBe('object');
  });

  it('a list of objects, and one of several words', async () => {
    const list = Output.array({ element: z.object({ ok: z.boolean() }) });
    const { output } = await generateText({
      ...given(),
      prompt: extract,
      output: list,
      maxOutputTokens: 300,
    });
    for (const one of output) expect(typeof one.ok).toBe('boolean');
    const word = Output.choice({ options: ['positive', 'negative', 'neutral'] });
    const prompt = 'Classify the sentiment of the text as one of: positive, negative, neutral.\n\nI love it.';
    expect(['positive', 'negative', 'neutral']).toContain(
      (await generateText({ ...given(), prompt, output: word })).output,
    );
  });

  it('tools in several steps', async () => {
    const asked: string[] = [];
    const { text, steps } = await generateText({
      ...given(),
      prompt: weatherQuestion,
      tools: { get_weather: weatherTool(asked) },
      stopWhen: isStepCount(3),
    });
    expect(asked).toEqual(['Oslo']);
    expect(steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    expect(text).toContain('degrees in Oslo');
  });

  it('tools in several steps, streamed', async () => {
    const asked: string[] = [];
    const stream = streamText({
      ...given(),
      prompt: weatherQuestion,
      tools: { get_weather: weatherTool(asked) },
      stopWhen: isStepCount(3),
    });
    const kinds = new Set<string>();
    for await (const part of stream.fullStream) kinds.add(part.type);
    expect(asked).toEqual(['Oslo']);
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'tool-input-start',
        'tool-input-delta',
        'tool-call',
        'tool-result',
        'text-delta',
      ]),
    );
    expect(kinds).not.toContain('error');
    expect(await stream.text).toContain('degrees in Oslo');
  });

  it('a call beside an object that may be answered instead', async () => {
    const asked: string[] = [];
    const { steps } = await generateText({
      ...given(),
      prompt: weatherQuestion,
      tools: { get_weather: weatherTool(asked) },
      output: Output.object({ schema: z.object({ report: z.string().max(60) }) }),
      stopWhen: isStepCount(2),
    });
    expect(asked).toEqual(['Oslo']);
    expect(JSON.parse(steps[1].text)).toEqual({ report: expect.any(String) });
  });

  it('a call that is required', async () => {
    const asked: string[] = [];
    const { toolCalls } = await generateText({
      ...given(),
      prompt: 'Hello',
      tools: { get_weather: weatherTool(asked) },
      toolChoice: 'required',
    });
    expect(toolCalls[0].toolName).toBe('get_weather');
  });

  it('what is cut says so', async () => {
    const { finishReason } = await generateText({ ...given(), prompt: question, maxOutputTokens: 3 });
    expect(finishReason).toBe('length');
  });

  it('errors tell what the server said', async () => {
    const sampling = { ...given(), temperature: name === 'responses' ? 1000 : 101 };
    await expect(generateText({ ...sampling, prompt: question })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('temperature'),
    });
  });
});

describe('the Responses API through provider options', () => {
  it('goes on from a stored response', async () => {
    const first = await generateText({ model: openai()('sprout'), temperature: 0, prompt: question });
    const previousResponseId = first.providerMetadata?.openai.responseId as string;
    expect(previousResponseId).toMatch(/^resp_/);
    const second = await generateText({
      model: openai()('sprout'),
      prompt: 'And of Spain?',
      maxOutputTokens: 5,
      providerOptions: { openai: { previousResponseId } },
    });
    expect(second.usage.inputTokens).toBeGreaterThan(first.usage.inputTokens ?? 0);
  });

  it.each([false, true])('an answer in a conversation of messages (stored: %s)', async (store) => {
    const asked: string[] = [];
    const given = {
      model: openai()('sprout'),
      temperature: 0,
      tools: { get_weather: weatherTool(asked) },
      stopWhen: isStepCount(3),
      providerOptions: { openai: { store } },
    };
    const first = await generateText({ ...given, messages: [{ role: 'user', content: weatherQuestion }] });
    const second = await generateText({
      ...given,
      messages: [
        { role: 'user', content: weatherQuestion },
        ...first.responseMessages,
        { role: 'user', content: question },
      ],
    });
    expect(asked[0]).toBe('Oslo');
    expect(second.text.length).toBeGreaterThan(0);
  });

  it('log-probabilities', async () => {
    const { providerMetadata } = await generateText({
      model: openai()('sprout'),
      temperature: 0,
      prompt: question,
      providerOptions: { openai: { logprobs: 2 } },
    });
    const [told] = providerMetadata?.openai.logprobs as { token: string; top_logprobs: unknown[] }[][];
    expect(told.map(({ token }) => token).join('')).toContain('Paris');
    expect(told[0].top_logprobs).toHaveLength(2);
  });
});
