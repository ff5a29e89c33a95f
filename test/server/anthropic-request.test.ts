// Bodies of /v1/messages -> what the chat layer is asked, and what is refused by name.
import { describe, expect, it } from 'vitest';
import { anthropicErrorBody } from '../../src/server/anthropic/errors.js';
import type {
  ContentBlock,
  MessagesBody,
  ToolChoiceBody,
} from '../../src/server/anthropic/messages-schema.js';
import { messagesInput } from '../../src/server/anthropic/request.js';
import type { ServerContext } from '../../src/server/context.js';
import { describeError } from '../../src/server/errors.js';
import { fillOptions } from '../../src/server/options.js';

const context = { settings: fillOptions({ maxTools: 2 }) } as ServerContext;
const hi = { role: 'user', content: 'Hi' } as const;
const asked = (body: Partial<MessagesBody>) =>
  messagesInput({ max_tokens: 9, messages: [hi], ...body }, context);
const blocks = (role: 'user' | 'assistant', ...content: ContentBlock[]) => ({ role, content });

/** What a client is told of it. */
function refusal(body: Partial<MessagesBody>): string {
  try {
    asked(body);
  } catch (error) {
    const told = anthropicErrorBody(describeError(error), { id: 'req_1' });
    return (told as { error: { message: string } }).error.message;
  }
  throw new Error('nothing was refused');
}

describe('the chat layer is asked', () => {
  it("with Anthropic's defaults", () => {
    expect(asked({})).toEqual({
      messages: [hi],
      tools: [],
      choice: 'auto',
      parallel: true,
      sampling: { temperature: 1 },
      maxTokens: 9,
      choiceField: 'tool_choice',
    });
  });

  it('with every field that has a meaning here', () => {
    const input = asked({
      system: [
        { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be kind.' },
      ],
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      stop_sequences: ['###'],
      metadata: { user_id: 'ann' },
      service_tier: 'auto',
      thinking: { type: 'enabled', budget_tokens: 2048 },
      output_config: { effort: 'max', format: { type: 'json_schema', schema: { type: 'null' } } },
    });
    expect(input).toMatchObject({
      messages: [{ role: 'system', content: 'Be brief.\nBe kind.' }, hi],
      sampling: { temperature: 0, topP: 0.5, topK: 3, stop: ['###'] },
      constraint: { field: 'output_config.format', option: { schema: { type: 'null' } } },
      chatTemplateOptions: { enable_thinking: true, thinking: true, reasoning_effort: 'high' },
      reasoning: { budget: 2048 },
    });
  });

  it('with the beta name of the output format', () => {
    const input = asked({ output_format: { type: 'json_schema', schema: { type: 'null' } } });
    expect(input.constraint).toEqual({ field: 'output_format', option: { schema: { type: 'null' } } });
  });

  it('without thinking where it is disabled', () => {
    const input = asked({ thinking: { type: 'disabled' } });
    expect(input.chatTemplateOptions).toEqual({ enable_thinking: false, thinking: false });
    expect(asked({ thinking: { type: 'adaptive' } }).reasoning).toBeUndefined();
  });

  it('with the tools and how they may be called', () => {
    const input_schema = { type: 'object', properties: { at: { type: 'string' } } };
    const look = { name: 'look', description: 'Looks.', input_schema };
    const input = asked({
      tools: [{ ...look, input_examples: [{ at: 'sky' }] }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    const description = 'Looks.\n\nExamples of its input:\n{"at":"sky"}';
    const definition = { name: 'look', description, parameters: input_schema };
    expect(input).toMatchObject({
      tools: [{ type: 'function', function: definition }],
      choice: 'required',
      parallel: false,
    });
    const choice = (tool_choice: ToolChoiceBody) => asked({ tools: [look], tool_choice }).choice;
    expect(choice({ type: 'tool', name: 'look' })).toEqual({ name: 'look' });
    expect(choice({ type: 'none' })).toBe('none');
    expect(choice({ type: 'auto' })).toBe('auto');
  });
});

describe('messages', () => {
  const use = { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'sky' } };

  it('become turns: thinking, calls, and results in their places', () => {
    const { messages } = asked({
      messages: [
        blocks('user', { type: 'text', text: 'A' }, { type: 'text', text: 'B' }),
        blocks(
          'assistant',
          { type: 'thinking', thinking: 'Hm.', signature: 'x' },
          { type: 'redacted_thinking', data: 'x' },
          { type: 'text', text: 'I look.' },
          use,
          { ...use, id: 'toolu_2' },
        ),
        blocks(
          'user',
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'blue' }] },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: 'too dark', is_error: true },
          { type: 'tool_result', tool_use_id: 'toolu_3' },
          { type: 'text', text: 'Go on.' },
        ),
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      ],
    });
    const called = { type: 'function', function: { name: 'look', arguments: { at: 'sky' } } };
    expect(messages).toEqual([
      { role: 'user', content: 'A\nB' },
      {
        role: 'assistant',
        content: 'I look.',
        reasoning_content: 'Hm.',
        tool_calls: [
          { id: 'toolu_1', ...called },
          { id: 'toolu_2', ...called },
        ],
      },
      { role: 'tool', tool_call_id: 'toolu_1', name: 'look', content: 'blue' },
      { role: 'tool', tool_call_id: 'toolu_2', name: 'look', content: 'Error: too dark' },
      { role: 'tool', tool_call_id: 'toolu_3', content: '' },
      { role: 'user', content: 'Go on.' },
      { role: 'system', content: 'Be brief.' },
    ]);
  });

  it('that end with the assistant are gone on with', () => {
    const messages = [hi, { role: 'assistant', content: 'Well,' } as const];
    expect(asked({ messages })).toMatchObject({ messages, continueFinalMessage: true });
    expect(refusal({ messages: [hi, blocks('assistant', use)] })).toBe(
      'messages[1] ends the chat with a tool_use: its tool_result must follow',
    );
  });

  const bad: [string, MessagesBody['messages'][number]][] = [
    [
      'messages[0].content[0].type "image" is not supported here',
      blocks('user', { type: 'image', source: {} }),
    ],
    ['messages[0].content[0].type "document" is not', blocks('user', { type: 'document' })],
    [
      'messages[0].content[0].type "server_tool_use" is not',
      blocks('assistant', { type: 'server_tool_use' }),
    ],
    ['messages[0].content[0].text is required', blocks('user', { type: 'text' })],
    ['messages[0].content[0].input must be object', blocks('assistant', { ...use, input: [] })],
    [
      'messages[0].content[0].content[0].type "image" is not',
      blocks('user', { type: 'tool_result', tool_use_id: 'x', content: [{ type: 'image' }] }),
    ],
    [
      'messages[0].content[0].content must be string or a list of blocks',
      blocks('user', { type: 'tool_result', tool_use_id: 'x', content: { type: 'text' } }),
    ],
  ];
  it.each(bad)('%s', (message, turn) => {
    expect(refusal({ messages: [turn] })).toContain(message);
  });
});

