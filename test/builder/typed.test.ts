// Static types and parse(): schemas of zod, valibot, arktype and TypeBox as they are, and the values of expressions.
import { Type } from '@sinclair/typebox';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as T from 'typebox';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { g } from '../../src/builder/index.js';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { CompileError, ParseError } from '../../src/errors.js';

/** arktype lists properties by the alphabet, the others as they are written. */
const ada = '{"age": 36, "name": "Ada"}';

interface Person {
  name: string;
  age: number;
}

/** Every library's schema of a person. */
const people = {
  zod: compile(z.object({ age: z.int().min(0), name: z.string().min(1) })),
  'zod under schema': compile({ schema: z.object({ age: z.int().min(0), name: z.string().min(1) }) }),
  valibot: compile(
    toStandardJsonSchema(
      v.object({
        age: v.pipe(v.number(), v.integer(), v.minValue(0)),
        name: v.pipe(v.string(), v.minLength(1)),
      }),
    ),
  ),
  arktype: compile(type({ age: 'number.integer >= 0', name: 'string > 0' })),
  'TypeBox 0.34': compile({
    schema: Type.Object({ age: Type.Integer({ minimum: 0 }), name: Type.String({ minLength: 1 }) }),
  }),
  'TypeBox 1': compile<Person>({
    schema: T.Object({ age: T.Integer({ minimum: 0 }), name: T.String({ minLength: 1 }) }),
  }),
};

describe.each(Object.entries(people))('a schema of %s', (_, grammar: CompiledGrammar<Person>) => {
  it('is enforced', () => {
    expect(grammar.test(ada)).toBe(true);
    for (const text of ['{"age": 1, "name": ""}', '{"age": -1, "name": "Ada"}', '{"age": 36}', '[]'])
      expect(grammar.test(text), text).toBe(false);
  });

  it('gives a typed value', () => {
    expect(grammar.parse(ada)).toEqual({ name: 'Ada', age: 36 });
  });
});

describe('static types', () => {
  it('come from the schema', () => {
    expectTypeOf(people.zod).toEqualTypeOf<CompiledGrammar<Person>>();
    expectTypeOf(people['zod under schema'].parse(ada)).toEqualTypeOf<Person>();
    expectTypeOf(people.valibot.parse(ada)).toEqualTypeOf<Person>();
    expectTypeOf(people.arktype.parse(ada)).toEqualTypeOf<Person>();
    expectTypeOf(people['TypeBox 0.34'].parse(ada)).toEqualTypeOf<Person>();
    expectTypeOf(compile({ schema: {} })).toEqualTypeOf<CompiledGrammar<unknown>>();
    expectTypeOf(compile({ regex: 'a' })).toEqualTypeOf<CompiledGrammar<string>>();
  });

  it('come from the expression', () => {
    expectTypeOf(compile(g.seq('a', 'b'))).toEqualTypeOf<CompiledGrammar<string>>();
    expectTypeOf(compile(g.json(z.object({ n: z.number() })))).toEqualTypeOf<
      CompiledGrammar<{ n: number }>
    >();
    expectTypeOf(compile(g.json<Person>({}))).toEqualTypeOf<CompiledGrammar<Person>>();
    expectTypeOf(compile({ grammar: g.choice(g.json(z.number()), 'none') })).toEqualTypeOf<
      CompiledGrammar<string | number>
    >();
    expectTypeOf(compile(g.rule('n', g.json(Type.Boolean())))).toEqualTypeOf<CompiledGrammar<boolean>>();
  });
});

