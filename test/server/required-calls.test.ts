// tool_choice "required" with the real engine, in every format: whatever the model is like, calls come, and they are valid.
// Of the embedded model, and of one with its shape and random weights, which knows nothing of calls.
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/index.js';
import { createServer } from '../../src/server/index.js';
import { toolFormatNames } from '../../src/tools/index.js';

const city = { type: 'string', maxLength: 12 };
const days = { type: 'integer', minimum: 0, maximum: 9 };
const weather = {
  type: 'object',
  properties: { city, days, unit: { enum: ['C', 'F'] } },
  required: ['city', 'unit'],
  additionalProperties: false,
};
const search = {
  type: 'object',
  properties: { query: { type: 'string', minLength: 1, maxLength: 10 }, exact: { type: 'boolean' } },
  required: ['query'],
  additionalProperties: false,
};
const schemas = { get_weather: weather, search };
const tools = Object.entries(schemas).map(([name, parameters]) => ({
  type: 'function',
  function: { name, parameters },
}));
const ajv = new Ajv();
const checks = new Map(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]));

interface Call {
  name: string;
  arguments: string;
}

/** The calls, text and finish reason of an answer, streamed or whole. */
function read(payload: string, stream: boolean) {
  const choices = stream
    ? payload
        .split('\n\n')
        .filter((block) => block.startsWith('data: {'))
        .map((block) => JSON.parse(block.slice(6)).choices[0])
    : [JSON.parse(payload).choices[0]];
  const calls: Call[] = [];
  let content = '';
  for (const { delta, message } of choices) {
    content += (delta ?? message).content ?? '';
    for (const [at, call] of ((delta ?? message).tool_calls ?? []).entries()) {
      const index = call.index ?? at;
      calls[index] ??= { name: call.function.name, arguments: '' };
      calls[index].arguments += call.function.arguments ?? '';
    }
  }
  return { calls, content, reason: choices.at(-1).finish_reason };
}

describe.each(['auto', 'dummy'] as const)('weights: %s', (loadFormat) => {
  const engine = new Engine({ threads: 1, loadFormat });
  afterAll(() => engine.close());

  it.each(toolFormatNames())('%s', async (toolCallFormat) => {
    const app = createServer(engine, { toolCallFormat });
    const asks = [
      { tool_choice: 'required', parallel_tool_calls: false },
      { tool_choice: { type: 'function', function: { name: 'search' } }, stream: true },
    ];
    const answers = await Promise.all(
      asks.map(async (ask, seed) => {
        const messages = [{ role: 'user', content: "What's the weather in Oslo?" }];
        const payload = { messages, tools, temperature: 1, seed, max_tokens: 1500, ...ask };
        const response = await app.inject({ method: 'POST', url: '/v1/chat/completions', payload });
        expect(response.statusCode, response.body).toBe(200);
        return read(response.body, ask.stream === true);
      }),
    );
    for (const { calls, content, reason } of answers) {
      expect(reason).toBe('tool_calls');
      expect(content.trim()).toBe('');
      expect(calls).toHaveLength(1);
      expect(checks.get(calls[0].name)?.(JSON.parse(calls[0].arguments)), calls[0].arguments).toBe(true);
    }
    expect(answers[1].calls[0].name).toBe('search');
    await app.close();
  });
});
