// Strings by pattern and format, alone and combined with lengths, each other and literal values.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { judges } from './examples.js';

describe('pattern', () => {
  judges('finds a match anywhere', { pattern: 'b+' }, ['"abc"', '"b"', '1'], ['"ac"', '""']);
  judges(
    'anchors',
    { type: 'string', pattern: '^a[^b]$' },
    ['"a\\u00e9"', '"a😀"', '"a\\n"'],
    ['"ab"', '"a"', '"xab"'],
  );
  judges(
    'every spelling of every character',
    { type: 'string', pattern: '^[a"/]$' },
    ['"a"', '"\\u0061"', '"\\""', '"\\u0022"', '"\\/"'],
    ['"b"', '"\\u0062"'],
  );
  judges(
    'with lengths and another pattern',
    { type: 'string', pattern: '^[ab]*$', minLength: 2, maxLength: 3, allOf: [{ pattern: 'ba' }] },
    ['"ba"', '"bab"', '"aba"'],
    ['"b"', '"ab"', '"baba"', '"bac"'],
  );
  judges('beside enum', { enum: ['abc', 'xyz', 3], pattern: '^a' }, ['"abc"', '3'], ['"xyz"']);
  judges(
    'of a large automaton takes the spelling of JSON.stringify',
    { type: 'string', pattern: '^(é"){150}$' },
    [JSON.stringify('é"'.repeat(150))],
    [`"${'\\u00e9\\"'.repeat(150)}"`, JSON.stringify('é"'.repeat(149))],
  );
  judges(
    'that repeats one set takes every spelling, however often',
    { type: 'string', pattern: '^[é"]{3,3000}$', minLength: 300 },
    [JSON.stringify('é"'.repeat(150)), `"${'\\u00e9'.repeat(3000)}"`],
    [JSON.stringify('é'.repeat(299)), JSON.stringify('é'.repeat(3001)), JSON.stringify('a'.repeat(300))],
  );
  judges(
    'with a large bound on its length',
    { type: 'string', pattern: '^[a-z]+(-[a-z]+)*$', minLength: 4, maxLength: 900 },
    [JSON.stringify(`${'ab-'.repeat(299)}abc`), '"a-bc"', '"\\u0061-bc"'],
    [JSON.stringify('ab-'.repeat(300)), JSON.stringify(`${'ab-'.repeat(300)}a`), '"abc"', '"a-b"', '"abcd-"'],
  );
  judges(
    'of a format with a large bound on its length',
    { type: 'string', format: 'email', maxLength: 200 },
    [JSON.stringify(`${'a'.repeat(190)}@example.c`.slice(0, 200)), '"a@b"'],
    [JSON.stringify(`${'a'.repeat(190)}@example.com`), '"a@"'],
  );
});