describe('parse', () => {
  it('gives the text of what is not JSON', () => {
    expect(compile({ regex: '[0-9]+' }).parse('12')).toBe('12');
    expect(compile(g.seq('n=', g.json({ type: 'integer' }))).parse('n=12')).toBe('n=12');
  });

  it('reads a choice by the first option that matches', () => {
    const choice = g.choice(
      'null',
      g.json(z.object({ n: z.number() })),
      g.json({ type: ['null', 'integer'] }),
    );
    const grammar = compile(
      g.rule(
        'answer',
        g.ref(() => choice),
      ),
    );
    expect(['null', '{"n": 1}', '12'].map((text) => grammar.parse(text))).toEqual(['null', { n: 1 }, 12]);
  });

  it('ends where a rule is only another name of itself', () => {
    const value = g.recursive('value', (self) => g.choice(self, g.json({ type: 'integer' }), 'x'));
    expect(['7', 'x'].map((text) => compile(value).parse(text))).toEqual([7, 'x']);
  });

  it('validates, and gives what the schema makes of the value', () => {
    const schema = z.object({ n: z.number().default(3), s: z.string().transform((text) => text.length) });
    expect(compile(schema).parse('{"s": "four"}')).toEqual({ n: 3, s: 4 });
    expectTypeOf(compile(schema)).toEqualTypeOf<CompiledGrammar<{ n: number; s: number }>>();
    const even = compile(z.object({ n: z.int().refine((n) => n % 2 === 0, 'must be even') }));
    expect(even.parse('{"n": 2}')).toEqual({ n: 2 });
    expect(() => even.parse('{"n": 3}')).toThrow(expect.objectContaining({ code: 'invalid_value' }));
    expect(() => even.parse('{"n": 3}')).toThrow('n: must be even');
  });

  it('waits for asynchronous validation on request only', async () => {
    const schema = z.object({ n: z.int().refine(async (n) => n > 1, 'must be more') });
    const grammar = compile(schema);
    expect(() => grammar.parse('{"n": 2}')).toThrow('parseAsync');
    expect(() => grammar.parse('{"n": 1}')).toThrow('parseAsync');
    await expect(grammar.parseAsync('{"n": 2}')).resolves.toEqual({ n: 2 });
    await expect(grammar.parseAsync('{"n": 1}')).rejects.toThrow('must be more');
    await expect(grammar.parseAsync('{')).rejects.toThrow(ParseError);
  });

  it('tells a text that is refused from one that is not complete', () => {
    const grammar = compile(z.object({ n: z.int() }));
    expect(() => grammar.parse('{"m": 1}')).toThrow(expect.objectContaining({ code: 'refused' }));
    expect(() => grammar.parse('{"n": 1')).toThrow(expect.objectContaining({ code: 'incomplete' }));
  });
});

describe('schemas of other libraries', () => {
  it('are compiled once, and share the automaton with their equals', () => {
    const make = () => z.object({ a: z.literal('x') });
    const schema = make();
    expect(compile(schema)).toBe(compile({ schema }));
    expect(compile(make())).not.toBe(compile(schema));
    expect(compile(make()).machine).toBe(compile(schema).machine);
  });

  it('have format and pattern enforced together', () => {
    const grammar = compile(z.object({ mail: z.email() }));
    expect(grammar.test('{"mail": "ada@example.org"}')).toBe(true);
    for (const mail of ['ada@example', '.ada@example.org', 'a..b@example.org', 'ada'])
      expect(grammar.test(JSON.stringify({ mail })), mail).toBe(false);
  });

  it('that offer a method instead of the standard are taken by it', () => {
    const { validate, vendor } = z.string()['~standard'];
    const standard = { version: 1, vendor, validate } as const;
    const zod = { '~standard': standard, toJSONSchema: ({ io }: { io: string }) => ({ const: io }) };
    expect(compile(zod).test('"input"')).toBe(true);
    const ark = { '~standard': standard, toJsonSchema: () => ({ const: 'ark' }) };
    expect(compile(ark).test('"ark"')).toBe(true);
  });

  it('are refused by the library’s name when they offer no JSON Schema', () => {
    expect(() => compile(v.object({}))).toThrow(CompileError);
    expect(() => compile(v.object({}))).toThrow('this valibot schema does not offer a JSON Schema');
    expect(() => compile(z.date())).toThrow('zod cannot express this schema as JSON Schema');
    expect(() => g.json(z.bigint())).toThrow(CompileError);
  });
});
