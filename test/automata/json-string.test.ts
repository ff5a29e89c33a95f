// Spellings inside a JSON string against JSON.parse.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsSymbols,
  jsonStringDfa,
  literalDfa,
  MAX_CODE_POINT,
  normalizeIntervals,
  starDfa,
  symbolsDfa,
} from '../../src/automata/index.js';
import { LimitError } from '../../src/errors.js';

const encoder = new TextEncoder();
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const character = fc
  .oneof(
    fc.nat(0x7f),
    fc.nat(MAX_CODE_POINT),
    fc.constantFrom(0xd7ff, 0xe000, 0xffff, 0x10000, 0x103ff, 0x10400),
  )
  .filter((at) => at < 0xd800 || at > 0xdfff)
  .map((at) => String.fromCodePoint(at));
/** A piece of a JSON string body, often valid. */
const piece = fc.oneof(
  character,
  fc.constantFrom(
    '\\',
    '"',
    '\\u',
    ...Object.values(SHORT),
    '\\ud83d',
    '\\uDE00',
    '\\ud83d\\ude00',
    '\\x',
    '\u0007',
  ),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`),
);

/** The string that a body spells, undefined when it is not JSON or spells a lone surrogate. */
function parsed(body: string): string | undefined {
  try {
    const text = JSON.parse(`"${body}"`) as string;
    return /\p{Surrogate}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

describe('jsonStringDfa', () => {
  it('of all texts accepts what JSON.parse does, less lone surrogates', () => {
    const all = jsonStringDfa(starDfa(symbolsDfa([[0, MAX_CODE_POINT]])));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const body = pieces.join('');
        expect(acceptsSymbols(all, encoder.encode(body)), body).toBe(parsed(body) !== undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts every spelling of a word, and only of that word', () => {
    const spelling = character.chain((one) => {
      const units = one.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
      const escaped = units.map((unit) => `\\u${unit}`).join('');
      const raw = one < ' ' || one === '"' || one === '\\' ? [] : [one];
      const upper = units.map((unit) => `\\u${unit.toUpperCase()}`).join('');
      return fc.constantFrom(...raw, ...(SHORT[one] ? [SHORT[one]] : []), escaped, upper);
    });
    fc.assert(
      fc.property(fc.array(spelling, { maxLength: 4 }), fc.array(piece, { maxLength: 4 }), (spelt, other) => {
        const body = spelt.join('');
        const text = parsed(body);
        expect(text).toBeDefined();
        const points = Array.from(text as string, (one) => one.codePointAt(0) as number);
        const dfa = jsonStringDfa(literalDfa(points));
        expect(acceptsSymbols(dfa, encoder.encode(body)), body).toBe(true);
        const rest = other.join('');
        expect(acceptsSymbols(dfa, encoder.encode(rest)), rest).toBe(parsed(rest) === text);
      }),
      { numRuns: 300 },
    );
  });

  it('accepts a spelling of a character exactly when the character is in the set', () => {
    const bound = fc.oneof(fc.nat(0x7f), fc.nat(MAX_CODE_POINT));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 3 }),
        fc.array(piece, { maxLength: 2 }),
        (pairs, pieces) => {
          const set = normalizeIntervals(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)]));
          const body = pieces.join('');
          const text = parsed(body) ?? '';
          const [first, ...more] = Array.from(text, (one) => one.codePointAt(0) as number);
          const expected =
            first !== undefined && more.length === 0 && set.some(([lo, hi]) => lo <= first && first <= hi);
          expect(acceptsSymbols(jsonStringDfa(symbolsDfa(set)), encoder.encode(body)), body).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('stops at the limit', () => {
    const word = literalDfa(Array.from({ length: 30 }, () => 0x61));
    expect(() => jsonStringDfa(word, { maxStates: 1 })).toThrow(LimitError);
  });
});
