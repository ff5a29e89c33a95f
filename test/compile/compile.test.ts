// The front door: sources, the cache by content, and hostile input that ends in a typed error.
import { describe, expect, it } from 'vitest';
import { compile, RecentCache } from '../../src/compile/index.js';
import { CompileError, EspalierError } from '../../src/errors.js';
import { bytes } from '../../src/grammar/index.js';

describe('compile', () => {
  it('takes a schema, its text, a regex, a GBNF grammar or an IR grammar', () => {
    expect(compile({ schema: { const: 'a' } }).test('"a"')).toBe(true);
    expect(compile({ schema: '{"const": "a"}' }).test('"a"')).toBe(true);
    expect(compile({ regex: 'a+b?', flags: 'i' }).test('AAb')).toBe(true);
    expect(compile({ gbnf: 'start ::= "x" start | "y"', root: 'start' }).test('xxy')).toBe(true);
    expect(compile({ grammar: { rules: [], start: bytes('ab') } }).test(Uint8Array.of(0x61, 0x62))).toBe(
      true,
    );
  });

  it('compiles equal sources once, and options apart', () => {
    const schema = () => ({ schema: { type: 'array', items: { type: 'null' } } });
    expect(compile(schema())).toBe(compile(schema()));
    expect(compile(schema(), { whitespace: 'compact' })).not.toBe(compile(schema()));
    const grammar = { rules: [], start: bytes('a') };
    expect(compile({ grammar })).toBe(compile({ grammar }));
    expect(compile({ grammar }).hash).toBe(compile({ grammar: { rules: [], start: bytes('a') } }).hash);
  });

  it('takes no value for another that JSON writes alike', () => {
    expect(compile({ schema: { const: null } }).test('null')).toBe(true);
    expect(compile({ schema: {} }).test('1')).toBe(true);
    for (const schema of [{ const: Number.NaN }, new Map(), { enum: [undefined] }, { const: new Date(0) }])
      expect(() => compile({ schema })).toThrow(CompileError);
  });

  it('says whether a text is a sentence, the beginning of one, or neither', () => {
    const grammar = compile({ regex: 'ab+' });
    expect(['', 'a', 'ab', 'abb', 'b', 'aba'].map((text) => grammar.classify(text))).toEqual([
      'prefix',
      'prefix',
      'accepted',
      'accepted',
      'dead',
      'dead',
    ]);
  });

  it('reads outputs nested as deep as a text can be', () => {
    const any = compile({ schema: true });
    expect(any.classify('['.repeat(20_000))).toBe('prefix');
    expect(any.test('['.repeat(20_000) + ']'.repeat(20_000))).toBe(true);
  });

  it('ends hostile sources with a typed error', () => {
    let deep: unknown = { type: 'integer' };
    for (let i = 0; i < 5000; i++) deep = { type: 'array', items: deep };
    const circular: Record<string, unknown> = { type: 'array' };
    circular.items = circular;
    const sources = [
      { schema: deep },
      { schema: circular },
      { schema: undefined },
      { schema: '{"items":'.repeat(100_000) },
      { schema: '{"type": "strin' },
      { regex: '('.repeat(5000) + ')'.repeat(5000) },
      { regex: '(a{1,1000}){1,1000}' },
      { regex: '(a|b)*a(a|b){20}' },
      { gbnf: `root ::= ${'('.repeat(5000)}"a"${')'.repeat(5000)}` },
    ];
    for (const source of sources) expect(() => compile(source)).toThrow(CompileError);
    expect(() => compile({} as { regex: string })).toThrow(EspalierError);
  });
});

describe('the cache of recent values', () => {
  it('keeps the most recently used, and nothing of what failed', () => {
    const cache = new RecentCache<string, number>(2);
    let made = 0;
    const make = () => ++made;
    expect([cache.get('a', make), cache.get('b', make), cache.get('a', make)]).toEqual([1, 2, 1]);
    expect([cache.get('c', make), cache.get('a', make), cache.get('b', make)]).toEqual([3, 1, 4]);
    const fail = () => {
      throw new Error('no');
    };
    expect(() => cache.get('d', fail)).toThrow('no');
    expect(cache.get('d', make)).toBe(5);
  });
});
