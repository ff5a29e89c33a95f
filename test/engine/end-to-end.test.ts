// The engine with the embedded model, from prompt to text.
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { g } from '../../src/builder/index.js';
import { compile } from '../../src/compile/index.js';
import { Engine, type GenerateRequest, IncompleteOutputError } from '../../src/engine/index.js';
import { CompileError, RequestError } from '../../src/errors.js';
import { bytes, choice } from '../../src/grammar/index.js';

const engine = new Engine();
afterAll(() => engine.close());

const names = ['John Smith', 'Maria Lopez', 'Ana Silva', 'Peter Brown'];
const personPrompt = (name: string, age: number) =>
  `Extract person information from: ${name} is a ${age}-year-old software engineer.\nOutput JSON:\n`;

/** 64 requests, no two with the same schema. */
const requests = Array.from({ length: 64 }, (_, i): GenerateRequest & { schema: unknown } => ({
  prompt: personPrompt(names[i % names.length], 20 + i),
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 20 + i },
      age: { type: 'integer', minimum: i % 3, maximum: 100 + i },
      ...(i % 2
        ? { occupation: { type: 'string' } }
        : { tags: { type: 'array', items: { enum: ['a', `b${i}`] }, maxItems: 3 } }),
    },
    required: i % 2 ? ['name', 'age', 'occupation'] : ['name', 'age', 'tags'],
    additionalProperties: false,
  },
}));

