// The openai package, majors 6 and 7, against the running server: chat with its helpers, and responses.
import OpenAI from 'openai';
import { zodFunction, zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import OpenAI7 from 'openai-7';
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
const model = 'sprout';
const record = z.object({ name: z.string().max(20), age: z.number().int().min(0).max(150) });
const extract = 'Extract a JSON record from the text.\nText: Ann Smith, 31, lives in Lima.';

describe.each([
  ['6', OpenAI],
  ['7', OpenAI7 as unknown as typeof OpenAI],
])('openai %s', (_, Client) => {
  const client = () => new Client({ baseURL: server.baseURL, apiKey: 'none', maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: question }];

  describe('chat', () => {
    it('whole, with usage', async () => {
      const answer = await client().chat.completions.create({ model, messages, temperature: 0 });
      expect(answer.choices[0].message.content).toBe('The capital of France is Paris.');
      expect(answer.usage?.total_tokens).toBe(
        (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
      );
    });

    it('streamed by the helper, with usage', async () => {
      const stream = client().chat.completions.stream({
        model,
        messages,
        temperature: 0,
        stream_options: { include_usage: true },
      });
      let said = '';
      stream.on('content', (delta) => {
        said += delta;
      });
      const final = await stream.finalChatCompletion();
      expect(said).toBe('The capital of France is Paris.');
      expect(final.choices[0].message.content).toBe(said);
      expect(final.usage?.completion_tokens).toBeGreaterThan(0);
    });

    it('parse with zod, whole and streamed', async () => {
      const asked = {
        model,
        temperature: 0,
        messages: [{ role: 'user' as const, content: extract }],
        response_format: zodResponseFormat(record, 'record'),
      };
      const answer = await client().chat.completions.parse(asked);
      expect(answer.choices[0].message.parsed).toEqual({ name: 'Ann Smith', age: 31 });
      const final = await client().chat.completions.stream(asked).finalChatCompletion();
      expect(final.choices[0].message.parsed).toEqual({ name: 'Ann Smith', age: 31 });
    });

    it.each([false, true])('runTools calls the function and answers (streamed: %s)', async (stream) => {
      const asked: string[] = [];
      const weather = zodFunction({
        name: 'get_weather',
        description: weatherDescription,
        parameters: z.object({ city: z.string().max(20) }),
        function: ({ city }) => {
          asked.push(city);
          return weatherResult;
        },
      });
      const given = {
        model,
        temperature: 0,
        messages: [{ role: 'user' as const, content: weatherQuestion }],
        tools: [weather],
        max_tokens: 100,
      };
      const { completions } = client().chat;
      const content = stream
        ? await completions.runTools({ ...given, stream: true }).finalContent()
        : await completions.runTools(given).finalContent();
      expect(asked).toEqual(['Oslo']);
      expect(content).toBe(weatherAnswer);
    });

    it('log-probabilities', async () => {
      const answer = await client().chat.completions.create({
        model,
        messages,
        temperature: 0,
        logprobs: true,
        top_logprobs: 2,
        max_tokens: 5,
      });
      const told = answer.choices[0].logprobs?.content ?? [];
      expect(told).toHaveLength(5);
      expect(told[0].top_logprobs).toHaveLength(2);
    });
  });

  it.each(['regex', 'lark'] as const)('chat: a custom tool under a grammar (%s)', async (syntax) => {
    const definition = syntax === 'regex' ? 'print\\("[a-c]{3}"\\)' : 'start: "print(\\"" /[a-c]{3}/ "\\")"';
    const format = { type: 'grammar' as const, grammar: { syntax, definition } };
    const answer = await client().chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Run it.' }],
      tools: [{ type: 'custom', custom: { name: 'run', description: 'Runs code', format } }],
      tool_choice: { type: 'custom', custom: { name: 'run' } },
      max_completion_tokens: 200,
    });
    const [call] = answer.choices[0].message.tool_calls ?? [];
    expect(call.type === 'custom' && call.custom.input).toMatch(/^print\("[a-c]{3}"\)$/);
  });

  describe('responses', () => {
    const tools = [
      {
        type: 'function' as const,
        name: 'get_weather',
        description: weatherDescription,
        strict: true,
        parameters: {
          type: 'object',
          properties: { city: { type: 'string', maxLength: 20 } },
          required: ['city'],
          additionalProperties: false,
        },
      },
    ];

    it('create', async () => {
      const answer = await client().responses.create({ model, input: question, temperature: 0 });
      expect(answer.output_text).toBe('The capital of France is Paris.');
      expect(answer.status).toBe('completed');
      expect(answer.usage?.total_tokens).toBe(
        (answer.usage?.input_tokens ?? 0) + (answer.usage?.output_tokens ?? 0),
      );
    });

    it('streamed by hand', async () => {
      let text = '';
      let last = '';
      const stream = await client().responses.create({
        model,
        input: question,
        temperature: 0,
        stream: true,
      });
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') text += event.delta;
        last = event.type;
      }
      expect(text).toBe('The capital of France is Paris.');
      expect(last).toBe('response.completed');
    });

    it('stream with the helper, and its log-probabilities', async () => {
      const stream = client().responses.stream({
        model,
        input: question,
        temperature: 0,
        include: ['message.output_text.logprobs'],
        top_logprobs: 2,
      });
      let said = '';
      stream.on('response.output_text.delta', ({ delta }) => {
        said += delta;
      });
      const final = await stream.finalResponse();
      expect(said).toBe('The capital of France is Paris.');
      expect(final.output_text).toBe(said);
      const [message] = final.output;
      const [part] = message.type === 'message' ? message.content : [];
      const told = part.type === 'output_text' ? (part.logprobs ?? []) : [];
      expect(told.map(({ token }) => token).join('')).toContain(said);
    });

    it('parse, whole and streamed', async () => {
      const text = { format: zodTextFormat(record, 'record') };
      const asked = { model, input: extract, temperature: 0, text };
      const answer = await client().responses.parse(asked);
      expect(answer.output_parsed).toEqual({ name: 'Ann Smith', age: 31 });
      const final = await client().responses.stream(asked).finalResponse();
      expect(final.output_parsed).toEqual({ name: 'Ann Smith', age: 31 });
    });

    it.each([false, true])('a call and what follows it, by items (stored: %s)', async (store) => {
      const ask = client().responses;
      const first = await ask.create({ model, input: weatherQuestion, tools, temperature: 0, store });
      const [call] = first.output;
      if (call.type !== 'function_call') throw new Error(`a call, not ${call.type}`);
      expect(JSON.parse(call.arguments)).toEqual({ city: 'Oslo' });
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: weatherResult };
      const second = await ask.create({
        model,
        tools,
        temperature: 0,
        ...(store
          ? { previous_response_id: first.id, input: [result] }
          : { input: [{ role: 'user' as const, content: weatherQuestion }, call, result] }),
      });
      expect(second.output_text).toBe(weatherAnswer);
    });

    it('a streamed call, as the helper puts it together', async () => {
      const final = await client()
        .responses.stream({ model, input: weatherQuestion, tools, temperature: 0 })
        .finalResponse();
      expect(final.output).toMatchObject([
        { type: 'function_call', name: 'get_weather', arguments: '{"city": "Oslo"}', status: 'completed' },
      ]);
    });

    it.each([
      ['regex', 'print\\("[a-c]{3}"\\)'],
      ['lark', 'start: "print(\\"" /[a-c]{3}/ "\\")"'],
    ] as const)('a custom tool under a grammar (%s)', async (syntax, definition) => {
      const asked = {
        model,
        input: 'Run it.',
        tools: [
          {
            type: 'custom' as const,
            name: 'run',
            description: 'Runs code',
            format: { type: 'grammar' as const, syntax, definition },
          },
        ],
        tool_choice: 'required' as const,
        max_output_tokens: 200,
        parallel_tool_calls: false,
      };
      const final = await client().responses.stream(asked).finalResponse();
      const [call] = final.output;
      expect(call.type === 'custom_tool_call' && call.input).toMatch(/^print\("[a-c]{3}"\)$/);
    });

    it('in the background: polled, followed, cancelled', async () => {
      const asked = { model, input: question, background: true, max_output_tokens: 8 };
      let answer = await client().responses.create(asked);
      expect(answer.status).toBe('queued');
      while (answer.status === 'queued' || answer.status === 'in_progress')
        answer = await client().responses.retrieve(answer.id);
      expect(answer.output_text).not.toBe('');
      const stream = await client().responses.create({ ...asked, stream: true });
      let id = '';
      for await (const event of stream) {
        if (event.type === 'response.created') id = event.response.id;
        if (event.type === 'response.in_progress') break;
      }
      const rest = await client().responses.retrieve(id, { stream: true, starting_after: 2 });
      const types: string[] = [];
      for await (const event of rest) types.push(event.type);
      expect(types[0]).toBe('response.output_item.added');
      expect(types.at(-1)).toMatch(/^response\.(completed|incomplete)$/);
      const long = await client().responses.create({ ...asked, max_output_tokens: 400 });
      expect((await client().responses.cancel(long.id)).status).toMatch(/^(cancelled|completed)$/);
    });

    it('an output that was cut', async () => {
      const answer = await client().responses.create({ model, input: question, max_output_tokens: 3 });
      expect(answer).toMatchObject({
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
      });
    });

    it('stored responses', async () => {
      const ask = client().responses;
      const { id, output } = await ask.create({ model, input: question, temperature: 0 });
      const found = await ask.retrieve(id);
      expect(found.output).toEqual(output);
      expect(found.output_text).toBe('The capital of France is Paris.');
      const items = await ask.inputItems.list(id);
      expect(items.data).toMatchObject([{ type: 'message', role: 'user' }]);
      await expect(ask.cancel(id)).rejects.toThrow(/background/);
      await ask.delete(id);
      await expect(ask.retrieve(id)).rejects.toMatchObject({ status: 404 });
    });

    it('what is refused arrives as an error with its code and field', async () => {
      const tooMuch = client().responses.create({ model, input: 'x', conversation: 'c' });
      await expect(tooMuch).rejects.toMatchObject({
        status: 400,
        code: 'unsupported_parameter',
        param: 'conversation',
      });
    });
  });
});