describe('format', () => {
  const cases: readonly [format: string, valid: readonly string[], invalid: readonly string[]][] = [
    [
      'date',
      ['2024-02-29', '1999-12-31', '2000-02-29'],
      ['2023-02-29', '1900-02-29', '2024-13-01', '2024-04-31', '24-01-01'],
    ],
    [
      'time',
      ['23:59:59Z', '08:30:00.125+02:00', '23:59:60Z'],
      ['24:00:00Z', '08:30Z', '08:30:00', '12:00:60Z'],
    ],
    [
      'date-time',
      ['2024-05-06T07:08:09Z', '2024-05-06t07:08:09.1-05:30'],
      ['2024-05-06 07:08:09Z', '2024-02-30T00:00:00Z'],
    ],
    ['duration', ['P1D', 'PT1H2M3S', 'P3W', 'P1Y2M3DT4H'], ['P', 'PT', '1D', 'P1DT', 'P1W2D']],
    [
      'email',
      ['joe@example.com', '"a b"@x.y', 'a.b+c@[127.0.0.1]', 'x@[IPv6:::1]', 'a@xn--p-8sbkfb.a--b'],
      ['joe', '@x', 'a..b@x', 'a@-x.com', 'a@x@y'],
    ],
    [
      'hostname',
      ['example.com', 'a', 'a-b.c1', 'ab--cd.xn-a', `${'x'.repeat(63)}.org`],
      ['', '-a', 'a-', 'a..b', 'a_b', 'x'.repeat(64), 'xn--a', 'a.XN--a'],
    ],
    ['ipv4', ['127.0.0.1', '255.255.255.255', '0.0.0.0'], ['256.0.0.1', '1.2.3', '01.2.3.4', '1.2.3.4.5']],
    [
      'ipv6',
      ['::', '::1', '1:2:3:4:5:6:7:8', 'fe80::1:2', '::ffff:1.2.3.4', '1::'],
      ['1:2:3', '1::2::3', '12345::', ':1', '1:2:3:4:5:6:7:8:9'],
    ],
    [
      'uri',
      ['http://a.b/c?d#e', 'urn:isbn:1', 'mailto:a@b', 'http://[::1]:80/%20'],
      ['/a', '//a', 'http://a b', 'a', 'http://[1]/', 'x:%zz'],
    ],
    ['uri-reference', ['/a?b', '', '#x', '../a', '//h/p'], ['\\\\a', 'a b', '%1']],
    [
      'uuid',
      ['123e4567-E89b-12d3-a456-426614174000'],
      ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g'],
    ],
    [
      'idn-email',
      ['é@né.fr', 'user@cafe\u0301.com', 'user@\u05d0\u05b8\u05d1.com'],
      ['é', 'user@\u0301a.com', 'user@.com', 'user@a\u0378'],
    ],
    ['idn-hostname', ['né.fr', '\u05d0\u05d1.a'], ['ne\u0301.fr', '\u0301a', 'a\u05d0']],
    ['json-pointer', ['', '/a~0b/~1', '/'], ['a', '/~2', '/~']],
  ];
  test.each(cases)('%s', (format, valid, invalid) => {
    const grammar = compile({ schema: { type: 'string', format } });
    expect(grammar.annotations).toEqual([]);
    expect(valid.filter((text) => !grammar.test(JSON.stringify(text)))).toEqual([]);
    expect(invalid.filter((text) => grammar.test(JSON.stringify(text)))).toEqual([]);
  });
  judges(
    'beside pattern and length',
    { type: 'string', format: 'date', pattern: '^2024', maxLength: 10 },
    ['"2024-01-01"'],
    ['"2023-01-01"'],
  );
  judges(
    'host names of drafts before 7 have hyphens anywhere',
    { $schema: 'http://json-schema.org/draft-06/schema#', type: 'string', format: 'hostname' },
    ['"ab--cd.example"', '"xn--4gbwdl.xn--wgbh1c"', '"a"'],
    ['"-a"', '"a-"', '"a..b"', `"${'x'.repeat(64)}"`],
  );
  judges(
    'under not excludes what the automaton leaves out, too',
    { type: 'string', not: { anyOf: [{ format: 'time' }, { format: 'email' }] } },
    ['"12:00"', '"a.b"', '"12:00:00"'],
    ['"08:29:60+00:17"', '"a@b.c.d.e.f.g.h.i.j"', '"a@b"', '"12:00:00Z"'],
  );
  judges('restricts strings only', { format: 'ipv4' }, ['1', '"1.2.3.4"'], ['"x"']);
  test('never restricts on request', () => {
    const grammar = compile({ schema: { format: 'ipv4' } }, { formats: 'annotate' });
    expect(grammar.test('"x"')).toBe(true);
    expect(grammar.annotations).toEqual([{ pointer: '/format', keyword: 'format' }]);
  });
});

describe('leap seconds', () => {
  test('are taken exactly at 23:59:60 UTC, for offsets of whole and half hours', () => {
    const grammar = compile({ schema: { type: 'string', format: 'time' } });
    for (let minutes = 0; minutes < 24 * 60; minutes += 7)
      for (const sign of ['+', '-'])
        for (let offset = 0; offset < 24 * 60; offset += 30) {
          const clock = (value: number) =>
            `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`;
          const utc = (minutes - (sign === '+' ? offset : -offset) + 48 * 60) % (24 * 60);
          const text = `"${clock(minutes)}:60.5${sign}${clock(offset)}"`;
          expect(grammar.test(text), text).toBe(utc === 23 * 60 + 59);
        }
    expect(grammar.test('"23:59:60+00:00"')).toBe(true);
  });
});

