// What a grammar says of itself and of texts: places, expectations, rules, and the lists of keywords.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { g } from '../../src/builder/index.js';
import { CompiledGrammar, compile } from '../../src/compile/index.js';
import { ParseError } from '../../src/errors.js';
import type { TextExplanation } from '../../src/explain/index.js';
import { bytes } from '../../src/grammar/index.js';
import { grammars } from '../../src/grammars/index.js';

const person = compile({
  schema: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      age: { type: 'integer', minimum: 0 },
      mood: { enum: ['happy', 'sad'] },
    },
    required: ['name', 'age'],
    additionalProperties: false,
  },
});

function refusal(grammar: CompiledGrammar, text: string | Uint8Array) {
  const explained = grammar.explainText(text);
  if (explained.verdict === 'accepted') throw new Error(`${text} is accepted`);
  return explained;
}

const texts = (explained: Exclude<TextExplanation, { verdict: 'accepted' }>) =>
  explained.expected.literals.map(({ text }) => text);

describe('a text that is refused', () => {
  it('has its place, its line with a mark, and what was expected', () => {
    const explained = refusal(person, '{\n  "name": "Äda",\n  "agee": 1}');
    expect(explained).toMatchObject({
      verdict: 'refused',
      place: { offset: 26, line: 3, column: 7 },
      found: 'e',
      excerpt: '  "agee": 1}',
      caret: 6,
    });
    expect(explained.expected).toMatchObject({
      bytes: '"',
      literals: [{ text: '"', of: '"age"' }],
      end: false,
      rules: [{ name: '#{age}' }],
    });
    expect(explained.message.split('\n')).toEqual([
      'refused at line 3, column 7 (byte 26): found \'e\', expected `"` (of `"age"`)',
      '    "agee": 1}',
      '        ^',
      '  in #{age}',
    ]);
  });

  it('names every literal that could follow', () => {
    expect(texts(refusal(person, '{"name": "x", "age": 1, "mood": "'))).toEqual(['happy', 'sad']);
    expect(texts(refusal(person, '{"name": "x", "age": 1, "mood": "s'))).toEqual(['ad']);
    const choice = compile(g.choice('yes', 'no', g.seq('maybe', /[0-9]+/)));
    expect(texts(refusal(choice, 'x'))).toEqual(['yes', 'no', 'maybe']);
    expect(refusal(choice, 'maybe?').expected.lexemes).toEqual(['/[0-9]+/']);
  });

  it('names literals only that the registers of the grammar still allow', () => {
    const once = compile(g.repeat('ab', { max: 2 }));
    expect(texts(refusal(once, 'abx'))).toEqual(['ab']);
    expect(texts(refusal(once, 'ababx'))).toEqual([]);
    expect(refusal(once, 'ababx').message).toContain('expected the end of the text');
  });

  it('says so when it only ends too soon', () => {
    const explained = refusal(person, '{"name": "x"');
    expect(explained).toMatchObject({ verdict: 'incomplete', found: '', place: { offset: 12, column: 13 } });
    expect(explained.message).toContain(
      'incomplete at line 1, column 13 (byte 12): found the end of the text',
    );
    expect(explained.expected.lexemes).toEqual(['white space']);
  });

  it('counts characters, not bytes, and stays at the start of one', () => {
    const grammar = compile({ regex: 'é[à-ä]' });
    expect(refusal(grammar, 'éö').place).toEqual({ offset: 2, line: 1, column: 2 });
    expect(refusal(grammar, 'éö').found).toBe('ö');
    expect(refusal(grammar, Uint8Array.of(0xff)).found).toBe('\ufffd');
  });

  it('shows control characters by their pictures and cuts long lines', () => {
    const grammar = compile({ regex: '[a-z]*' });
    const explained = refusal(grammar, `${'a'.repeat(100)}\u0007${'b'.repeat(100)}\nc`);
    expect(explained.excerpt).toMatch(/^…a{36}␇b{35}$/);
    expect(explained.excerpt[explained.caret]).toBe('␇');
  });

  it('is told in the author’s rules, with their lines', () => {
    const explained = refusal(compile(grammars['sql-select']), 'SELECT a FROM t WHERE b == 3;');
    expect(explained.place.column).toBe(26);
    const rules = explained.expected.rules.map(({ name }) => name);
    expect(rules.slice(0, 2)).toEqual(['comparison', 'conjunct']);
    expect(rules).toContain('root');
    expect(explained.expected.rules[0].source?.line).toBeGreaterThan(1);
  });

  it('names the rules of expressions', () => {
    const list = g.recursive('list', (self) => g.seq('[', g.repeat(self, { separator: ',' }), ']'));
    const explained = refusal(compile(list), '[[],x');
    expect(explained.expected.rules).toEqual([{ name: 'list' }]);
    expect(texts(explained)).toEqual(['[']);
  });

  it('is found in a grammar of which only the image is left', () => {
    const stored = new CompiledGrammar(person.image.slice());
    const explained = refusal(stored, '{"name": 1');
    expect(explained.place).toEqual(refusal(person, '{"name": 1').place);
    expect(explained.message).toContain('expected a byte of [\\t\\n\\r "]');
    expect(explained.expected.rules).toEqual([]);
  });

  it('agrees with classify, and what is expected can be read', () => {
    const arithmetic = compile(grammars.arithmetic);
    const text = fc.string({ unit: fc.constantFrom(...'1a+*() .,'), maxLength: 12 });
    fc.assert(
      fc.property(text, (written) => {
        const verdicts = { accepted: 'accepted', refused: 'dead', incomplete: 'prefix' };
        const explained = arithmetic.explainText(written);
        expect(verdicts[explained.verdict]).toBe(arithmetic.classify(written));
        if (explained.verdict === 'accepted') return;
        const before = written.slice(0, explained.place.offset); // ASCII: bytes are characters
        const { literals, bytes } = explained.expected;
        for (const literal of literals)
          expect(arithmetic.classify(before + literal.text), `${before} and ${literal.text}`).not.toBe(
            'dead',
          );
        for (const next of '1a+*() .,')
          expect(new RegExp(bytes || '(?!)').test(next)).toBe(arithmetic.classify(before + next) !== 'dead');
      }),
      { numRuns: 300 },
    );
  });

  it('is found by the compiled grammar where the author’s rules are too ambiguous', () => {
    const source = { gbnf: 'root ::= ("a" | "a" x | "a" y)* "b"\nx ::= "a"?\ny ::= "a"*' };
    const narrow = compile(source, { maxConfigurations: 4 });
    expect(narrow.classify('aaac')).toBe('dead');
    expect(refusal(narrow, 'aaac').place.offset).toBe(3);
    expect(refusal(narrow, 'aaac').expected.rules).toEqual([]);
    expect(refusal(compile(source), 'aaac').expected.rules).toContainEqual(
      expect.objectContaining({ name: 'root' }),
    );
  });

  it('names rules in few words', () => {
    let deep: unknown = { type: 'integer' };
    for (let i = 0; i < 50; i++) deep = { type: 'array', items: deep };
    const { message, expected } = refusal(compile({ schema: deep }), `${'['.repeat(40)}x`);
    expect(message.length).toBeLessThan(700);
    expect(expected.rules.length).toBe(12);
    expect(expected.rules[0].name).toBe(`#${'/items'.repeat(39)}`);
    expect(expected.rules[0].source).toEqual({ pointer: '/items'.repeat(39) });
  });

  it('makes the error of parse', () => {
    const parse = () => person.parse('{"name": 3}');
    expect(parse).toThrow(ParseError);
    expect(parse).toThrow(
      expect.objectContaining({ code: 'refused', place: { offset: 9, line: 1, column: 10 } }),
    );
    expect(parse).toThrow("the text is refused at line 1, column 10 (byte 9): found '3', expected `\"`");
  });
});

