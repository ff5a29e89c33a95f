// tool_choice "required" with the real engine, in every format: whatever the model is like, calls come, and they are valid.
// Of the embedded model, of one with its shape and random weights, which knows nothing of calls, and of such a one whose
// vocabulary has the marks of calls as special tokens.
import { rmSync } from 'node:fs';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/index.js';
import { createServer } from '../../src/server/index.js';
import { findToolFormat, toolFormatNames } from '../../src/tools/index.js';
import { CALL_MARKS, writeMarkedModel } from '../support/marked-model.js';

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
  type: 'function' as const,
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

/** Asks for a call, whole and streamed, and holds the answers to the schemas. */
async function holdsCalls(engine: Engine, toolCallFormat: string): Promise<void> {
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
}

describe.each(['auto', 'dummy'] as const)('weights: %s', (loadFormat) => {
  const engine = new Engine({ threads: 1, loadFormat });
  afterAll(() => engine.close());

  it.each(toolFormatNames())('%s', (name) => holdsCalls(engine, name));
});

describe('marks that are special tokens', () => {
  const model = writeMarkedModel(CALL_MARKS);
  const engine = new Engine({ threads: 1, loadFormat: 'dummy', model });
  afterAll(async () => {
    await engine.close();
    rmSync(model, { recursive: true });
  });
  const call = { name: 'search', arguments: { query: 'x' } };
  const marked = toolFormatNames().filter((name) => {
    const written = findToolFormat(name)?.write([call], tools) ?? '';
    return CALL_MARKS.some((mark) => written.includes(mark));
  });

  it.each(marked)('%s', (name) => holdsCalls(engine, name));
});
