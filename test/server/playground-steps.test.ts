// What the playground tells of a step: which alternatives the mask forbade is what the mask itself says, for random grammars.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { StepReader } from '../../src/server/playground/steps.js';
import { FakeEngine } from './fake-engine.js';

const tokenizer = await new FakeEngine().tokenizer();
const code = (text: string) => text.charCodeAt(0);

function chosen(token: number, others: readonly number[]) {
  const alternatives = others.map((other) => ({ token: other, logprob: -2 }));
  return { token, logprob: -1, alternatives };
}

function read(grammar: CompiledGrammar | undefined, token: number, allowed: number, others: number[]) {
  const reader = new StepReader(tokenizer, grammar);
  return reader.read({ text: '', tokens: [token], allowed: [allowed], logprobs: [chosen(token, others)] })[0];
}

describe('a step', () => {
  it('without a constraint allows everything and forces nothing', () => {
    const step = read(undefined, code('a'), -1, [code('a'), code('b')]);
    expect(step).toMatchObject({ id: 97, bytes: [97], allowed: -1, forced: null, logprob: -1 });
    expect(step.alternatives?.map((one) => one.allowed)).toEqual([true, true]);
  });

  it('that is the only one allowed is forced, and forbids all others', () => {
    const step = read(compile({ regex: 'ab' }), code('a'), 1, [code('b'), code('a')]);
    expect(step.forced).toBe('token');
    expect(step.alternatives?.map((one) => one.allowed)).toEqual([false, true]);
  });

  it('without probabilities has no alternatives', () => {
    const [step] = new StepReader(tokenizer, undefined).read({ text: 'a', tokens: [97], allowed: [1] });
    expect(step).toEqual({ id: 97, bytes: [97], allowed: 1, forced: 'token' });
  });

  it('tells text that had to come, in whichever tokens', () => {
    const reader = new StepReader(tokenizer, compile({ regex: 'abc?' }));
    const steps = reader.read({ text: 'abc', tokens: [...'abc'].map(code), allowed: [2, 2, 2] });
    expect(steps.map((step) => step.forced)).toEqual(['text', 'text', null]);
  });

  it('allows the end of the output where the grammar does', () => {
    const reader = new StepReader(tokenizer, compile({ regex: 'ab?' }));
    const steps = reader.read({
      text: 'ab',
      tokens: [code('a'), code('b')],
      allowed: [2, 2],
      logprobs: [chosen(code('a'), [7]), chosen(code('b'), [7])],
    });
    expect(steps.map((step) => step.alternatives?.[0].allowed)).toEqual([false, true]);
  });

  it('says that it does not know where its matcher could not follow', () => {
    const reader = new StepReader(tokenizer, compile({ regex: 'abc' }));
    const wrong = {
      text: 'x',
      tokens: [code('x')],
      allowed: [2],
      logprobs: [chosen(code('x'), [code('a')])],
    };
    reader.read(wrong);
    expect(reader.read(wrong)[0].alternatives?.[0].allowed).toBeNull();
  });

  it('judges alternatives as masks do, along random sentences', () => {
    const all = Array.from({ length: 128 }, (_, id) => id);
    const regexes = ['[ab]*c{2,3}', '(foo|fob|bar)+', '\\d{1,3}(\\.\\d+)?', '"[^"\\\\]{0,5}"'];
    const property = fc.property(fc.constantFrom(...regexes), fc.infiniteStream(fc.nat()), (regex, picks) => {
      const grammar = compile({ regex });
      const matcher = grammar.matcher(tokenizer);
      const reader = new StepReader(tokenizer, grammar);
      const row = new Int32Array(matcher.words);
      for (let length = 0; length < 12; length++) {
        const count = matcher.fill(row);
        const permitted = all.filter((id) => (row[id >> 5] >> (id & 31)) & 1);
        const token = permitted[picks.next().value % permitted.length];
        const [step] = reader.read({
          text: '',
          tokens: [token],
          allowed: [count],
          logprobs: [chosen(token, all)],
        });
        const told = step.alternatives?.filter((one) => one.allowed).map((one) => one.id);
        expect(told).toEqual(permitted);
        matcher.accept(token);
        if (matcher.isFinished) return;
      }
    });
    fc.assert(property, { numRuns: 60 });
  });
});