describe('toString', () => {
  it('prints rules, with lexemes as regular expressions and names for what comes again', () => {
    const lines = String(person).trimEnd().split('\n');
    expect(lines.slice(-1)).toEqual(['start ::= #']);
    const rules = [
      '# ::= "{" ws #{name}',
      '#{mood} ::= "\\"mood\\"" ws ":" ws "\\"" /sad|happy/ "\\"" ws "}"',
      '#{age} ::= "\\"age\\"" ws ":" ws /[1-9][0-9]*|0/ ws ("," ws #{mood} | "}")',
      expect.stringMatching(/^#\{name\} ::= "\\"name\\"" ws ":" ws "\\"" .* "\\"" ws "," ws #\{age\}$/),
      'ws ::= /[\\t\\n\\r ]{0,20}/',
    ];
    for (const rule of rules) expect(lines).toContainEqual(rule);
    expect(lines.length).toBe(rules.length + 1);
  });

  it('keeps the rules of a grammar text', () => {
    expect(String(compile({ gbnf: 'root ::= "a" digit+ | root ","\ndigit ::= [0-9]' }))).toBe(
      'root ::= "a" digit+ ","*\ndigit ::= [0-9]\nstart ::= root\n',
    );
  });
});

describe('explain', () => {
  it('lists what is enforced, by pointer', () => {
    const { source, enforced, annotations, unenforced, automaton, hash } = person.explain();
    expect({ source, annotations, unenforced }).toEqual({
      source: 'schema',
      annotations: [],
      unenforced: [],
    });
    expect(enforced.map(({ pointer }) => pointer)).toEqual([
      '/type',
      '/properties',
      '/required',
      '/additionalProperties',
      '/properties/name/type',
      '/properties/age/type',
      '/properties/age/minimum',
      '/properties/mood/enum',
    ]);
    expect(automaton.imageBytes).toBe(person.image.byteLength);
    expect(automaton.states).toBe(person.machine.pda.stateCount);
    expect(automaton.compileMs).toBeGreaterThan(0);
    expect(hash).toBe(person.hash);
  });

  it('tells annotations and what was left out from what is enforced', () => {
    const schema = { type: 'string', format: 'colour', minLength: 1, maxLength: 2, title: 'T' };
    const { image, annotations } = compile({ schema });
    const grammar = new CompiledGrammar(image, {
      annotations,
      unenforced: [{ pointer: '/maxLength', keyword: 'maxLength', reason: 'is left out here' }],
      origin: {
        kind: 'schema',
        schema,
        isBytes: true,
        grammar: () => ({ rules: [], start: bytes('') }),
        limits: {},
      },
    });
    const explained = grammar.explain();
    const pointers = (list: readonly { pointer: string }[]) => list.map(({ pointer }) => pointer);
    expect(pointers(explained.annotations)).toEqual(['/format']);
    expect(pointers(explained.unenforced)).toEqual(['/maxLength']);
    expect(pointers(explained.enforced)).toEqual(['/type', '/minLength']);
  });

  it('is not misled by a schema that is changed later', () => {
    const schema = { type: 'object', properties: { first: { type: 'null' } } };
    const grammar = compile({ schema });
    Object.assign(schema.properties, { second: { type: 'null' } });
    expect(String(grammar)).not.toContain('second');
  });

  it('knows where a grammar comes from', () => {
    expect(compile({ regex: 'a' }).explain().source).toBe('regex');
    expect(compile(grammars.json).explain().source).toBe('gbnf');
    expect(compile(g.text('a')).explain().source).toBe('code');
    expect(new CompiledGrammar(person.image).explain()).toMatchObject({ source: 'image', enforced: [] });
  });
});
