// Bodies of /api/chat and /api/generate -> what the chat layer and the engine are asked, and what is refused by name.
import { describe, expect, it } from 'vitest';
import type { ServerContext } from '../../src/server/context.js';
import { type ChatBody, chatInput } from '../../src/server/ollama/chat-request.js';
import { type GenerateBody, generateInput, rawRequest } from '../../src/server/ollama/generate-request.js';
import { type OllamaOptions, ollamaSampling } from '../../src/server/ollama/options.js';
import { fillOptions } from '../../src/server/options.js';
import { info } from './fake-engine.js';

const context = { settings: fillOptions({}), model: { info } } as ServerContext;
const hi = { role: 'user', content: 'Hi' };
const chat = (body: Partial<ChatBody> = {}) => chatInput(body, body.messages ?? [hi], context);
const defaults = { temperature: 0.8, topK: 40, topP: 0.9 };

describe('options', () => {
  const sampling = (options: OllamaOptions) => ollamaSampling(options, 512);

  it("have Ollama's defaults", () => {
    expect(ollamaSampling(undefined, 512)).toEqual({ sampling: defaults });
    expect(sampling({ seed: -1, num_predict: -1, num_ctx: 512, num_gpu: 3, mirostat: 0 })).toEqual({
      sampling: defaults,
    });
  });

  it('reach the engine', () => {
    const options = {
      num_predict: 9,
      temperature: 0,
      top_k: 3,
      top_p: 0.5,
      min_p: 0.1,
      seed: 4,
      stop: ['###'],
      repeat_penalty: 1.1,
      repeat_last_n: -1,
      presence_penalty: 0.2,
      frequency_penalty: 0.3,
    };
    expect(sampling(options)).toEqual({
      maxTokens: 9,
      sampling: {
        temperature: 0,
        topK: 3,
        topP: 0.5,
        minP: 0.1,
        seed: 4,
        stop: ['###'],
        repetitionPenalty: 1.1,
        presencePenalty: 0.2,
        frequencyPenalty: 0.3,
      },
    });
  });

  it('have no penalty where it looks at no token', () => {
    expect(sampling({ repeat_penalty: 1.1, repeat_last_n: 0 }).sampling).toEqual(defaults);
    expect(sampling({ repeat_penalty: 1, repeat_last_n: 64 }).sampling).toEqual(defaults);
  });

  const refused: [string, OllamaOptions][] = [
    ['options.num_ctx is 513, but the context of this model, as it was started, is 512', { num_ctx: 513 }],
    ['options.mirostat is not supported with this value; only 0 is', { mirostat: 2 }],
    ['options.typical_p is not supported', { typical_p: 0.5 }],
    ['options.repeat_last_n is not supported with this value', { repeat_penalty: 1.1, repeat_last_n: 64 }],
  ];
  it.each(refused)('%s', (message, options) => {
    expect(() => sampling(options)).toThrow(message);
  });
});

describe('chat', () => {
  it("asks with Ollama's defaults", () => {
    expect(chat()).toEqual({
      messages: [hi],
      tools: [],
      choice: 'auto',
      parallel: true,
      sampling: defaults,
      choiceField: 'tools',
    });
  });

  it('asks for formats, thinking and log-probabilities', () => {
    const schema = { type: 'null' };
    expect(chat({ format: schema }).constraint).toEqual({ field: 'format', option: { schema } });
    expect(chat({ format: 'json' }).constraint).toEqual({
      field: 'format',
      option: { schema: { type: 'object' } },
    });
    expect(chat({ format: '' }).constraint).toBeUndefined();
    expect(chat({ think: false }).chatTemplateOptions).toEqual({ enable_thinking: false, thinking: false });
    expect(chat({ think: 'low' }).chatTemplateOptions).toEqual({
      enable_thinking: true,
      thinking: true,
      reasoning_effort: 'low',
    });
    expect(chat({ logprobs: true }).logprobs).toBe(0);
    expect(chat({ logprobs: true, top_logprobs: 2 }).logprobs).toBe(2);
  });

  it('pairs calls with their results', () => {
    const call = (name: string) => ({ function: { name, arguments: { at: name } } });
    const { messages } = chat({
      messages: [
        hi,
        {
          role: 'assistant',
          content: '',
          thinking: 'Hm.',
          tool_calls: [call('look'), call('add'), call('look')],
        },
        { role: 'tool', tool_name: 'add', content: '1' },
        { role: 'tool', tool_name: 'look', content: '2' },
        { role: 'tool', content: '3' },
        { role: 'tool', content: '4' },
        { role: 'assistant', tool_calls: [{ id: 'x', ...call('add') }] },
        { role: 'tool', tool_call_id: 'x', content: '5' },
      ],
    });
    const told = (id: string, name: string) => ({
      id,
      type: 'function',
      function: { name, arguments: { at: name } },
    });
    expect(messages).toEqual([
      hi,
      {
        role: 'assistant',
        content: '',
        reasoning_content: 'Hm.',
        tool_calls: [told('call_0', 'look'), told('call_1', 'add'), told('call_2', 'look')],
      },
      { role: 'tool', name: 'add', tool_call_id: 'call_1', content: '1' },
      { role: 'tool', name: 'look', tool_call_id: 'call_0', content: '2' },
      { role: 'tool', tool_call_id: 'call_2', content: '3' },
      { role: 'tool', content: '4' },
      { role: 'assistant', content: null, tool_calls: [told('x', 'add')] },
      { role: 'tool', tool_call_id: 'x', content: '5' },
    ]);
  });

  it('goes on with a last message of the assistant', () => {
    expect(chat({ messages: [hi, { role: 'assistant', content: 'Well,' }] }).continueFinalMessage).toBe(true);
  });

  const refused: [string, Partial<ChatBody>][] = [
    ['messages[0].images is not supported', { messages: [{ ...hi, images: ['x'] }] }],
    ['format must be "json" or a JSON Schema', { format: 'yaml' }],
    ['top_logprobs needs logprobs to be true', { top_logprobs: 2 }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['template is not supported', { template: '{{ .Prompt }}' }],
  ];
  it.each(refused)('%s', (message, body) => {
    expect(() => chat(body)).toThrow(message);
  });
});

describe('generate', () => {
  it('is a chat of a system message and a prompt', () => {
    const input = generateInput({ system: 'Be brief.' }, 'Hi', context);
    expect(input).toMatchObject({ messages: [{ role: 'system', content: 'Be brief.' }, hi], choice: 'none' });
    expect(generateInput({}, 'Hi', context).messages).toEqual([hi]);
  });

  it('takes the prompt as it is with raw', () => {
    const body = { format: 'json', logprobs: true, options: { num_predict: 1000 } };
    expect(rawRequest(body, '<s>Hi', context)).toEqual({
      prompt: '<s>Hi',
      ...defaults,
      maxTokens: 512,
      logprobs: 0,
      schema: { type: 'object' },
    });
    expect(() => rawRequest({ system: 'x' }, 'Hi', context)).toThrow('system cannot stand beside raw');
    expect(() => rawRequest({ think: true }, 'Hi', context)).toThrow('think cannot stand beside raw');
  });

  const refused: GenerateBody[] = [
    { suffix: 'x' },
    { images: ['x'] },
    { context: [1] },
    { template: 'x' },
    { width: 8 },
  ];
  it.each(refused)('%j is refused', (body) => {
    expect(() => generateInput(body, 'Hi', context)).toThrow(`${Object.keys(body)[0]} is not supported`);
  });
});