describe('the engine', () => {
  it('keeps 64 requests with different schemas valid at once; a second run is cached and the same', async () => {
    await engine.flushCache();
    const first = await Promise.all(requests.map((request) => engine.generate(request)));
    first.forEach((result, i) => {
      expect(result.finishReason).toBe('stop');
      expect(compile({ schema: requests[i].schema }).test(result.text)).toBe(true);
    });
    const second = await Promise.all(requests.map((request) => engine.generate(request)));
    expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
    for (const { usage } of second) expect(usage.cachedTokens).toBeGreaterThan(usage.promptTokens - 17);
    const alone = await engine.generate(requests[5]);
    expect(alone.tokens).toEqual(first[5].tokens);
  });

  it('gives the same output with the cache off', async () => {
    await using plain = new Engine({ radixCache: false, threads: 1, chunkedPrefillSize: 7 });
    const request = requests[3];
    const [cached, fresh] = [await engine.generate(request), await plain.generate(request)];
    expect(fresh.text).toBe(cached.text);
    expect(fresh.usage.cachedTokens).toBe(0);
  });

  it('gives the same outputs with overlapped steps, and without jump-forward', async () => {
    const expected = await Promise.all(requests.map((request) => engine.generate(request)));
    for (const options of [
      { overlap: true },
      { overlap: true, jumpForward: false },
      { jumpForward: false },
    ]) {
      await using other = new Engine({ ...options, maskRows: 1 });
      const outputs = await Promise.all(requests.map((request) => other.generate(request)));
      expect(outputs.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens));
    }
  });

  it('appends forced text in fewer steps, in the tokens that the tokenizer makes of it', async () => {
    const keys = ['occupation_of_the_person', 'name_of_the_person', 'is_a_member_of_the_society'];
    const schema = {
      type: 'object',
      properties: Object.fromEntries(keys.map((key) => [key, { type: 'boolean' }])),
      required: keys,
      additionalProperties: false,
    };
    const request = { prompt: 'John: ', schema, compile: { whitespace: 'compact' as const }, maxTokens: 200 };
    const steps: number[] = [];
    for (const options of [
      {},
      { jumpForward: 'text' as const },
      { jumpForward: 'text' as const, overlap: true },
    ]) {
      await using other = new Engine(options);
      const result = await other.generate({ ...request, temperature: 1, seed: 3 });
      expect(Object.keys(JSON.parse(result.text))).toEqual(keys);
      expect(await other.detokenize(result.tokens)).toBe(result.text);
      steps.push((await other.stats()).forwardSteps);
      if (!options.jumpForward) continue;
      const spelt = [...(await other.tokenize('{"occupation_of_the_person":', { addSpecialTokens: false }))];
      expect(spelt.length).toBeGreaterThan(8);
      // The model chose how the object begins; from there on the key is the tokenizer's.
      expect(result.tokens.join().includes(spelt.slice(3, -2).join())).toBe(true);
    }
    expect(steps[1]).toBeLessThan(steps[0] / 2);
    expect(steps[2]).toBeLessThan(steps[0] / 2);
  });

  it('runs on random weights of the model’s shape', async () => {
    await using dummy = new Engine({ loadFormat: 'dummy' });
    const { schema } = requests[1];
    const result = await dummy.generate({ prompt: 'a', schema, maxTokens: 600, temperature: 1, seed: 1 });
    if (result.finishReason === 'stop') expect(compile({ schema }).test(result.text)).toBe(true);
    const free = await dummy.generate({
      prompt: 'a',
      maxTokens: 60,
      temperature: 1,
      seed: 1,
      ignoreEos: true,
    });
    expect(new Set(free.tokens).size).toBeGreaterThan(30);
  });

  it('samples the same with the same seed, whatever else runs', async () => {
    const request = {
      prompt: 'Q: What is the capital of France?\nA:',
      temperature: 1,
      seed: 7,
      maxTokens: 24,
    };
    const alone = await engine.generate(request);
    const [again, ...others] = await Promise.all([
      engine.generate(request),
      ...[1, 2, 3].map((seed) => engine.generate({ ...request, seed, topP: 0.9, topK: 20, minP: 0.01 })),
    ]);
    expect(again.tokens).toEqual(alone.tokens);
    expect(others.every(({ tokens }) => tokens.length > 0)).toBe(true);
  });

  it('streams the text that generate gives, with what the mask allowed', async () => {
    const request = requests[1];
    let text = '';
    let tokens = 0;
    for await (const chunk of engine.stream(request)) {
      text += chunk.text;
      tokens += chunk.tokens.length;
      expect(chunk.allowed).toHaveLength(chunk.tokens.length);
      for (const allowed of chunk.allowed) expect(allowed).toBeGreaterThan(0);
      if (chunk.result) expect([chunk.result.text, chunk.result.tokens.length]).toEqual([text, tokens]);
    }
    expect(text).toBe((await engine.generate(request)).text);
  });

  it('follows a regex, a GBNF grammar and an IR grammar', async () => {
    const prompt = 'Classify: I love it.\nLabel:';
    const regex = await engine.generate({ prompt, regex: ' (good|bad){2}' });
    expect(regex.text).toMatch(/^ (good|bad){2}$/);
    const gbnf = await engine.generate({ prompt, gbnf: 'root ::= [0-9]{3} "-" ("x" | "y")' });
    expect(gbnf.text).toMatch(/^[0-9]{3}-[xy]$/);
    const grammar = await engine.generate({
      prompt,
      grammar: { rules: [], start: choice(bytes('yes'), bytes('no')) },
    });
    expect(['yes', 'no']).toContain(grammar.text);
  });

  it('types and validates a zod schema', async () => {
    const Person = z.object({ name: z.string(), age: z.int().min(0).max(150), occupation: z.string() });
    const { value } = await engine.generateObject({ prompt: personPrompt('John Smith', 35), schema: Person });
    const name: string = value.name;
    expect({ ...value, name }).toEqual({ name: 'John Smith', age: 35, occupation: 'software engineer' });
  });

  it('types the value of a grammar in code, compiled or not', async () => {
    const person = g.json(z.object({ name: z.string(), age: z.int().min(0) }));
    const prompt = personPrompt('John Smith', 35);
    const plain = await engine.generateObject({ prompt, grammar: g.choice(person, 'nobody') });
    const value: { name: string; age: number } | string = plain.value;
    expect(value).toEqual({ name: 'John Smith', age: 35 });
    expect((await engine.generateObject({ prompt, grammar: compile(person) })).value.age).toBe(35);
  });

  it('says when an object was cut off, and gives what there is', async () => {
    const error = await engine
      .generateObject({ ...requests[1], maxTokens: 5 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IncompleteOutputError);
    expect((error as IncompleteOutputError).partial).toMatch(/^\{"name"/);
  });

  it('ends before a stop string, and says which', async () => {
    const prompt = 'Q: What is the capital of France?\nA:';
    const whole = await engine.generate({ prompt, maxTokens: 30, stop: ['\n'] });
    const stopped = await engine.generate({ prompt, maxTokens: 30, stop: ['never', 'ance is P'] });
    expect(stopped).toMatchObject({ finishReason: 'stop', matchedStop: 'ance is P' });
    expect(whole.text.startsWith(`${stopped.text}ance is P`)).toBe(true);
  });

  it('stops when its signal or its reader says so', async () => {
    const endless: GenerateRequest = { prompt: 'a', ignoreEos: true, maxTokens: 1500 };
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect((await engine.generate({ ...endless, signal: controller.signal })).finishReason).toBe('abort');
    for await (const chunk of engine.stream(endless)) if (chunk.tokens.length > 0) break;
    await expect.poll(async () => (await engine.stats()).running).toBe(0);
  });

  it('refuses bad requests by field, and serves the next one', async () => {
    const bad: [GenerateRequest, string][] = [
      [{}, 'prompt'],
      [{ prompt: 'a', messages: [] }, 'prompt'],
      [{ prompt: 'a', maxTokens: 0 }, 'maxTokens'],
      [{ prompt: 'a', temperature: -1 }, 'temperature'],
      [{ prompt: 'a', topP: 0 }, 'topP'],
      [{ prompt: 'a', seed: 1.5 }, 'seed'],
      [{ prompt: 'a', stop: [''] }, 'stop'],
      [{ promptTokens: [99_999] }, 'promptTokens'],
      [{ prompt: 'a', regex: 'a', schema: true }, 'regex'],
      [{ prompt: 'a', tempreature: 1 } as GenerateRequest, 'tempreature'],
    ];
    for (const [request, param] of bad) {
      const error = await engine.generate(request).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RequestError);
      expect((error as RequestError).param).toBe(param);
    }
    await expect(engine.generate({ prompt: 'a '.repeat(4000) })).rejects.toThrow(
      expect.objectContaining({ code: 'context_length_exceeded' }),
    );
    await expect(engine.generate({ prompt: 'a', schema: { type: 'strnig' } })).rejects.toThrow(CompileError);
    expect((await engine.generate({ prompt: 'a', regex: 'ok' })).text).toBe('ok');
  });

  it('is shared by ranks where its heads allow it', async () => {
    const request = { ...requests[0]!, temperature: 0 };
    const one = await engine.generate(request);
    const shared = new Engine({ tp: 2 });
    expect((await shared.generate(request)).text).toBe(one.text);
    expect((await shared.ready()).options.tp).toBe(2);
    await shared.close();
    const refused = new Engine({ tp: 3 });
    await expect(refused.ready()).rejects.toMatchObject({
      code: 'tensor_parallel',
      message: expect.stringContaining('this model can have tp = 1, 2, 4, 8'),
    });
    await refused.close();
    expect(() => new Engine({ tp: 65 })).toThrow("option 'tp' must be an integer from 1 to 64");
  });

  it('encodes long texts off the main thread to the same ids', async () => {
    const text = 'The quick brown fox, née 数. '.repeat(3000);
    const tokenizer = await engine.tokenizer();
    expect(await engine.tokenize(text)).toEqual(tokenizer.encode(text));
  });

  it('refuses options by name, and calls after close', async () => {
    expect(() => new Engine({ pageSize: 0 })).toThrow(
      expect.objectContaining({ code: 'invalid_option', param: 'pageSize' }),
    );
    expect(() => new Engine({ pagesize: 4 } as object)).toThrow(/'pagesize' is not an option/);
    const short = new Engine();
    const running = short.generate({ prompt: 'a', ignoreEos: true, maxTokens: 1900 }).then(
      ({ finishReason }) => finishReason,
      (error) => error.code,
    );
    await short.ready();
    await short.close();
    expect(['abort', 'engine_closed']).toContain(await running);
    await expect(short.generate({ prompt: 'a' })).rejects.toThrow(
      expect.objectContaining({ code: 'engine_closed' }),
    );
  });
});
