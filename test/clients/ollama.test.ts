// Ollama's own client against the server with the real engine and the embedded model: what it parses out of our answers.
import { type ChatResponse, type GenerateResponse, Ollama } from 'ollama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Engine } from '../../src/engine/index.js';
import { type RunningServer, serve } from '../../src/server/index.js';

let server: RunningServer;
let ollama: Ollama;

beforeAll(async () => {
  server = await serve(new Engine({ threads: 2 }), { port: 0 });
  ollama = new Ollama({ host: server.url });
});
afterAll(() => server?.close());

const model = 'any';
const messages = [{ role: 'user', content: 'What is the capital of France?' }];
const options = { temperature: 0, num_predict: 40 };
const person = z.object({ name: z.string().max(20), age: z.number().int().min(0).max(150) });
const record = 'Ann Smith, 31, lives in Lima. Give me the record as JSON.';

async function gathered<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}

describe('chat', () => {
  it('whole and streamed say the same', async () => {
    const whole = await ollama.chat({ model, messages, options });
    expect(whole).toMatchObject({ done: true, message: { role: 'assistant' } });
    expect(whole.eval_count).toBeGreaterThan(0);
    const pieces: ChatResponse[] = await gathered(
      await ollama.chat({ model, messages, options, stream: true }),
    );
    expect(pieces.map(({ message }) => message.content).join('')).toBe(whole.message.content);
    expect(pieces.at(-1)?.done_reason).toBe(whole.done_reason);
  });

  it('a format is kept', async () => {
    const format = z.toJSONSchema(person);
    const asked = { model, messages: [{ role: 'user', content: record }], format };
    const { message } = await ollama.chat(asked);
    expect(person.parse(JSON.parse(message.content))).toBeTruthy();
    const json = await ollama.chat({
      ...asked,
      format: 'json',
      options: { num_predict: 400, temperature: 0 },
    });
    expect(typeof JSON.parse(json.message.content)).toBe('object');
  });

  it('calls are valid, and their results are taken', async () => {
    const parameters = {
      type: 'object',
      properties: { city: { type: 'string', enum: ['Oslo', 'Rome'] } },
      required: ['city'],
    };
    const description = 'Get the current weather for a city';
    const tools = [{ type: 'function', function: { name: 'get_weather', description, parameters } }];
    const question = [{ role: 'user', content: "What's the weather in Oslo?" }];
    const asked = { model, messages: question, tools, options: { temperature: 0, num_predict: 100 } };
    const { message } = await ollama.chat(asked);
    expect(message.tool_calls).toMatchObject([
      { function: { name: 'get_weather', arguments: { city: 'Oslo' } } },
    ]);
    const pieces = await gathered(await ollama.chat({ ...asked, stream: true }));
    const streamed = pieces.flatMap((piece) => piece.message.tool_calls ?? []);
    expect(streamed.map((call) => call.function)).toEqual(message.tool_calls?.map((call) => call.function));
    const result = { role: 'tool', tool_name: 'get_weather', content: '{"sky": "clear"}' };
    const answer = await ollama.chat({ ...asked, messages: [...question, message, result] });
    expect(answer.message.role).toBe('assistant');
  });

  it('breaking off a stream ends it', async () => {
    // So long that it cannot all have come before the client leaves.
    const format = { type: 'array', items: { type: 'integer' }, minItems: 400 };
    const options = { num_predict: -1 };
    const stream = await ollama.chat({ model, messages, format, options, stream: true });
    await expect(
      (async () => {
        for await (const _ of stream) stream.abort();
      })(),
    ).rejects.toThrow();
  });
});

describe('generate', () => {
  it('whole, streamed and raw', async () => {
    const prompt = messages[0].content;
    const whole = await ollama.generate({ model, prompt, options });
    const pieces: GenerateResponse[] = await gathered(
      await ollama.generate({ model, prompt, options, stream: true }),
    );
    expect(pieces.map(({ response }) => response).join('')).toBe(whole.response);
    const written = `<|user|>${prompt}<|end|><|assistant|>`;
    const raw = await ollama.generate({ model, prompt: written, raw: true, options });
    expect(raw.response).toBe(whole.response);
  });

  it('a format is kept', async () => {
    const { response } = await ollama.generate({ model, prompt: record, format: z.toJSONSchema(person) });
    expect(person.parse(JSON.parse(response ?? ''))).toBeTruthy();
  });
});

it('the model is listed, shown and running', async () => {
  const { models } = await ollama.list();
  const { name } = models[0];
  expect(models).toHaveLength(1);
  const shown = await ollama.show({ model: name });
  expect(shown.capabilities).toContain('completion');
  expect((await ollama.ps()).models[0].name).toBe(name);
  expect((await ollama.version()).version).toMatch(/^\d/);
});

it('errors are thrown with their message and status', async () => {
  await expect(ollama.chat({ model, messages, format: 'yaml' })).rejects.toMatchObject({
    status_code: 400,
    message: 'format must be "json" or a JSON Schema',
  });
  await expect(ollama.pull({ model })).rejects.toMatchObject({ status_code: 501 });
});

it('embeds texts, the nearer the more alike', async () => {
  const { embeddings } = await ollama.embed({
    model,
    input: ['a red apple', 'a red apple pie', '{"n": 17}'],
  });
  const dot = (one: number[], other: number[]) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  expect(dot(embeddings[0], embeddings[0])).toBeCloseTo(1, 4);
  expect(dot(embeddings[0], embeddings[1])).toBeGreaterThan(dot(embeddings[0], embeddings[2]));
});
