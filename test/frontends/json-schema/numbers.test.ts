// Sets of numbers, in every combination of bounds, multipleOf and its complement: the automata and the set operations
// agree with exact arithmetic on the texts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols, sameLanguage, unionDfa } from '../../../src/automata/index.js';
import { LimitError } from '../../../src/errors.js';
import { Decimal } from '../../../src/frontends/json-schema/decimal.js';
import { isMultipleOf, leastCommonMultiple } from '../../../src/frontends/json-schema/decimal-multiples.js';
import { jsonSchemaGrammar } from '../../../src/frontends/json-schema/index.js';
import { numberDfa } from '../../../src/frontends/json-schema/number-lexemes.js';
import {
  intersectNumbers,
  numbersOutside,
  simplifyNumbers,
} from '../../../src/frontends/json-schema/number-sets.js';
import { ANY_NUMBER, type NumberRange, numberValues } from '../../../src/frontends/json-schema/shape.js';
import { judges } from './examples.js';

const RUNS = 400;
const SCALE = 40n;
const PLAIN = { maxNumberDigits: 100, maxDivisor: 20_000, integers: 'plain' } as const;
const ANY = { ...PLAIN, integers: 'any' } as const;
const encoder = new TextEncoder();

const decimal = (text: string) => Decimal.parse(text) as Decimal;
const reads = (dfa: ReturnType<typeof numberDfa>, text: string) => acceptsSymbols(dfa, encoder.encode(text));

/** The value times 10^40; the texts here have no finer places. */
function exactly({ negative, digits, exponent }: Decimal): bigint {
  const magnitude = BigInt(digits || '0') * 10n ** (SCALE + BigInt(exponent));
  return negative ? -magnitude : magnitude;
}

function holds(range: NumberRange, value: Decimal): boolean {
  const exact = exactly(value);
  if (range.only !== 'all' && (exact % 10n ** SCALE === 0n) !== (range.only === 'integers')) return false;
  if (range.lower && exact < exactly(range.lower.value) + (range.lower.exclusive ? 1n : 0n)) return false;
  if (range.upper && exact > exactly(range.upper.value) - (range.upper.exclusive ? 1n : 0n)) return false;
  if (range.multiple && exact % exactly(range.multiple) !== 0n) return false;
  return !range.except?.some((divisor) => exact % exactly(divisor) === 0n);
}

/** Some sets are too large in every spelling, and are refused by a named limit: they have no verdict. */
function orRefused<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    fc.pre(!(error instanceof LimitError));
    throw error;
  }
}

const bound = fc.option(
  fc.record({
    value: fc.constantFrom('-200', '-12.5', '-0.3', '0', '0.25', '7', '10', '99.99', '1200').map(decimal),
    exclusive: fc.boolean(),
  }),
  { nil: undefined },
);
const divisor = fc
  .constantFrom(
    '1',
    '2',
    '3',
    '5',
    '7',
    '12',
    '40',
    '100',
    '250',
    '0.5',
    '0.01',
    '0.3',
    '2.5',
    '0.75',
    '0.0001',
  )
  .map(decimal);
const range: fc.Arbitrary<NumberRange> = fc.record({
  kind: fc.constant('range' as const),
  only: fc.constantFrom('all', 'integers', 'fractions'),
  lower: bound,
  upper: bound,
  multiple: fc.option(divisor, { nil: undefined }),
  except: fc.array(divisor, { maxLength: 2 }),
  plain: fc.constant(false),
});
/** No text of a negative zero: in the plain form it is taken only where negative numbers are. */
const plainText = fc
  .tuple(
    fc.boolean(),
    fc.integer({ min: 0, max: 2000 }),
    fc.constantFrom('', '.0', '.5', '.25', '.3', '.75', '.01', '.060', '.0003'),
  )
  .map(
    ([negative, whole, fraction]) =>
      `${negative && !/^0[.0]*$/.test(`${whole}${fraction}`) ? '-' : ''}${whole}${fraction}`,
  );

