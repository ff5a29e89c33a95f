// The engine over a fake addon: what crosses to the native side, what comes back as chunks and results, and that streams
// do not hinder each other.
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type Expression, g } from '../../src/builder/index.js';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import {
  Engine,
  type EngineOptions,
  type GenerateChunk,
  type GenerateRequest,
} from '../../src/engine/index.js';
import { CompileError, EngineError, ModelError, RequestError } from '../../src/errors.js';
import { FakeAddon } from './fake-addon.js';
import { faultOf, madeModel } from './made-model.js';

const template = '{% for m in messages %}<|im_start|>{{ m.content }}{% endfor %}';

async function open(options: EngineOptions = {}) {
  const fake = new FakeAddon();
  const model = madeModel({ 'chat_template.jinja': template });
  const engine = new Engine({ model, warm: 'none', ...options }, fake.addon);
  onTestFinished(() => engine.close());
  await engine.ready();
  const encode = (text: string) => engine.tokenize(text, { addSpecialTokens: false });
  return { fake, engine, encode };
}

async function collect(stream: AsyncIterable<GenerateChunk>): Promise<GenerateChunk[]> {
  const chunks: GenerateChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('loading', () => {
  it('tells what it loaded', async () => {
    const { fake, engine } = await open({ threads: 3, kvTokens: 99 });
    const info = await engine.ready();
    expect(info).toMatchObject({ contextLength: 128, vocabSize: 512, kernels: 'fake', eosTokenIds: [422] });
    expect(info.options).toEqual(fake.options);
    expect(fake.options).toMatchObject({ threads: 3, kvTokens: 99 });
    expect(fake.spec).toMatchObject({ vocabSize: 512, layers: 2 });
  });

  it('reports a bad model to whoever waits, and bad options at once', async () => {
    const engine = new Engine({ model: '/nowhere' }, new FakeAddon().addon);
    expect(await faultOf(() => engine.ready())).toBeInstanceOf(ModelError);
    expect(await faultOf(() => engine.generate({ prompt: 'x' }))).toBeInstanceOf(ModelError);
    await engine.close();
    expect(() => new Engine({ threads: 0 }, new FakeAddon().addon)).toThrow(RequestError);
  });
});

describe('what crosses', () => {
  const submitted = async (request: GenerateRequest) => {
    const { fake, engine, encode } = await open();
    const done = engine.generate(request);
    const native = await fake.request();
    fake.finish(native.id, 'length');
    await done;
    return { native, encode, fake };
  };

  it('is the encoded prompt, with defaults filled in', async () => {
    const { native, encode } = await submitted({ prompt: 'Hi <|im_start|>' });
    expect(native.prompt).toEqual(await encode('Hi <|im_start|>'));
    const room = 128 - native.prompt.length;
    expect(native).toMatchObject({ maxTokens: room, sampling: { temperature: 0, topP: 1 } });
    expect([...native.stopTokens]).toEqual([422]);
    expect('grammar' in native).toBe(false);
  });

  it('is token ids as they are, or the rendered chat', async () => {
    const { native } = await submitted({ promptTokens: [5, 6, 420], maxTokens: 3 });
    expect([...native.prompt]).toEqual([5, 6, 420]);
    expect(native.maxTokens).toBe(3);
    const chat = await submitted({ messages: [{ role: 'user', content: 'Hi' }] });
    expect(chat.native.prompt).toEqual(await chat.encode('<|im_start|>Hi'));
  });

  it('is stop tokens, and no end-of-sequence with ignoreEos', async () => {
    expect([...(await submitted({ prompt: 'x', stopTokenIds: [7] })).native.stopTokens]).toEqual([422, 7]);
    const { native } = await submitted({ prompt: 'x', stopTokenIds: [7], ignoreEos: true });
    expect([...native.stopTokens]).toEqual([7]);
  });

  it('is one native grammar per constraint', async () => {
    const { fake, engine } = await open();
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    const requests: GenerateRequest[] = [
      { prompt: 'x', schema },
      { prompt: 'y', schema },
      { prompt: 'z', gbnf: 'root ::= "a"', compile: { maxConfigurations: 7 } },
    ];
    for (const [i, request] of requests.entries()) {
      const done = engine.generate(request);
      fake.finish((await fake.request(i)).id, 'stop');
      await done;
    }
    expect(fake.submitted.map(({ grammar }) => grammar)).toEqual([
      { grammar: 1 },
      { grammar: 1 },
      { grammar: 2 },
    ]);
    expect(fake.grammars.map(({ maxConfigurations }) => maxConfigurations)).toEqual([4096, 7]);
  });

  it('is masks made ahead, once per grammar, where that is asked for', async () => {
    for (const [masks, most] of [
      ['hot', [256]],
      ['all', [65_536]],
      ['none', []],
    ] as const) {
      const { fake, engine } = await open({ masks });
      for (let i = 0; i < 2; i++) {
        const done = engine.generate({ prompt: 'x', regex: 'a+' });
        fake.finish((await fake.request(i)).id, 'stop');
        await done;
      }
      expect(fake.precomputed).toEqual(most);
    }
    expect(() => new Engine({ masks: 'some' as 'hot' }, new FakeAddon().addon)).toThrow(RequestError);
  });

  it('is nothing for a request that is refused', async () => {
    const { fake, engine } = await open();
    const long = { promptTokens: new Int32Array(128) };
    expect(await faultOf(() => engine.generate(long))).toMatchObject({ code: 'context_length_exceeded' });
    expect(await faultOf(() => engine.generate({ prompt: '' }))).toMatchObject({ param: 'prompt' });
    expect(await faultOf(() => engine.generate({ prompt: 'x', topP: 2 }))).toMatchObject({ param: 'topP' });
    expect(fake.submitted).toEqual([]);
  });

  it('is taken back when its grammar turns out to be wrong', async () => {
    const { fake, engine } = await open();
    expect(await faultOf(() => engine.generate({ prompt: 'x', gbnf: 'root ::=' + ' (' }))).toBeInstanceOf(
      CompileError,
    );
    expect(fake.submitted).toMatchObject([{ id: 1, grammarFollows: true }]);
    expect(fake.aborted).toEqual([1]);
    expect(fake.grammars).toEqual([]);
  });

  it('may be refused natively, by code', async () => {
    const { fake, engine } = await open();
    fake.refusal = Object.assign(new Error('full'), { code: 'queue_full' });
    const full = await faultOf(() => engine.generate({ prompt: 'x' }));
    expect(full).toBeInstanceOf(EngineError);
    expect(full.code).toBe('queue_full');
    fake.refusal = Object.assign(new Error('bad'), { code: 'bad_request' });
    expect(await faultOf(() => engine.generate({ prompt: 'x' }))).toBeInstanceOf(RequestError);
  });
});

describe('what comes back', () => {
  it('is text in whole characters, and a result', async () => {
    const { fake, engine, encode } = await open();
    const stream = collect(engine.stream({ prompt: 'x' }));
    const { id } = await fake.request();
    const tokens = [...(await encode('a園!'))];
    for (const token of tokens) {
      fake.emit(id, [token], 5);
      await turn();
    }
    fake.finish(id, 'stop', { stopToken: 422 });
    const chunks = await stream;
    expect(chunks.map(({ text }) => text).join('')).toBe('a園!');
    for (const { text } of chunks) expect(['', 'a', '園', '!']).toContain(text);
    expect(chunks.flatMap((chunk) => chunk.tokens)).toEqual(tokens);
    expect(chunks.flatMap((chunk) => chunk.allowed)).toEqual(tokens.map(() => 5));
    expect(chunks.slice(0, -1).some((chunk) => chunk.result)).toBe(false);
    expect(chunks.at(-1)!.result).toEqual({
      text: 'a園!',
      tokens,
      finishReason: 'stop',
      matchedStop: 422,
      usage: {
        promptTokens: 4,
        cachedTokens: 2,
        outputTokens: tokens.length,
        draftTokens: 0,
        acceptedTokens: 0,
        firstTokenMs: 1.5,
        totalMs: 2.5,
        maskMs: 0.5,
      },
    });
  });

  it('has log-probabilities with each token, where they were asked for', async () => {
    const { fake, engine, encode } = await open();
    const stream = collect(engine.stream({ prompt: 'x', stop: ['STOP'], logprobs: 2, logitBias: { 3: 1 } }));
    const { id, ...request } = await fake.request();
    expect(request).toMatchObject({ logprobs: 2, logitBias: { tokens: Int32Array.of(3) } });
    const tokens = [...(await encode('go STOP and on'))];
    const chosen = Float32Array.from(tokens, (_, i) => -i);
    const alternatives = Int32Array.from(tokens.flatMap((token, i) => [token, i === 1 ? -1 : 7]));
    const alternativeLogprobs = Float32Array.from(tokens.flatMap((_, i) => [-i, -100]));
    fake.emit(id, tokens, -1, { logprobs: { chosen, alternatives, alternativeLogprobs } });
    const chunks = await stream;
    const { result } = chunks.at(-1)!;
    const entries = chunks.flatMap((chunk) => chunk.logprobs ?? []);
    expect(result!.logprobs).toEqual(entries);
    expect(entries.map(({ token }) => token)).toEqual(result!.tokens);
    expect(entries.length).toBeLessThan(tokens.length);
    expect(entries[0]).toEqual({
      token: tokens[0],
      logprob: -0,
      alternatives: [
        { token: tokens[0], logprob: -0 },
        { token: 7, logprob: -100 },
      ],
    });
    expect(entries[1]!.alternatives).toEqual([{ token: tokens[1], logprob: -1 }]);
  });

  it('ends before a stop string, and the native request with it', async () => {
    const { fake, engine, encode } = await open();
    const done = engine.generate({ prompt: 'x', stop: ['STOP'] });
    const { id } = await fake.request();
    fake.emit(id, await encode('go ST'));
    fake.emit(id, await encode('OP and on'));
    const result = await done;
    expect(result).toMatchObject({ text: 'go ', finishReason: 'stop', matchedStop: 'STOP' });
    expect(result.usage.outputTokens).toBe(result.tokens.length);
    expect(fake.aborted).toContain(id);
  });

  it('holds back the start of a stop string until it is none', async () => {
    const { fake, engine, encode } = await open();
    const iterator = engine.stream({ prompt: 'x', stop: ['STOP'] })[Symbol.asyncIterator]();
    const first = iterator.next();
    const { id } = await fake.request();
    fake.emit(id, await encode('a ST'));
    expect((await first).value!.text).toBe('a ');
    fake.emit(id, await encode('ART'));
    expect((await iterator.next()).value!.text).toBe('START');
    fake.finish(id, 'length');
    expect((await iterator.next()).value!.result).toMatchObject({ text: 'a START', finishReason: 'length' });
  });

  it('is an EngineError with the native code', async () => {
    const { fake, engine } = await open();
    const done = engine.generate({ prompt: 'x' });
    const { id } = await fake.request();
    fake.finish(id, 'error', { error: { code: 'grammar_limit', message: 'too ambiguous' } });
    const error = await faultOf(() => done);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'grammar_limit', message: 'too ambiguous' });
  });
});