describe('the format regex', () => {
  const grammar = compile({ schema: { type: 'string', format: 'regex' } });
  const pieces = [
    'a',
    'Z',
    '0',
    '-',
    '|',
    '^',
    '$',
    '.',
    '\\d',
    '\\b',
    '\\.',
    '\\u{1F600}',
    '\\p{Lu}',
    '[',
    ']',
    '[^a-c]',
    '[\\w-]',
  ];
  const marks = [
    '(',
    '(?:',
    '(?=',
    '(?<!',
    '(?<a>',
    '(?<b>',
    '\\k<a>',
    '\\k<b>',
    ')',
    '*',
    '+?',
    '?',
    '{2}',
    '{1,12}',
    '{3,2}',
    '{',
    '}',
    ',',
    '\\',
    '/',
    'é',
  ];

  test('accepts only what RegExp accepts with flag u', () => {
    let valid = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces, ...marks), { maxLength: 8 }), (parts) => {
        const source = parts.join('');
        if (!grammar.test(JSON.stringify(source))) return;
        valid++;
        expect(() => new RegExp(source, 'u'), source).not.toThrow();
      }),
      { numRuns: 3000 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  test.each([
    '^(?:(a(b)c)+)?$',
    '^[A-Za-z0-9._%+-]+@[a-z]{2,}$',
    '(?<!a)b(?=c|d)',
    '[^]'.replace('^', '^x'),
    '',
  ])('%s', (source) => {
    expect(grammar.test(JSON.stringify(source))).toBe(true);
  });
});

describe('content', () => {
  const enforced = { content: 'enforce' } as const;
  const json = { type: 'string', contentMediaType: 'application/json' };
  judges('is an annotation', { ...json, contentEncoding: 'base64' }, ['"{:}"', '"%"'], ['1']);
  judges(
    'of base64',
    { contentEncoding: 'base64', maxLength: 20 },
    ['"eyJmb28iOiAiYmFyIn0K"', '1', '""'],
    ['"eyJmb28iOi%iYmFyIn0K"', '"a"', '"eyJmb28iOiAiYmFyIn0KYWJj"'],
    enforced,
  );
  const documents = [
    '{"a": [1, -2.5e3, "x\\"\\\\\\u00e9", {}], "é": null}',
    ' [ ] ',
    '"\\n"',
    '{"a":{"b":[[]]}}',
  ];
  judges(
    'of JSON, in every depth and escape',
    json,
    documents.map((text) => JSON.stringify(text)),
    ['{:}', '', '[1,]', '{"a" 1}', '"\t"', '01', '[1] 2', '"\\x"'].map((text) => JSON.stringify(text)),
    enforced,
  );
  judges('as values of enum', { ...json, enum: ['{}', '{'] }, ['"{}"'], ['"{"'], enforced);
  judges(
    'of JSON beside a length, scalars and empty ones',
    { ...json, maxLength: 5 },
    ['"12"', '"[ ]"'],
    ['"123456"', '"x"'],
    enforced,
  );
  judges('under not', { type: 'string', not: json }, ['"x"', '""'], ['"1"', '"{}"', '"{"'], enforced);
  test.each([
    [{ ...json, contentEncoding: 'base64' }, 'contentMediaType'],
    [{ ...json, contentSchema: {} }, 'contentSchema'],
  ])('what cannot be enforced is refused: %j', (schema, keyword) => {
    expect(() => compile({ schema }, enforced)).toThrow(new RegExp(`'${keyword}' is not supported`));
    const { unenforced } = compile({ schema }, { ...enforced, lenient: true });
    expect(unenforced).toMatchObject([{ pointer: `/${keyword}`, keyword }]);
  });
  test('other encodings and types are annotations', () => {
    const schema = { contentEncoding: 'quoted-printable', contentMediaType: 'text/html' };
    expect(compile({ schema }, enforced).annotations).toHaveLength(2);
  });
});

describe('formats of OpenAPI', () => {
  const openapi = { formats: 'openapi' } as const;
  judges(
    'int32',
    { type: 'integer', format: 'int32' },
    ['2147483647', '-2147483648'],
    ['2147483648', '1.5'],
    openapi,
  );
  judges(
    'int64 beside a bound',
    { format: 'int64', minimum: 9e18 },
    ['9223372036854775807', '"x"'],
    ['9223372036854775808', '1'],
    openapi,
  );
  judges(
    'byte',
    { type: 'string', format: 'byte' },
    ['""', '"aGk="', '"aGky"', '"YQ=="'],
    ['"a"', '"aGk"', '"YR=="'],
    openapi,
  );
  judges('a format of the specification', { type: 'string', format: 'uuid' }, [], ['"x"'], openapi);
  test('are annotations otherwise', () => {
    expect(compile({ schema: { type: 'integer', format: 'int32' } }).test('2147483648')).toBe(true);
    const grammar = compile({ schema: { type: 'string', format: 'password' } }, openapi);
    expect(grammar.annotations).toMatchObject([{ pointer: '/format', keyword: 'format' }]);
    expect(grammar.test('"x"')).toBe(true);
  });
});