it('errors have the type of their status', () => {
  const typeOf = (status: number) => {
    const told = anthropicErrorBody({ status, message: '', code: 'c', param: null }, { id: 'r' });
    return (told as { error: { type: string } }).error.type;
  };
  expect([400, 403, 404, 415, 500, 501, 503, 504].map(typeOf)).toEqual([
    'invalid_request_error',
    'permission_error',
    'not_found_error',
    'invalid_request_error',
    'api_error',
    'api_error',
    'overloaded_error',
    'timeout_error',
  ]);
});

describe('refused by name', () => {
  const tool = { name: 'look', input_schema: { type: 'object' } };
  const refused: [string, Partial<MessagesBody>][] = [
    [
      'tools[0].type "web_search_20250305" is not supported',
      { tools: [{ ...tool, type: 'web_search_20250305' }] },
    ],
    ['tools[0].defer_loading is not supported', { tools: [{ ...tool, defer_loading: true }] }],
    ['tools[0].allowed_callers must hold "direct"', { tools: [{ ...tool, allowed_callers: ['code'] }] }],
    ['tools[0].input_schema', { tools: [{ ...tool, input_schema: 3 }] }],
    ['tools[1].name', { tools: [tool, tool] }],
    ['tools has 3 entries (limit maxTools = 2)', { tools: [tool, tool, tool] }],
    ['tool_choice.name is required with type "tool"', { tools: [tool], tool_choice: { type: 'tool' } }],
    ['tool_choice asks for a call, but there are no tools', { tool_choice: { type: 'any' } }],
    ['mcp_servers is not supported', { mcp_servers: [{ url: 'x' }] }],
    ['context_management is not supported', { context_management: { edits: [{}] } }],
    ['thread is not supported', { thread: { type: 'create' } }],
    ['compaction is not supported', { compaction: { type: 'summary' } }],
    ['container is not supported', { container: 'c' }],
    [
      'output_format and output_config.format cannot be combined',
      {
        output_format: { type: 'json_schema', schema: {} },
        output_config: { format: { type: 'json_schema', schema: {} } },
      },
    ],
  ];
  it.each(refused)('%s', (message, body) => {
    expect(refusal(body)).toContain(message);
  });
});