describe('ending early', () => {
  it('aborts natively when the loop is left', async () => {
    const { fake, engine, encode } = await open();
    const text = await encode('abc');
    void fake.request().then(({ id }) => fake.emit(id, text));
    for await (const chunk of engine.stream({ prompt: 'x' })) {
      expect(chunk.text).toBe('abc');
      break;
    }
    expect(fake.aborted).toEqual([fake.submitted[0]!.id]);
  });

  it('aborts by signal, before or during, with the text so far', async () => {
    const { fake, engine, encode } = await open();
    const early = await engine.generate({ prompt: 'x', signal: AbortSignal.abort() });
    expect(early).toMatchObject({ text: '', finishReason: 'abort' });
    const controller = new AbortController();
    const done = engine.generate({ prompt: 'x', signal: controller.signal });
    const { id } = await fake.request(1);
    fake.emit(id, await encode('half'));
    controller.abort();
    expect(await done).toMatchObject({ text: 'half', finishReason: 'abort' });
  });

  it('ends open streams when the engine closes, and refuses new ones', async () => {
    const { fake, engine } = await open();
    const done = faultOf(() => engine.generate({ prompt: 'x' }));
    await fake.request();
    await engine.close();
    expect(await done).toMatchObject({ code: 'engine_closed' });
    expect(await faultOf(() => engine.generate({ prompt: 'x' }))).toMatchObject({ code: 'engine_closed' });
    await engine.close();
    expect(fake.closed).toBe(1);
  });
});

