// Compiling beside the calling thread: the thread stays free, work is shared, stopped and bounded.
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Expression, g } from '../../src/builder/index.js';
import { compile } from '../../src/compile/index.js';
import { GrammarCompiler, type GrammarCompilerOptions } from '../../src/compile-threads/index.js';
import { CompileError, EngineError, LimitError, RequestError } from '../../src/errors.js';
import { bytes } from '../../src/grammar/index.js';

/** Deterministic automata of 2^n states: with these limits far longer than any test waits. */
const UNLIMITED = { maxStates: 1e9, maxSubsetSteps: 1e15, maxAutomatonStates: 1e9 };
const endless = (tag: string) => ({ lark: `start: /${tag}(a|b)*a(a|b){60}/ "${tag}"` });
const slow = (n: number) => ({ schema: { type: 'object', properties: manyProperties(n) } });

function manyProperties(count: number): Record<string, unknown> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`p${i}`, { type: 'string', pattern: `^(a|b)*a(a|b){6}${i}$` }]),
  );
}

const open: GrammarCompiler[] = [];
function compiler(options: GrammarCompilerOptions = {}): GrammarCompiler {
  const made = new GrammarCompiler({ maxCompileThreads: 1, ...options });
  open.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Turns of the event loop until the promise settles. */
async function turnsUntil(promise: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const done = promise.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  while (!isDone) {
    turns++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await done;
  return turns;
}

describe('GrammarCompiler', () => {
  it('leaves the event loop its turns while a source is compiled that would hold it up', async () => {
    const work = compiler({ maxInlineBytes: 0 }).compile(slow(150));
    expect(await turnsUntil(work)).toBeGreaterThan(20);
    const grammar = await work;
    expect(grammar.test(`{"p3": "${'a'.repeat(7)}3"}`)).toBe(true);
    expect(grammar.hash).toBe(compile(slow(150)).hash);
  });

  it('moves a short source that takes long to a thread', async () => {
    const work = compiler({ maxCompileMs: 400 }).compile(endless('s'), UNLIMITED);
    work.catch(() => {});
    expect(await turnsUntil(work)).toBeGreaterThan(20);
    await expect(work).rejects.toMatchObject({ code: 'limit_exceeded', limit: 'maxCompileMs' });
  });

  it('gives the grammar, the notes and the explanation that compile gives', async () => {
    const source = { schema: { type: 'string', format: 'color', minLength: 2 } };
    const inThread = await compiler({ maxInlineBytes: 0 }).compile(source, { maxWhitespace: 7 });
    expect(compile(source, { maxWhitespace: 7 })).toBe(inThread);
    const here = compile({ schema: { ...source.schema } }, { maxWhitespace: 7, maxStates: 20_001 });
    expect(inThread.image).toEqual(here.image);
    expect(inThread.annotations).toEqual(here.annotations);
    expect(inThread.annotations).toHaveLength(1);
    expect(inThread.toString()).toBe(here.toString());
    expect(inThread.parse('"ab"')).toBe('ab');
  });

  it("keeps a schema's own validation, and compiles a grammar in the IR where it is", async () => {
    const threads = compiler({ maxInlineBytes: 0 });
    const even = z.object({ n: z.int().refine((n) => n % 2 === 0, 'must be even') });
    const grammar = await threads.compile(even);
    expect(grammar.parse('{"n":2}')).toEqual({ n: 2 });
    expect(() => grammar.parse('{"n":1}')).toThrow(/must be even/);
    expect(compile(even)).toBe(grammar);
    const grammarInIr = { rules: [], start: bytes('ab') };
    expect((await threads.compile({ grammar: grammarInIr })).test('ab')).toBe(true);
  });

  it('sends expressions of every kind, also ones that hold themselves', async () => {
    const threads = compiler({ maxInlineBytes: 0 });
    const upper = z.object({ n: z.string().transform((text) => text.toUpperCase()) });
    const name: Expression<string> = g.rule('name', g.regex('[a-z]+'));
    const parts: readonly (readonly [Expression<unknown>, string])[] = [
      [g.seq('a', g.choice('b', 'cd'), g.repeat('e', { min: 2, max: 3, separator: ',' })), 'acde,e'],
      [g.repeat(name, { separator: ';' }), 'x;yz'],
      [g.recursive('list', (self) => g.seq('[', g.repeat(self, { separator: ',' }), ']')), '[[],[[]]]'],
      [
        g.seq(
          g.ref(() => name),
          '=',
          g.json(upper),
        ),
        'k={"n":"v"}',
      ],
      [g.seq(g.until(['.', '!'], { include: true }), g.optional('?')), 'abc!?'],
      [g.seq(g.gbnf('root ::= "x" | "y" root'), g.lark('start: "l"+')), 'yxll'],
    ];
    for (const [expression, text] of parts) {
      const sent = await threads.compile(expression);
      expect(compile(expression)).toBe(sent);
      const here = compile(expression, { maxStates: 20_001 });
      expect(sent.image).toEqual(here.image);
      expect(sent.parse(text)).toEqual(here.parse(text));
      expect(sent.toString()).toBe(here.toString());
    }
    const late = threads.compile(g.seq('a', g.regex('(a|b)*a(a|b){60}')), {
      ...UNLIMITED,
      maxCompileMs: 200,
    });
    late.catch(() => {});
    expect(await turnsUntil(late)).toBeGreaterThan(20);
    await expect(late).rejects.toMatchObject({ limit: 'maxCompileMs' });
    const endlessly = (): Expression<unknown> => g.seq('a', g.ref(endlessly));
    await expect(threads.compile(endlessly())).rejects.toMatchObject({ limit: 'MAX_EXPRESSION_DEPTH' });
  });

  it('throws errors as compile does, with their class and place', async () => {
    const threads = compiler({ maxInlineBytes: 0 });
    const sources = [
      { schema: { properties: { a: { pattern: '(' } } } },
      { schema: { type: 'object', properties: { a: { minimum: 'x' } } } },
      { lark: 'start: b' },
      { regex: '(a{1,1000}){1,1000}' },
      { nothing: 1 } as unknown as { regex: string },
    ];
    for (const source of sources) {
      let expected: unknown;
      try {
        compile(source);
      } catch (error) {
        expected = error;
      }
      const error = await threads.compile(source).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf((expected as object).constructor);
      const { message, code, location, limit, param } = expected as LimitError & RequestError;
      expect(error).toMatchObject({ message, code });
      for (const [name, value] of Object.entries({ location, limit, param }))
        expect((error as Record<string, unknown>)[name]).toEqual(value);
    }
  });

  it('compiles equal sources in flight once', async () => {
    const threads = compiler({ maxInlineBytes: 0, maxWaiting: 1 });
    const first = slow(40);
    const waiting = slow(41);
    const all = [first, structuredClone(first), waiting, structuredClone(waiting), first].map((source) =>
      threads.compile(source),
    );
    await expect(threads.compile(slow(42))).rejects.toMatchObject({ code: 'queue_full' });
    const grammars = await Promise.all(all);
    expect(new Set(grammars).size).toBe(2);
    expect(grammars[1]).toBe(grammars[0]);
  });

  it('stops work that nobody waits for any more, and only that', async () => {
    const threads = compiler({ maxInlineBytes: 0 });
    const [one, other] = [new AbortController(), new AbortController()];
    const works = [one, other].map(({ signal }) => threads.compile(endless('c'), { ...UNLIMITED, signal }));
    const next = threads.compile(slow(5));
    one.abort(new Error('gone'));
    await expect(works[0]).rejects.toThrow('gone');
    expect(await Promise.race([works[1], next, new Promise((r) => setTimeout(() => r('busy'), 50))])).toBe(
      'busy',
    );
    other.abort();
    await expect(works[1]).rejects.toMatchObject({ name: 'AbortError' });
    expect((await next).test('{}')).toBe(true); // the only thread is free
  });

  it('takes an abort at any time', async () => {
    const threads = compiler({ maxInlineBytes: 0 });
    await expect(threads.compile(slow(6), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    const busy = threads.compile(slow(30));
    const waiting = new AbortController();
    const work = threads.compile(slow(31), { signal: waiting.signal });
    waiting.abort();
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    await busy;
    const again = threads.compile(slow(31), { signal: new AbortController().signal });
    expect((await again).test('{}')).toBe(true);
  });

  it('ends a compilation that takes too much memory, and goes on', async () => {
    const threads = compiler({
      maxInlineBytes: 0,
      maxHeapMegabytes: 48,
      maxCompileThreads: 2,
      maxCompileMs: 55_000,
    });
    const beside = threads.compile(slow(9));
    await expect(threads.compile(endless('m'), UNLIMITED)).rejects.toMatchObject({
      code: 'limit_exceeded',
      limit: 'maxHeapMegabytes',
    });
    expect((await beside).test('{}')).toBe(true);
    expect((await threads.compile(slow(7))).test('{}')).toBe(true);
  });

  it('ends whoever waits when it is closed', async () => {
    const threads = compiler({ maxInlineBytes: 0 });
    const works = [endless('x'), endless('y')].map((source) => threads.compile(source, UNLIMITED));
    const ended = Promise.allSettled(works);
    await threads.close();
    for (const end of await ended)
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'compiler_closed' } });
    await expect(threads.compile(slow(8))).rejects.toBeInstanceOf(EngineError);
  });

  it('refuses options that are none', () => {
    expect(() => new GrammarCompiler({ maxCompileThreads: 0 })).toThrow(RequestError);
    expect(() => new GrammarCompiler({ threads: 2 } as GrammarCompilerOptions)).toThrow(/known are/);
  });
});

describe('the limit of time in compile', () => {
  it('ends a regex, a schema and a Lark grammar that take too long', () => {
    const pattern = '(a|b)*a(a|b){60}';
    for (const source of [{ regex: pattern }, { schema: { type: 'string', pattern } }, endless('t')]) {
      let error: unknown;
      try {
        compile(source, { ...UNLIMITED, maxStringStates: 1e9, maxCompileMs: 20 });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(LimitError);
      expect((error as LimitError).limit).toBe('maxCompileMs');
    }
    expect(compile({ regex: '(a|b)*a(a|b){3}' }, { maxCompileMs: 10_000 }).test('aaaa')).toBe(true);
  });

  it('does not decide what a source compiles to', () => {
    expect(compile({ regex: 'limit of time' }, { maxCompileMs: 9999 })).toBe(
      compile({ regex: 'limit of time' }),
    );
    expect(() => compile({ regex: '(' }, { maxCompileMs: 9999 })).toThrow(CompileError);
  });
});
