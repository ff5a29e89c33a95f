// The events of a response, from chat events at hand: their order, their fields, and the response that they amount to.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEnd, ChatEvent } from '../../src/server/conversation/index.js';
import { CustomInput } from '../../src/server/openai/custom-input.js';
import { beginResponse } from '../../src/server/openai/responses/response.js';
import { type ResponseEvent, ResponseWriter } from '../../src/server/openai/responses/writer.js';
import { FakeEngine } from './fake-engine.js';

const usage = { promptTokens: 7, cachedTokens: 3, outputTokens: 5, reasoningTokens: 2 };
const end = (reason: ChatEnd['reason'] = 'stop'): ChatEvent => ({
  type: 'end',
  end: { reason, matchedStop: null, usage },
});
const text = (said: string): ChatEvent => ({ type: 'text', text: said });
const thought = (said: string): ChatEvent => ({ type: 'reasoning', text: said });
const call = (index: number, name: string): ChatEvent => ({ type: 'call', index, id: `call_${index}`, name });
const argument = (index: number, said: string): ChatEvent => ({ type: 'arguments', index, text: said });

const tokenizer = await new FakeEngine().tokenizer();

function write(events: readonly ChatEvent[], options: { asSummary?: boolean; custom?: string[] } = {}) {
  const writer = new ResponseWriter(beginResponse({}, 'm'), {
    asSummary: options.asSummary ?? false,
    custom: new Set(options.custom),
    tokenizer,
  });
  const written = [...writer.begin(), ...events.flatMap((event) => writer.write(event))];
  return { written, writer, response: writer.response };
}

const types = (events: readonly ResponseEvent[]) => events.map(({ type }) => type.replace(/^response\./, ''));

describe('the order of events', () => {
  it('thinking, a message and a call, each opened and closed', () => {
    const { written, response } = write([
      thought('Hm'),
      thought('m'),
      text('Let me '),
      text('see.'),
      call(0, 'f'),
      argument(0, '{"a":'),
      argument(0, '1}'),
      end('tool_calls'),
    ]);
    expect(types(written)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'reasoning_text.delta',
      'reasoning_text.delta',
      'reasoning_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    expect(written.map((event) => event.sequence_number)).toEqual(written.map((_, index) => index));
    expect(response.status).toBe('completed');
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hmm' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me see.' }] },
      { type: 'function_call', call_id: 'call_0', name: 'f', arguments: '{"a":1}', status: 'completed' },
    ]);
    expect(response.usage).toEqual({
      input_tokens: 7,
      input_tokens_details: { cached_tokens: 3 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 12,
    });
  });

  it('thinking as a summary where one was asked for', () => {
    const { written, response } = write([thought('Hm'), text('A'), end()], { asSummary: true });
    expect(types(written).slice(2, 7)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
    ]);
    expect(written[4]).toMatchObject({ summary_index: 0, output_index: 0, delta: 'Hm' });
    expect(response.output[0]).toMatchObject({ summary: [{ type: 'summary_text', text: 'Hm' }] });
    expect(response.output[0]).not.toHaveProperty('content');
  });

  it('two calls are two items, also of the same tool', () => {
    const { response } = write([
      call(0, 'f'),
      argument(0, '{}'),
      call(1, 'f'),
      argument(1, '{}'),
      end('tool_calls'),
    ]);
    expect(response.output.map((item) => 'call_id' in item && item.call_id)).toEqual(['call_0', 'call_1']);
  });

  it('an answer without a word is an empty message', () => {
    const { written, response } = write([end()]);
    expect(types(written)).toContain('output_text.done');
    expect(response.output).toMatchObject([{ type: 'message', content: [{ text: '' }] }]);
  });
});

describe('ends', () => {
  it('an output that was cut is incomplete, and so is the item that it was cut in', () => {
    const { written, response } = write([text('A'), call(0, 'f'), argument(0, '{"a'), end('length')]);
    expect(written.at(-1)?.type).toBe('response.incomplete');
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      completed_at: null,
    });
    expect(response.output.map(({ status }) => status)).toEqual(['completed', 'incomplete']);
  });

  it('a failure tells of what had come', () => {
    const { writer } = write([text('Half')]);
    const failed = writer.fail({ status: 500, code: 'native_error', message: 'it broke', param: null });
    expect(failed).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'native_error', message: 'it broke' },
        output: [{ status: 'incomplete', content: [{ text: 'Half' }] }],
      },
    });
    expect(writer.response.status).toBe('failed');
  });
});