describe('many streams', () => {
  it('go on while one consumer does not read, which then gets all in one chunk', async () => {
    const { fake, engine, encode } = await open();
    const slow = engine.stream({ prompt: 'slow' })[Symbol.asyncIterator]();
    const first = slow.next();
    const slowId = (await fake.request(0)).id;
    fake.emit(slowId, await encode('1'));
    expect((await first).value!.text).toBe('1');
    const others = Array.from({ length: 20 }, () => engine.generate({ prompt: 'fast' }));
    const words = await encode('word');
    for (let i = 1; i <= 20; i++) {
      const { id } = await fake.request(i);
      fake.emit(slowId, words);
      fake.emit(id, words);
      fake.finish(id, 'length');
    }
    for (const result of await Promise.all(others)) expect(result.text).toBe('word');
    fake.finish(slowId, 'length');
    const rest = (await slow.next()).value!;
    expect(rest.text).toBe('word'.repeat(20));
    expect(rest.result!.text).toBe(`1${'word'.repeat(20)}`);
    expect((await slow.next()).done).toBe(true);
  });
});

describe('a grammar that takes long to compile', () => {
  /** An automaton of 2^60 states. */
  const endless = {
    regex: '(a|b)*a(a|b){60}',
    compile: { maxStates: 1e9, maxSubsetSteps: 1e15 },
  };

  it('holds up no other request, and goes with its own', async () => {
    compile({ schema: { const: 'the code is warm' } });
    const { fake, engine } = await open({ compiler: { maxCompileThreads: 1, maxInlineMs: 200 } });
    const leaving = new AbortController();
    const stuck = engine.generate({ prompt: 'x', ...endless, signal: leaving.signal });
    const { id } = await fake.request(0);
    for (let i = 1; i <= 30; i++) {
      const schema = { const: `short ${i}` };
      const done = engine.generate({ prompt: 'y', schema });
      const other = await fake.request(i);
      while (!fake.submitted[i]?.grammar) await turn();
      fake.finish(other.id, 'stop');
      expect((await done).finishReason).toBe('stop');
    }
    expect(fake.submitted[0].grammar).toBeUndefined();
    leaving.abort();
    expect((await stuck).finishReason).toBe('abort');
    expect(fake.aborted).toEqual([id]);
    // The only thread is free again.
    const long = {
      type: 'object',
      properties: { a: { enum: Array.from({ length: 2000 }, (_, i) => `${i}`) } },
    };
    const done = engine.generate({ prompt: 'z', schema: long });
    const next = await fake.request(31);
    while (!fake.submitted[31]?.grammar) await new Promise((resolve) => setTimeout(resolve, 1));
    fake.finish(next.id, 'stop');
    await done;
  });

  it('is refused by name when its time is over', async () => {
    const { fake, engine } = await open({ compiler: { maxCompileMs: 100 } });
    expect(await faultOf(() => engine.generate({ prompt: 'x', ...endless }))).toMatchObject({
      code: 'limit_exceeded',
      limit: 'maxCompileMs',
    });
    expect(fake.aborted).toEqual([1]);
    expect(() => new Engine({ compiler: { maxCompileMs: 0 } }, new FakeAddon().addon)).toThrow(RequestError);
  });

  it('ends with the engine', async () => {
    const { fake, engine } = await open();
    const stuck = faultOf(() => engine.generate({ prompt: 'x', ...endless }));
    await fake.request();
    await engine.close();
    expect(await stuck).toMatchObject({ code: 'engine_closed' });
  });
});

