// Reasoning formats: thinking and the rest, whole and in pieces, and constraints behind the thinking.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/automata/index.js';
import { bytes, GrammarBuilder, prepareGrammar, toPda } from '../../src/grammar/index.js';
import {
  collectReasoning,
  detectReasoningFormat,
  findReasoningFormat,
  type ReasoningFormat,
  type ReasoningOptions,
  reasoningFormatNames,
} from '../../src/tools/index.js';
import { walk } from '../support/tool-sentences.js';

const formats = reasoningFormatNames().map((name) => findReasoningFormat(name) as ReasoningFormat);
const find = (name: string) => findReasoningFormat(name) as ReasoningFormat;

function split(format: ReasoningFormat, pieces: readonly string[], options?: ReasoningOptions) {
  const splitter = format.splitter(options);
  return collectReasoning([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.finish()]);
}

describe.each(formats.map((format) => [format.name, format] as const))('%s', (_, format) => {
  const { start, end } = format;

  it('splits thinking from the rest', () => {
    const closed = { isOpen: false };
    const expected = { reasoning: 'a\n b', content: 'c d' };
    expect(split(format, [`${start}\na\n b\n${end}\n\nc d`], closed)).toEqual(expected);
    expect(split(format, [`\na\n b\n${end}\n\nc d`], { isOpen: true })).toEqual(expected);
    expect(split(format, [`${start}a\n b${end}c d`], { isOpen: true })).toEqual(expected);
    expect(split(format, ['c d\n'], closed)).toEqual({ reasoning: '', content: 'c d\n' });
    expect(split(format, [`${start}a b`], closed)).toEqual({ reasoning: 'a b', content: '' });
  });

  it('lets a call end thinking that was not closed', () => {
    const options = { isOpen: true, callStarts: ['<tool_call>'] };
    expect(split(format, ['a\n<tool_call>{}'], options)).toEqual({
      reasoning: 'a',
      content: '<tool_call>{}',
    });
  });

  it('splits the same however the output is cut', () => {
    const part = fc.constantFrom(start, end, start.slice(0, -1), end.slice(1), ' ', '\n', 'x', '<', '😀');
    const cuts = fc.array(fc.nat(8), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), cuts, fc.boolean(), (parts, sizes, isOpen) => {
        const whole = parts.join('');
        const pieces: string[] = [];
        let rest = whole;
        for (const size of sizes) {
          pieces.push(rest.slice(0, size));
          rest = rest.slice(size);
        }
        const options = { isOpen, callStarts: ['<x'] };
        expect(split(format, [...pieces, rest], options)).toEqual(split(format, [whole], options));
        expect(split(format, whole.split(''), options)).toEqual(split(format, [whole], options));
      }),
      { numRuns: 100, seed: 8 },
    );
  });

  it('lets a constraint begin behind the thinking', () => {
    const answer = new GrammarBuilder().build(bytes('{}'));
    const machine = (options: object) =>
      new Machine(toPda(prepareGrammar(format.constraint(answer, { isCalls: true, ...options }))));
    const accepts = (of: Machine, text: string) =>
      walk(of, of.start, new TextEncoder().encode(text))?.accepting ?? false;
    const lead = format.name === 'gpt-oss' ? '<|start|>assistant' : '';
    const closed = machine({ isOpen: false });
    expect(accepts(closed, `${start}any {{ text${end}\n\n${lead}{}`)).toBe(true);
    expect(accepts(closed, '{}')).toBe(true);
    expect(accepts(closed, `${start}any {}`)).toBe(false);
    const open = machine({ isOpen: true });
    expect(accepts(open, `any text${end}\n${lead}{}`)).toBe(true);
    expect(accepts(open, '{}')).toBe(false);
    expect(accepts(open, `any text${end}\n${lead}no`)).toBe(false);
  });
});

describe('what is thinking', () => {
  it('is only what begins the output, but for harmony', () => {
    const text = 'Write <think>a</think> so.';
    expect(split(find('qwen3'), [text])).toEqual({ reasoning: '', content: text });
    const harmony =
      '<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|>' +
      '<|start|>assistant<|channel|>final<|message|>c<|return|>';
    expect(split(find('gpt-oss'), [harmony])).toEqual({ reasoning: 'ab', content: 'c' });
  });

  it.each([
    ["{{- '<think>\\n' }}{% if '</think>' in content %}", 'deepseek-v3'],
    ['[THINK]{{ thinking }}[/THINK]', 'mistral'],
    ['<|start|>assistant<|channel|>analysis<|message|>{{ thinking }}<|end|>', 'gpt-oss'],
    ['{{ message.content }}', undefined],
  ])('is told from a chat template', (template, name) => {
    expect(detectReasoningFormat(template)?.name).toBe(name);
  });

  it('a turn that ends as harmony ends its thinking is no thinking', () => {
    expect(detectReasoningFormat("{{ '<|assistant|>' + message.content + '<|end|>' }}")).toBeUndefined();
  });
});

describe('where thinking ends', () => {
  it.each([
    ['<think>a</think>', '\n\nb', false],
    ['a</think>', 'b', true],
    ['<think>a', '', false],
    ['', 'b', false],
  ])('%j, then %j', (thinking, answer, isOpen) => {
    const splitter = find('qwen3').splitter({ isOpen });
    for (const character of thinking + answer) splitter.push(character);
    splitter.finish();
    expect(splitter.thinkingEnd).toBe(thinking.length);
  });
});
