// What the playground's page computes by itself: characters that several tokens make, kinds of steps, places of errors, rates.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curlOf } from '../../playground/curl.js';
import { EXAMPLES } from '../../playground/examples.js';
import { constraintOf, EMPTY_FORM, requestOf } from '../../playground/form.js';
import { duration, percent, tokenLabel } from '../../playground/format.js';
import { pointerRange, rangeOf } from '../../playground/places.js';
import { forbiddenProbability, StepWriter, totalsOf } from '../../playground/steps.js';
import { HISTORY, type Sample, withSample } from '../../playground/throughput.js';
import { compile, type GrammarSource } from '../../src/compile/index.js';
import type { EndEvent, StatsView, Step } from '../../src/server/playground/protocol.js';

function step(bytes: readonly number[], more: Partial<Step> = {}): Step {
  return { id: 1, bytes, allowed: -1, forced: null, ...more };
}

describe('steps', () => {
  it('write the text, however its bytes are cut into tokens', () => {
    const cut = fc.property(
      fc.string({ unit: 'binary' }),
      fc.infiniteStream(fc.integer({ min: 1, max: 4 })),
      (text, sizes) => {
        const bytes = [...new TextEncoder().encode(text)];
        const writer = new StepWriter();
        let written = '';
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value;
          written += writer.write(step(bytes.slice(at, at + size))).piece;
          at += size;
        }
        expect(written).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes)));
      },
    );
    fc.assert(cut);
  });

  it('leave special tokens out of the text', () => {
    expect(new StepWriter().write(step([60, 124], { special: '<|end|>' })).piece).toBe('');
  });

  it('are forced, dictated, steered or free', () => {
    const alternative = (allowed: boolean) => ({ id: 2, bytes: [98], logprob: -1, allowed });
    const kind = (more: Partial<Step>) => new StepWriter().write(step([97], more)).kind;
    expect(kind({ allowed: 1, forced: 'token', alternatives: [alternative(false)] })).toBe('forced');
    expect(kind({ allowed: 4, forced: 'text', alternatives: [alternative(false)] })).toBe('dictated');
    expect(kind({ allowed: 4, alternatives: [alternative(false), alternative(true)] })).toBe('steered');
    expect(kind({ allowed: 4, alternatives: [alternative(true), alternative(false)] })).toBe('free');
    expect(kind({})).toBe('free');
  });

  it('add up', () => {
    const writer = new StepWriter();
    const steps = [{ forced: 'token' as const }, { forced: 'text' as const }, {}].map((more) =>
      writer.write(step([97], more)),
    );
    const usage = {
      prompt_tokens: 9,
      cached_tokens: 8,
      output_tokens: 3,
      first_token_ms: 10,
      total_ms: 30,
      mask_ms: 0.3,
    };
    const end: EndEvent = {
      type: 'end',
      text: '',
      finish_reason: 'stop',
      matched_stop: null,
      usage,
      cached_text_length: 0,
    };
    const totals = totalsOf(steps, end);
    expect(totals).toMatchObject({ tokens: 3, forced: 1, dictated: 1, steered: 0, rate: 100 });
    expect(totals.maskMicros).toBeCloseTo(100);
    expect(totalsOf([], undefined)).toMatchObject({ tokens: 0, rate: undefined, maskMicros: undefined });
  });

  it('tell how much of the probability was forbidden', () => {
    const alternatives = [0.5, 0.25, 0.1].map((p, id) => ({
      id,
      bytes: [],
      logprob: Math.log(p),
      allowed: id === 1,
    }));
    expect(forbiddenProbability(step([], { alternatives }))).toBeCloseTo(0.6);
  });
});

describe('places', () => {
  const schema = '{\n  "type": "object",\n  "properties": {"a/b": {"items": [1, {"type": "x\\"y"}]}}\n}';
  const at = (pointer: string) => {
    const range = pointerRange(schema, pointer);
    return range && schema.slice(range.from, range.to);
  };

  it('of a JSON pointer', () => {
    expect(at('')).toBe(schema);
    expect(at('/type')).toBe('"object"');
    expect(at('/properties/a~1b/items/0')).toBe('1');
    expect(at('/properties/a~1b/items/1/type')).toBe('"x\\"y"');
  });

  it('of a pointer to what is not there are those of the value above', () => {
    expect(at('/properties/none')).toBe('{"a/b": {"items": [1, {"type": "x\\"y"}]}}');
  });

  it('of a pointer are those that JSON.parse finds, in random values', () => {
    const found = fc.property(fc.jsonValue({ maxDepth: 4 }), fc.infiniteStream(fc.nat()), (value, picks) => {
      const text = JSON.stringify(value, undefined, 1);
      let here: unknown = value;
      let pointer = '';
      while (typeof here === 'object' && here !== null && Object.keys(here).length > 0) {
        const keys = Object.keys(here);
        const key = keys[picks.next().value % keys.length];
        pointer += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        here = (here as Record<string, unknown>)[key];
      }
      const range = pointerRange(text, pointer);
      expect(JSON.parse(text.slice(range?.from, range?.to))).toEqual(JSON.parse(JSON.stringify(here)));
    });
    fc.assert(found);
  });

  it('of text that is no JSON are none, and reading it ends', () => {
    for (const text of ['', '{', '{"a"', '{"a":', '[1,', '{]', '{"a" 1}', '"', '[[[[', '{"a":1,,}', '}'])
      expect(() => pointerRange(text, '/a/b')).not.toThrow();
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"a1 ') }), (text) => {
        pointerRange(text, '/a/0');
      }),
    );
  });

  it('of a line and a column', () => {
    expect(rangeOf('ab\ncd ef', { line: 2, column: 4 })).toEqual({ from: 6, to: 8 });
    expect(rangeOf('ab(c', { column: 3 })).toEqual({ from: 2, to: 3 });
    expect(rangeOf('ab', { line: 1, column: 9 })).toEqual({ from: 2, to: 3 });
    expect(rangeOf('ab', { line: 3, column: 1 })).toBeUndefined();
  });
});

