// Messages from chat events: for random answers the stream, put together by Anthropic's own client, is the whole answer.
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedJson } from '../../src/server/anthropic/closed-json.js';
import { type MessageEvent, messageEvents } from '../../src/server/anthropic/stream.js';
import { wholeMessage } from '../../src/server/anthropic/whole.js';
import type { ChatEnd, ChatEvent } from '../../src/server/conversation/index.js';
import { answers, gathered, streamed } from './chat-events.js';

const telling = { model: 'fake-1', maxTokens: 500, hidesThinking: false, promptTokens: 11 };
const usage = { promptTokens: 11, cachedTokens: 8, outputTokens: 3, reasoningTokens: 1 };
const end = (rest: Partial<ChatEnd> = {}): ChatEvent => ({
  type: 'end',
  end: { reason: 'stop', matchedStop: null, usage, ...rest },
});

async function eventsOf(list: readonly ChatEvent[], told = telling): Promise<MessageEvent[]> {
  return gathered(messageEvents(streamed(list), told));
}

function whole(list: readonly ChatEvent[], told = telling) {
  return wholeMessage(messageEvents(streamed(list), told));
}

/** What Anthropic's client makes of the events. */
async function assembled(events: readonly MessageEvent[]) {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const bytes = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(lines));
      controller.close();
    },
  });
  const {
    content,
    parsed_output: _,
    ...message
  } = await MessageStream.fromReadableStream(bytes).finalMessage();
  return { ...message, content: JSON.parse(JSON.stringify(content)) as object[] };
}

describe('a streamed message', () => {
  it('is, put together, the whole one', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (list) => {
        const { id: _, ...message } = (await whole(list))!;
        const { id: __, stop_details: ___, ...found } = await assembled(await eventsOf(list));
        expect(found).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  it('says what the events say, each block opened and closed once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (list) => {
        const events = await eventsOf(list);
        const texts = (type: string) =>
          list.map((e) => (e.type === type && 'text' in e ? e.text : '')).join('');
        const deltas = events.flatMap((e) => (e.type === 'content_block_delta' ? [e.delta] : []));
        const told = (name: string) =>
          deltas.map((d) => (d as unknown as Record<string, string>)[name] ?? '').join('');
        expect(told('text')).toBe(texts('text'));
        expect(told('thinking')).toBe(texts('reasoning'));
        expect(told('partial_json')).toBe(texts('arguments'));
        let open = -1;
        let last = -1;
        for (const event of events) {
          if (event.type === 'content_block_start') {
            expect([open, event.index]).toEqual([-1, last + 1]);
            open = last = event.index;
          } else if (event.type === 'content_block_delta') expect(event.index).toBe(open);
          else if (event.type === 'content_block_stop') {
            expect(event.index).toBe(open);
            open = -1;
          }
        }
        expect(open).toBe(-1);
        expect(events.map(({ type }) => type).slice(-2)).toEqual(['message_delta', 'message_stop']);
      }),
    );
  });

  it('in full', async () => {
    const list: ChatEvent[] = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'look.' },
      { type: 'call', index: 0, id: 'call_1', name: 'look' },
      { type: 'arguments', index: 0, text: '{"at":' },
      { type: 'arguments', index: 0, text: '"sky"}' },
      end({ reason: 'tool_calls' }),
    ];
    const [start, ...rest] = await eventsOf(list);
    expect(start).toMatchObject({
      type: 'message_start',
      message: { type: 'message', role: 'assistant', model: 'fake-1', content: [], stop_reason: null },
    });
    expect(start).toMatchObject({ message: { usage: { input_tokens: 11, output_tokens: 0 } } });
    const delta = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta });
    const begin = (index: number, content_block: object) => ({
      type: 'content_block_start',
      index,
      content_block,
    });
    const stop = (index: number) => ({ type: 'content_block_stop', index });
    expect(rest).toEqual([
      { type: 'ping' },
      begin(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
      delta(0, { type: 'signature_delta', signature: '' }),
      stop(0),
      begin(1, { type: 'text', text: '' }),
      delta(1, { type: 'text_delta', text: 'Let me ' }),
      delta(1, { type: 'text_delta', text: 'look.' }),
      stop(1),
      begin(2, { type: 'tool_use', id: 'call_1', name: 'look', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '{"at":' }),
      delta(2, { type: 'input_json_delta', partial_json: '"sky"}' }),
      stop(2),
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: {
          input_tokens: 3,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 8,
          output_tokens: 3,
          output_tokens_details: { thinking_tokens: 1 },
        },
      },
      { type: 'message_stop' },
    ]);
  });

  it('keeps thinking to itself where the client wants it omitted', async () => {
    const list: ChatEvent[] = [{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'Yes' }, end()];
    const message = await whole(list, { ...telling, hidesThinking: true });
    expect(message?.content).toEqual([
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'text', text: 'Yes' },
    ]);
  });
});

describe('the stop reason', () => {
  const stops: [Partial<ChatEnd>, string, string | null][] = [
    [{}, 'end_turn', null],
    [{ matchedStop: 7 }, 'end_turn', null],
    [{ matchedStop: '###' }, 'stop_sequence', '###'],
    [{ reason: 'tool_calls', matchedStop: '###' }, 'tool_use', null],
    [{ reason: 'length', usage: { ...usage, outputTokens: 500 } }, 'max_tokens', null],
    [{ reason: 'length', usage: { ...usage, outputTokens: 499 } }, 'model_context_window_exceeded', null],
  ];
  it.each(stops)('%j is %s', async (given, stop_reason, stop_sequence) => {
    expect(await whole([end(given)])).toMatchObject({ content: [], stop_reason, stop_sequence });
  });
});

describe('JSON that was cut', () => {
  it('is closed where a value is certain', () => {
    expect(closedJson('')).toEqual({});
    expect(closedJson('{"a": [1, {"b": "x')).toEqual({ a: [1, {}] });
    expect(closedJson('{"a": 12')).toEqual({});
    expect(closedJson('{"a": 12,')).toEqual({ a: 12 });
    expect(closedJson('{"a": "]\\"}", "c')).toEqual({ a: ']"}' });
  });

  it('is itself where it is complete, and else parses and holds nothing else', () => {
    const within = (part: unknown, full: unknown): boolean => {
      if (typeof part !== 'object' || part === null) return Object.is(part, full);
      return Object.entries(part).every(([key, value]) =>
        within(value, (full as Record<string, unknown>)[key]),
      );
    };
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.nat(),
        fc.boolean(),
        (object, at, spaced) => {
          const text = JSON.stringify(object, null, spaced ? 2 : 0);
          const full = JSON.parse(text) as object;
          expect(closedJson(text)).toEqual(full);
          expect(within(closedJson(text.slice(0, at % text.length)), full)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