describe('generateObject', () => {
  const answer = async (schema: unknown, text: string, reason: 'stop' | 'length' = 'stop') => {
    const { fake, engine, encode } = await open();
    const done = engine.generateObject({ prompt: 'x', schema });
    done.catch(() => {});
    const { id } = await fake.request();
    fake.emit(id, await encode(text));
    fake.finish(id, reason);
    return done;
  };

  it('parses the value of a plain schema', async () => {
    const { value, result } = await answer({ type: 'object' }, '{"a": [1]}');
    expect(value).toEqual({ a: [1] });
    expect(result.finishReason).toBe('stop');
  });

  it('validates with a Standard Schema and gives its output', async () => {
    const schema = z.object({ a: z.string(), b: z.number().default(3) });
    expect((await answer(schema, '{"a": "x"}')).value).toEqual({ a: 'x', b: 3 });
    const even = z.object({ n: z.number().refine((n) => n % 2 === 0, 'must be even') });
    expect(await faultOf(() => answer(even, '{"n": 3}'))).toMatchObject({ code: 'validation_failed' });
  });

  it('gives the value of a compiled grammar or an expression, typed', async () => {
    const run = async <T>(grammar: CompiledGrammar<T> | Expression<T>, text: string) => {
      const { fake, engine, encode } = await open();
      const done = engine.generateObject({ prompt: 'x', grammar });
      done.catch(() => {});
      const { id } = await fake.request();
      fake.emit(id, await encode(text));
      fake.finish(id, 'stop');
      return done;
    };
    const schema = z.object({ n: z.number().max(5) });
    const choice = g.choice('none', g.json(schema));
    const value: { n: number } | string = (await run(choice, '{"n": 3}')).value;
    expect(value).toEqual({ n: 3 });
    expect((await run(compile(choice), 'none')).value).toBe('none');
    const odd = compile(z.object({ n: z.int().refine((n) => n % 2 === 1, 'must be odd') }));
    expect(await faultOf(() => run(odd, '{"n": 2}'))).toMatchObject({ code: 'validation_failed' });
  });

  it('says when the output was cut off, with the text', async () => {
    const error = await faultOf(() => answer({ type: 'object' }, '{"a": ', 'length'));
    expect(error).toMatchObject({ code: 'incomplete_output', partial: '{"a": ' });
  });
});

describe('the tokenizer by way of the engine', () => {
  it('encodes, decodes, renders and counts', async () => {
    const { engine } = await open();
    const ids = await engine.tokenize('a園 <|im_end|>');
    expect(await engine.detokenize(ids)).toBe('a園 <|im_end|>');
    expect(await engine.detokenize(ids, { skipSpecialTokens: true })).toBe('a園 ');
    expect(await engine.applyChatTemplate([{ role: 'user', content: 'Hi' }])).toBe('<|im_start|>Hi');
    expect(await engine.flushCache()).toBe(3);
    expect(await engine.stats()).toEqual({ running: 0 });
    const long = 'the tree '.repeat(20_000);
    expect(await engine.tokenize(long)).toEqual((await engine.tokenizer()).encode(long));
  });
});
