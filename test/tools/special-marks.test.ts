// Marks of calls that a vocabulary has as special tokens: the constraint writes them as these, inside of the arguments too,
// and a value ends at the token, never at its text. The portable and the native matcher agree.
import { describe, expect, it } from 'vitest';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { bytes, GrammarBuilder } from '../../src/grammar/index.js';
import { MatcherFactory } from '../../src/matcher/index.js';
import { loadNative } from '../../src/native/index.js';
import { Tokenizer } from '../../src/tokenizer/index.js';
import {
  collect,
  findReasoningFormat,
  findToolFormat,
  type ReasoningFormat,
  type ToolCallFormat,
  type ToolChoice,
  type ToolDefinition,
} from '../../src/tools/index.js';
import { compareAlong } from '../support/compare-matchers.js';
import { CALL_MARKS, markedTokenizer } from '../support/marked-model.js';

const THINKING_MARKS = ['<think>', '</think>'];
const tokenizer = Tokenizer.fromFiles(markedTokenizer([...CALL_MARKS, ...THINKING_MARKS]));
const addon = loadNative();
const native = addon.loadTokenizer(new Uint8Array(tokenizer.image.buffer));
const [eos] = tokenizer.image.eos;

const find: ToolDefinition = {
  type: 'function',
  function: {
    name: 'find',
    parameters: {
      type: 'object',
      properties: {
        query: { type: 'string' },
        code: { type: 'string', pattern: '^[a-z<]+$' },
        unit: { enum: ['<km>', 'm'] },
        limit: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
      },
      required: ['query', 'code', 'unit', 'limit', 'tags'],
      additionalProperties: false,
    },
  },
};
const given = { query: 'a < b', code: 'a<b', unit: '<km>', limit: 3, tags: ['x', '<'] };
const call = { name: 'find', arguments: given };

const encode = (text: string) => [...tokenizer.encode(text, { addSpecialTokens: false })];
/** The text in tokens of single characters, of which none is a mark. */
const spell = (text: string) => [...text].flatMap((character) => encode(character));
const isMark = (id: number) => CALL_MARKS.some((mark) => tokenizer.tokenId(mark) === id);

const compiled = (
  format: ToolCallFormat,
  choice: ToolChoice,
  specialTokens: readonly string[] = CALL_MARKS,
) => compile({ grammar: format.constraint([find], choice, { specialTokens }) });

function judge(grammar: CompiledGrammar): (tokens: readonly number[]) => boolean {
  const factory = new MatcherFactory(grammar.machine, tokenizer);
  return (tokens) => {
    const matcher = factory.open();
    return tokens.every((token) => matcher.accept(token)) && matcher.accept(eos);
  };
}

/** Both matchers along a sentence: equal masks, in which each of its tokens is. */
function compareBoth(grammar: CompiledGrammar, tokens: readonly number[]): void {
  const portable = new MatcherFactory(grammar.machine, tokenizer, { maxMaskBytes: 0 }).open();
  const loaded = addon.loadGrammar(grammar.image, native, {
    maxConfigurations: 4096,
    memo: true,
    tokenSets: grammar.packedTokens(tokenizer),
  });
  const matcher = addon.openMatcher(loaded);
  compareAlong(portable, matcher, tokens, eos);
  matcher.close();
}

/** By format the number of marks in the call. */
const formats: readonly [name: string, marks: number][] = [
  ['kimi_k3', 2 + 2 + 5 * 4 + 2 + 2],
  ['deepseekv32', 2 + 2 + 5 * 2],
  ['deepseekv41', 2 + 2 + 5 * 2],
  ['glm45', 2 + 5 * 4],
  ['glm47', 2 + 5 * 4],
  ['qwen3_coder', 2 + 5 * 2],
  ['mimo', 2 + 5 * 2],
  ['gemma4', 2 * 5],
  ['minimax-m3', 4 + 2 + 5 * 2 + 2 * 2],
];

describe.each(formats)('%s', (name, count) => {
  const format = findToolFormat(name) as ToolCallFormat;
  const text = format.write([call], [find]);
  const tokens = encode(text);
  const marks = tokens.flatMap((token, at) => (isMark(token) ? [at] : []));
  const required = compiled(format, 'required');

  it('writes the marks as tokens, in both matchers alike', () => {
    expect(tokenizer.decode(tokens)).toBe(text);
    expect(marks).toHaveLength(count);
    compareBoth(required, tokens);
    compareBoth(compiled(format, 'auto'), [...encode('Well < <|.\n'), ...tokens]);
  });

  it('refuses each mark that is spelled, alone or with all that follows', () => {
    const accepts = judge(required);
    expect(accepts(tokens)).toBe(true);
    for (const at of marks) {
      const before = tokens.slice(0, at);
      const mark = tokenizer.decode([tokens[at]]);
      expect(accepts([...before, ...spell(mark), ...tokens.slice(at + 1)]), `${at} ${mark}`).toBe(false);
      expect(accepts([...before, ...spell(tokenizer.decode(tokens.slice(at)))]), `${at} ${mark}`).toBe(false);
    }
  });

  it('takes no mark inside of a value, and no closing tag that is spelled', () => {
    const accepts = judge(required);
    const inside = encode(text.slice(0, text.indexOf('a < b') + 3));
    const behind = tokens.slice(inside.length);
    expect([...inside, ...behind]).toEqual(tokens);
    expect(accepts([...inside, ...encode('!'), ...behind])).toBe(true);
    const spelled = spell(tokenizer.decode(behind));
    expect(accepts([...inside, ...spelled, ...behind])).toBe(false);
    for (const mark of CALL_MARKS) expect(accepts([...inside, ...encode(mark), ...behind]), mark).toBe(false);
  });

  it('keeps calls that are spelled out of free text', () => {
    const accepts = judge(compiled(format, 'auto'));
    expect(accepts([...encode('Well '), ...tokens])).toBe(true);
    expect(accepts(encode('Well < <|.'))).toBe(true);
    if (isMark(tokens[0]) || isMark(tokens[1]))
      expect(accepts([...encode('Well '), ...spell(text)])).toBe(false);
  });

  it('is read back, whole and token by token', () => {
    const whole = format.parser({ tools: [find] });
    const once = collect([...whole.push(text), ...whole.finish()]);
    expect(once.calls.map(({ arguments: read }) => JSON.parse(read))).toEqual([given]);
    const parser = format.parser({ tools: [find] });
    const events = tokens.flatMap((token) => parser.push(tokenizer.decode([token])));
    expect(collect([...events, ...parser.finish()])).toEqual(once);
  });

  it('is as without special tokens where the vocabulary has none of the marks', () => {
    for (const choice of ['auto', 'required'] as const)
      expect(compiled(format, choice, ['<|begin|>']).hash).toBe(compiled(format, choice, []).hash);
    expect(compiled(format, 'required', []).hash).not.toBe(required.hash);
  });
});

describe('thinking', () => {
  it('ends at the token, and does not hold the end as text', () => {
    const builder = new GrammarBuilder();
    const answer = builder.build(bytes('7'));
    const format = findReasoningFormat('qwen3') as ReasoningFormat;
    const grammar = compile({
      grammar: format.constraint(answer, { specialTokens: THINKING_MARKS }),
    });
    const accepts = judge(grammar);
    const tokens = encode('<think>3 </ 4</think>7');
    compareBoth(grammar, tokens);
    expect(accepts(tokens)).toBe(true);
    expect(accepts([...encode('<think>3'), ...spell('</think>7'), ...encode('</think>7')])).toBe(false);
    expect(accepts([...encode('<think>3'), ...spell('</think>7')])).toBe(false);
  });
});
