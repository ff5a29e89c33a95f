// Ollama's answers from chat events: for random answers the lines, put together, are the whole one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../src/server/conversation/index.js';
import { answerLines, Clock, type Piece, wholeAnswer } from '../../src/server/ollama/answer.js';
import { answers, gathered, streamed } from './chat-events.js';
import { FakeEngine } from './fake-engine.js';

interface Line {
  readonly message: Piece;
  readonly done: boolean;
  readonly logprobs?: readonly object[];
  readonly [field: string]: unknown;
}

const told = {
  model: 'fake-1',
  say: (piece: Piece) => ({ message: { role: 'assistant', ...piece } }),
  clock: new Clock(),
};
const usage = { promptTokens: 11, cachedTokens: 8, outputTokens: 3, reasoningTokens: 1 };
const end: ChatEvent = { type: 'end', end: { reason: 'stop', matchedStop: null, usage } };

async function linesOf(list: readonly ChatEvent[], telling = told): Promise<Line[]> {
  return (await gathered(answerLines(streamed(list), telling))) as Line[];
}

async function whole(list: readonly ChatEvent[], telling = told): Promise<Line> {
  return (await wholeAnswer(streamed(list), telling)) as Line;
}

/** Texts appended, lists joined, figures of the last line: what clients do. */
function assembled(lines: readonly Line[]): object {
  const { message: _, logprobs: __, ...last } = lines.at(-1)!;
  const thinking = lines.map(({ message }) => message.thinking ?? '').join('');
  const calls = lines.flatMap(({ message }) => message.tool_calls ?? []);
  return {
    ...last,
    message: {
      role: 'assistant',
      content: lines.map(({ message }) => message.content).join(''),
      ...(thinking && { thinking }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
  };
}

/** Without what the time of day is in. */
function timeless(line: object): object {
  const timed = ([name]: [string, unknown]) => name === 'created_at' || name.endsWith('_duration');
  return Object.fromEntries(Object.entries(line).filter((entry) => !timed(entry)));
}

describe('a streamed answer', () => {
  it('is, put together, the whole one', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (list) => {
        expect(timeless(assembled(await linesOf(list)))).toEqual(timeless(await whole(list)));
      }),
      { numRuns: 300 },
    );
  });

  it('says what the events say', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (list) => {
        const lines = await linesOf(list);
        const texts = (type: string) =>
          list.map((e) => (e.type === type && 'text' in e ? e.text : '')).join('');
        expect(lines.map(({ message }) => message.content).join('')).toBe(texts('text'));
        expect(lines.map(({ message }) => message.thinking ?? '').join('')).toBe(texts('reasoning'));
        expect(lines.map(({ done }) => done)).toEqual([...Array(lines.length - 1).fill(false), true]);
        const begun = list.flatMap((e) => (e.type === 'call' ? [e] : []));
        const calls = lines.flatMap(({ message }) => message.tool_calls ?? []);
        const last = list.at(-1);
        const cut = last?.type === 'end' && last.end.reason === 'length';
        expect(begun.length - calls.length).toBeLessThanOrEqual(cut ? 1 : 0);
        for (const [index, call] of calls.entries()) {
          const input = list.map((e) => (e.type === 'arguments' && e.index === index ? e.text : '')).join('');
          const { id, name } = begun[index];
          expect(call).toEqual({ id, function: { index, name, arguments: JSON.parse(input) } });
        }
      }),
    );
  });

  it('in full', async () => {
    const lines = await linesOf([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'I look.' },
      { type: 'call', index: 0, id: 'call_1', name: 'look' },
      { type: 'arguments', index: 0, text: '{"at":"sky"}' },
      end,
    ]);
    const call = { id: 'call_1', function: { index: 0, name: 'look', arguments: { at: 'sky' } } };
    const line = (piece: object, rest: object = { done: false }) => ({
      model: 'fake-1',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      message: { role: 'assistant', content: '', ...piece },
      ...rest,
    });
    const nanoseconds = expect.any(Number);
    expect(lines).toEqual([
      line({ thinking: 'Hm.' }),
      line({ content: 'I look.' }),
      line({ tool_calls: [call] }),
      line(
        {},
        {
          done: true,
          done_reason: 'stop',
          total_duration: nanoseconds,
          load_duration: 0,
          prompt_eval_count: 11,
          prompt_eval_duration: nanoseconds,
          eval_count: 3,
          eval_duration: nanoseconds,
        },
      ),
    ]);
  });
});

it('log-probabilities stand beside what they are of, whole and streamed', async () => {
  const telling = { ...told, tokenizer: await new FakeEngine().tokenizer() };
  const found = (letter: string) => {
    const token = letter.charCodeAt(0);
    return [{ token, logprob: -1, alternatives: [{ token, logprob: -1 }] }];
  };
  const list: ChatEvent[] = [
    { type: 'logprobs', found: found('a') },
    { type: 'logprobs', found: found('b') },
    { type: 'text', text: 'ab' },
    { type: 'logprobs', found: found('c') },
    end,
  ];
  const named = (token: string) => {
    const one = { token, logprob: -1, bytes: [token.charCodeAt(0)] };
    return { ...one, top_logprobs: [one] };
  };
  const lines = await linesOf(list, telling);
  expect(lines.map(({ logprobs }) => logprobs)).toEqual([[named('a'), named('b')], [named('c')]]);
  expect((await whole(list, telling)).logprobs).toEqual(['a', 'b', 'c'].map(named));
});

it('durations add up, in nanoseconds', async () => {
  const clock = new Clock();
  await new Promise((resolve) => setTimeout(resolve, 20));
  clock.markFirst();
  const { total_duration: total, prompt_eval_duration: first, eval_duration: rest } = clock.durations();
  expect(first).toBeGreaterThan(15e6);
  expect(first + rest).toBe(total);
});