describe('the form', () => {
  it('makes a request', () => {
    const form = { ...EMPTY_FORM, system: 'S', user: 'U', kind: 'regex' as const, alternatives: 0 };
    const asked = requestOf({ ...form, sources: { ...form.sources, regex: 'a' } });
    expect(asked).toMatchObject({
      messages: [
        { role: 'system', content: 'S' },
        { role: 'user', content: 'U' },
      ],
      constraint: { kind: 'regex', text: 'a' },
      alternatives: null,
      max_tokens: 200,
      temperature: 0,
      seed: null,
    });
    expect(constraintOf(form)).toBeUndefined();
  });

  it('makes a command that the shell reads back', () => {
    const sources = { ...EMPTY_FORM.sources, schema: '{"const": "it\'s"}' };
    const form = { ...EMPTY_FORM, user: "What's $HOME?\n`x`", kind: 'schema' as const, sources };
    const command = curlOf(form, 'http://localhost:1', false);
    const read = execFileSync('sh', ['-c', command.replace('curl', 'printf "%s\\0"')], { encoding: 'utf8' });
    const [url, , , , body] = read.split('\0');
    expect(url).toBe('http://localhost:1/v1/chat/completions');
    expect(JSON.parse(body)).toEqual({
      messages: [{ role: 'user', content: form.user }],
      max_tokens: 200,
      temperature: 0,
      top_p: 1,
      top_k: 0,
      min_p: 0,
      response_format: { type: 'json_schema', json_schema: { name: 'output', schema: { const: "it's" } } },
      logprobs: true,
      top_logprobs: 8,
    });
    const completion = { ...EMPTY_FORM, mode: 'completion' as const, prompt: 'p', alternatives: 0 };
    const told = curlOf(completion, '', true);
    expect(told).toMatch(/\/v1\/completions'.*ESPALIER_API_KEY.*"prompt":"p"/s);
    expect(told).not.toContain('logprobs');
  });

  it.each(
    EXAMPLES.map(({ name, form }) => [name, form] as const),
  )('has an example that compiles: %s', (_, form) => {
    const constraint = constraintOf(form);
    if (constraint) compile({ [constraint.kind]: constraint.text } as unknown as GrammarSource);
    expect(form.user + form.prompt).not.toBe('');
  });
});

describe('figures', () => {
  it('in words', () => {
    expect([0, 1, 0.5, 0.99999, 0.00002, 1e-9].map(percent)).toEqual([
      '0%',
      '100%',
      '50.0%',
      '>99.9%',
      '0.002%',
      '<0.0001%',
    ]);
    expect([0.0021, 12.34, 2500].map(duration)).toEqual(['2.1 µs', '12.3 ms', '2.5 s']);
  });

  it('tokens by what they are called', () => {
    const label = (bytes: readonly number[]) => tokenLabel({ id: 0, bytes });
    expect(label([32, 97, 10])).toBe('␣a↵');
    expect(label([0xe2, 0x82])).toBe('⟨E2 82⟩');
    expect(tokenLabel({ id: 0, bytes: [60], special: '<s>' })).toBe('<s>');
  });

  it('a second, and of a minute', () => {
    const stats = (at: number, output_tokens: number) => ({ at, output_tokens }) as StatsView;
    let samples: readonly Sample[] = [];
    for (let second = 0; second < HISTORY + 10; second++)
      samples = withSample(samples, stats(second * 1000, second * 5));
    expect(samples).toHaveLength(HISTORY);
    expect(samples.at(-1)?.rate).toBe(5);
    expect(withSample(samples, stats(1e6, 0))).toEqual([{ stats: stats(1e6, 0), rate: 0 }]);
  });
});