describe('log-probabilities', () => {
  const logprobs = (token: string): ChatEvent => ({
    type: 'logprobs',
    found: [{ token: token.codePointAt(0)!, logprob: -1, alternatives: [] }],
  });

  it('go with the text of their tokens, and those of thinking and calls are left out', () => {
    const { written, response } = write([
      logprobs('t'),
      thought('t'),
      logprobs('A'),
      logprobs('B'),
      text('AB'),
      logprobs('$'),
      end(),
    ]);
    const delta = written.find(({ type }) => type === 'response.output_text.delta');
    expect(delta?.logprobs).toMatchObject([{ token: 'A' }, { token: 'B' }]);
    const [, message] = response.output;
    expect(message).toMatchObject({
      content: [{ logprobs: [{ token: 'A', bytes: [65] }, { token: 'B' }, { token: '$' }] }],
    });
  });

  it('of calls are left out, too, and are not those of text behind them', () => {
    const { response } = write([
      logprobs('A'),
      text('A'),
      logprobs('<'),
      call(0, 'f'),
      logprobs('{'),
      argument(0, '{}'),
      logprobs('B'),
      text('B'),
      end('tool_calls'),
    ]);
    const told = response.output.map((item) =>
      item.type === 'message'
        ? item.content.flatMap((part) => ('logprobs' in part ? part.logprobs : []))
        : [],
    );
    expect(told).toMatchObject([[{ token: 'A' }], [], [{ token: 'B' }]]);
  });
});

describe('custom calls', () => {
  it('have their input read out of the arguments', () => {
    const { written, response } = write(
      [
        call(0, 'run'),
        argument(0, '{"input": "a\\'),
        argument(0, 'n\\"b'),
        argument(0, '"}'),
        end('tool_calls'),
      ],
      { custom: ['run'] },
    );
    expect(types(written).slice(2)).toEqual([
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
      'completed',
    ]);
    expect(response.output).toMatchObject([{ type: 'custom_tool_call', call_id: 'call_0', input: 'a\n"b' }]);
  });

  it('any input comes out as it is, however the arguments are cut', () => {
    const seed = Date.now() & 0x7fffffff;
    const written = fc.tuple(
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.array(fc.nat({ max: 60 }), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(written, ([input, isAscii, cuts]) => {
        let json = JSON.stringify({ input });
        if (isAscii)
          json = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
        const reader = new CustomInput();
        const pieces: string[] = [];
        // Texts come in whole characters, but escapes may be cut anywhere.
        const characters = Array.from(json);
        for (const cut of [...cuts, characters.length])
          pieces.push(reader.push(characters.splice(0, cut).join('')));
        expect(pieces.join('')).toBe(input);
        for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
      }),
      { seed, numRuns: 500 },
    );
  });
});

it('the events amount to the response, for any run of chat events', () => {
  const seed = Date.now() & 0x7fffffff;
  const said = fc.string({ minLength: 1, maxLength: 4 });
  const runs = fc.array(
    fc.oneof(
      said.map((one) => [text(one)]),
      said.map((one) => [thought(one)]),
      fc
        .tuple(fc.constantFrom('f', 'run'), fc.array(said))
        .map(([name, pieces]) => [call(0, name), ...pieces.map((one) => argument(0, one))]),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(runs, fc.constantFrom('stop', 'length'), fc.boolean(), (all, reason, asSummary) => {
      const { written, response } = write([...all.flat(), end(reason as 'stop' | 'length')], {
        asSummary,
        custom: ['run'],
      });
      const added = written.filter(({ type }) => type === 'response.output_item.added');
      const done = written.filter(({ type }) => type === 'response.output_item.done');
      expect(added.map((event) => event.output_index)).toEqual(added.map((_, index) => index));
      expect(done.map(({ item }) => item)).toEqual(response.output);
      for (const [index, item] of response.output.entries()) {
        const deltas = written
          .filter((event) => event.output_index === index && event.type.endsWith('.delta'))
          .map((event) => event.delta)
          .join('');
        const [whole] =
          item.type === 'message'
            ? item.content.map((part) => ('text' in part ? part.text : ''))
            : item.type === 'reasoning'
              ? (item.content ?? item.summary).map((part) => part.text)
              : [item.type === 'function_call' ? item.arguments : item.input];
        expect(deltas).toBe(whole);
      }
    }),
    { seed, numRuns: 300 },
  );
});