describe('sets of numbers', () => {
  it('are what exact arithmetic says, in the plain form', () => {
    fc.assert(
      fc.property(range, fc.array(plainText, { minLength: 30, maxLength: 60 }), (set, texts) => {
        const dfa = numberDfa([set], PLAIN);
        for (const text of texts) {
          const inForm = set.only !== 'integers' || !text.includes('.');
          expect(reads(dfa, text), text).toBe(inForm && holds(set, decimal(text)));
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('are what exact arithmetic says, in every spelling', () => {
    const spelling = fc
      .tuple(plainText, fc.constantFrom('', 'e0', 'E+1', 'e2', 'e-1', 'e-02', 'E3', 'e20', 'e-20'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(range, fc.array(spelling, { minLength: 30, maxLength: 60 }), (set, texts) => {
        const dfa = orRefused(() => numberDfa([set], ANY));
        for (const text of texts) expect(reads(dfa, text), text).toBe(holds(set, decimal(text)));
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('of single values take every spelling of these, and no other number', () => {
    const dfa = numberDfa([numberValues(['12.5', '0', '-300', '7'].map(decimal))], ANY);
    for (const text of [
      '12.5',
      '12.50',
      '1.25e1',
      '125E-1',
      '0',
      '-0.0',
      '0e7',
      '-3e2',
      '-300.0',
      '0.7e1',
      '7000e-003',
    ])
      expect(reads(dfa, text), text).toBe(true);
    for (const text of ['-12.5', '12.51', '3e2', '300', '1.25', '1.25e2', '07', '7.', '.7e1'])
      expect(reads(dfa, text), text).toBe(false);
  });

  it('meet, and have complements', () => {
    fc.assert(
      fc.property(range, range, fc.array(plainText, { minLength: 30, maxLength: 60 }), (a, b, texts) => {
        const both = intersectNumbers(a, b);
        const outside = numbersOutside(a) as NumberRange[];
        const either = simplifyNumbers([a, b]) as NumberRange[];
        for (const text of texts) {
          const value = decimal(text);
          const [inA, inB] = [holds(a, value), holds(b, value)];
          expect(both !== undefined && holds(both as NumberRange, value), `${text} in both`).toBe(inA && inB);
          expect(
            outside.some((part) => holds(part, value)),
            `${text} outside`,
          ).toBe(!inA);
          expect(
            either.some((part) => holds(part, value)),
            `${text} in either`,
          ).toBe(inA || inB);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('of multiples and of the rest make up all plain numbers', () => {
    for (const text of ['7', '0.25', '1000', '86400', '0.0003']) {
      const multiple = numberDfa([{ ...ANY_NUMBER, multiple: decimal(text) }], PLAIN);
      const rest = numberDfa([{ ...ANY_NUMBER, except: [decimal(text)] }], PLAIN);
      const all = numberDfa(
        [
          { ...ANY_NUMBER, only: 'integers' },
          { ...ANY_NUMBER, only: 'fractions' },
        ],
        PLAIN,
      );
      const plain = unionDfa(all, numberDfa([{ ...ANY_NUMBER, multiple: decimal('1') }], PLAIN));
      expect(sameLanguage(unionDfa(multiple, rest), plain), text).toBe(true);
    }
  });
});

describe('multiples', () => {
  it.each([
    ['1e308', '0.5', true],
    ['1e-9', '1e-8', false],
    ['12', '8', false],
    ['1e3', '8', true],
    ['1e2', '8', false],
    ['3e400000', '0.12', true],
    ['0', '7', true],
  ])('%s is a multiple of %s: %s', (value, of, expected) => {
    expect(isMultipleOf(decimal(value), decimal(of))).toBe(expected);
  });

  it('have a least common one', () => {
    expect(String(leastCommonMultiple(decimal('0.4'), decimal('6')))).toBe('6');
    expect(String(leastCommonMultiple(decimal('1.5'), decimal('0.35')))).toBe('10.5');
  });

  it('of a divisor with too many remainders are refused by name', () => {
    const schema = { multipleOf: 0.123456789 };
    expect(() => jsonSchemaGrammar(schema)).toThrow(expect.objectContaining({ limit: 'maxDivisor' }));
  });
});

const DRAFT4 = 'http://json-schema.org/draft-04/schema#';

describe('integers of draft 4, with every spelling of numbers', () => {
  const options = { integers: 'any' } as const;
  judges(
    'have no fraction and no exponent',
    { $schema: DRAFT4, type: 'integer', minimum: -3 },
    ['1', '-3', '12345'],
    ['1.0', '12345.0', '1e3', '1.5', '-4'],
    options,
  );
  judges(
    'in enum too',
    { $schema: DRAFT4, type: 'integer', enum: [1, 2.5, 1e22] },
    ['1', '10000000000000000000000'],
    ['1.0', '2.5', '1e22', '1e0'],
    options,
  );
  judges(
    'beside other numbers',
    { $schema: DRAFT4, anyOf: [{ type: 'integer' }, { type: 'number', maximum: 5 }] },
    ['7', '5.0', '0.5', '1e0'],
    ['7.0', '7.5', '7e0'],
    options,
  );
  judges(
    'and of its complement twice',
    { $schema: DRAFT4, not: { not: { type: 'integer' } } },
    ['7'],
    ['7.0', '7.5'],
    options,
  );
  judges('hold by value from draft 6 on', { type: 'integer' }, ['1', '1.0', '1e3'], ['1.5'], options);
});

describe('exponents of any size', () => {
  const options = { integers: 'any' } as const;
  judges(
    'where a set holds ten times its numbers',
    { type: 'integer', multipleOf: 0.5, minimum: 7 },
    ['1e308', '1.5E+0400', '7e0', '7e21'],
    ['1e-308', '0e21', '-1e22'],
    options,
  );
  judges(
    'where it holds their tenths',
    { type: 'number', maximum: 10 },
    ['1e-308', '0e-99', '-1e-400', '-1e400'],
    ['1e21', '1e100'],
    options,
  );
  judges('nowhere else', { not: { multipleOf: 3 }, type: 'number' }, ['1e20', '0.5'], ['1e21'], options);
});
