// Random patterns and random texts: the automata agree with Node's RegExp on full matches and on search.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols, type Dfa } from '../../../src/automata/index.js';
import { LimitError } from '../../../src/errors.js';
import { regexSearchDfa, regexToDfa } from '../../../src/frontends/regex/index.js';

const RUNS = 600;
const ATOMS = [
  'a',
  'b',
  'B',
  '-',
  '\\n',
  '.',
  '[ab]',
  '[^a]',
  '\\w',
  '\\W',
  '[a\\-\\s]',
  '\\p{Lu}',
  'é',
  '😀',
  'ſ',
];
const ASSERTIONS = ['^', '$', '\\b', '\\B'];
const QUANTIFIERS = ['*', '+', '?', '*?', '{2}', '{1,3}', '{0,2}?', '{2,}'];

const LOOKAROUND = ['(?=', '(?!', '(?<=', '(?<!'];

const patternsOf = (looks: number) =>
  fc.letrec<{ pattern: string; branch: string; term: string }>((tie) => ({
    pattern: fc.array(tie('branch'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
    branch: fc.array(tie('term'), { maxLength: 3 }).map((terms) => terms.join('')),
    term: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom(...ATOMS),
      fc.constantFrom(...ASSERTIONS),
      fc.tuple(fc.constantFrom(...ATOMS), fc.constantFrom(...QUANTIFIERS)).map((parts) => parts.join('')),
      fc
        .tuple(tie('pattern'), fc.constantFrom('', ...QUANTIFIERS))
        .map(([body, times]) => `(?:${body})${times}`),
      ...Array.from({ length: looks }, () =>
        fc.tuple(fc.constantFrom(...LOOKAROUND), tie('pattern')).map(([open, body]) => `${open}${body})`),
      ),
    ),
  })).pattern;
const text = fc
  .array(fc.constantFrom('a', 'b', 'B', 'A', '-', '\n', '\r', ' ', 'é', 'É', '😀', 's', 'ſ', 'K'), {
    maxLength: 8,
  })
  .map((characters) => characters.join(''));
const flags = fc.constantFrom('u', 'iu', 'mu', 'su', 'imsu', 'v', 'iv', 'imv');

const MAX_STATES = 1000;

/** Undefined for the few patterns that need more states than are allowed here. */
function compiled(source: string, flag: string): { full: Dfa; search: Dfa } | undefined {
  const options = { flags: flag, maxStates: MAX_STATES };
  try {
    return { full: regexToDfa(source, options), search: regexSearchDfa(source, options) };
  } catch (error) {
    if (error instanceof LimitError) return undefined;
    throw error;
  }
}

/** Whether the sticky pattern matches at the start of some character. (V8's own search also tries between halves.) */
function finds(sticky: RegExp, subject: string): boolean {
  let at = 0;
  for (const character of [...subject, '']) {
    sticky.lastIndex = at;
    if (sticky.test(subject)) return true;
    at += character.length;
  }
  return false;
}

describe('random patterns', () => {
  it.each([
    ['without lookaround', 0],
    ['with lookaround', 3],
  ])('mean what they mean to RegExp, %s', (_, looks) => {
    let judged = 0;
    fc.assert(
      fc.property(
        patternsOf(looks),
        flags,
        fc.array(text, { minLength: 10, maxLength: 30 }),
        (source, flag, texts) => {
          const automata = compiled(source, flag);
          if (!automata) return;
          judged++;
          // These patterns mean the same under u and v, and V8 misjudges /^(?:[^a].|a){0,2}$/v (true for "aA").
          const asked = flag.replace('v', 'u');
          const whole = new RegExp(`(?:${source})(?![^])`, `${asked}y`);
          const part = new RegExp(source, `${asked}y`);
          for (const each of texts) {
            const symbols = Array.from(each, (character) => character.codePointAt(0) as number);
            whole.lastIndex = 0;
            expect(acceptsSymbols(automata.full, symbols), `full ${JSON.stringify(each)}`).toBe(
              whole.test(each),
            );
            expect(acceptsSymbols(automata.search, symbols), `search ${JSON.stringify(each)}`).toBe(
              finds(part, each),
            );
          }
        },
      ),
      { numRuns: RUNS },
    );
    expect(judged).toBeGreaterThan(RUNS * 0.9);
  });
});
