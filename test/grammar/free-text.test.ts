import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols } from '../../src/automata/index.js';
import { LimitError } from '../../src/errors.js';
import { bytes, dispatch, GrammarBuilder, textWithout } from '../../src/grammar/index.js';
import { built } from './compiled.js';

const encoder = new TextEncoder();
const short = fc.string({ unit: fc.constantFrom('a', 'b', '日'), minLength: 1, maxLength: 3 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', '日', '!'), maxLength: 8 });

describe('textWithout', () => {
  it('is every text that holds none of the strings', () => {
    fc.assert(
      fc.property(fc.array(short, { maxLength: 4 }), text, (strings, input) => {
        const accepted = acceptsSymbols(textWithout(strings), encoder.encode(input));
        expect(accepted).toBe(!strings.some((string) => input.includes(string)));
      }),
      { numRuns: 500 },
    );
  });

  it('is UTF-8', () => {
    const any = textWithout([]);
    expect(acceptsSymbols(any, encoder.encode('é日😀\n'))).toBe(true);
    expect(acceptsSymbols(any, [0xff])).toBe(false);
    expect(acceptsSymbols(any, [0xe6, 0x97])).toBe(false);
  });

  it('has limits with names', () => {
    expect(() => textWithout(['aaaa'], { maxTriggerStates: 3 })).toThrow(/maxTriggerStates = 3/);
    expect(() => textWithout(['ab', 'cd'], { maxTriggerTransitions: 3 })).toThrow(LimitError);
  });
});

/**
 * What dispatch is said to be, tried out: free text up to a trigger that holds all triggers complete until then and is the
 * longest one that ends there, what follows it, and so on; or free text without any trigger.
 */
function reads(
  input: string,
  triggers: readonly string[],
  excludes: readonly string[],
  loop: boolean,
): boolean {
  const occurrences = (strings: readonly string[], text: string) =>
    strings.flatMap((string) =>
      [...text].flatMap((_, at) =>
        text.startsWith(string, at) ? [{ string, at, end: at + string.length }] : [],
      ),
    );
  if (occurrences([...triggers, ...excludes], input).length === 0) return true;
  return occurrences(triggers, input).some(({ string, at, end }) => {
    const before = occurrences(triggers, input).filter((other) => other.end <= end);
    if (before.some((other) => other.at < at)) return false;
    if (occurrences(excludes, input.slice(0, end)).length > 0) return false;
    const follows = `<${triggers.indexOf(string)}>`;
    if (!input.startsWith(follows, end)) return false;
    const rest = input.slice(end + follows.length);
    return loop ? reads(rest, triggers, excludes, loop) : rest === '';
  });
}

describe('dispatch', () => {
  it('commits to what follows the first trigger that is complete', () => {
    const trigger = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
    const piece = fc.constantFrom('a', 'b', '<', '>', '0', '1', '<0>', '<1>', '日');
    const input = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(
        fc.uniqueArray(trigger, { minLength: 1, maxLength: 3 }),
        fc.array(trigger, { maxLength: 2 }),
        fc.boolean(),
        fc.array(input, { minLength: 20, maxLength: 20 }),
        (triggers, excludes, loop, inputs) => {
          const grammar = built((builder) =>
            dispatch(builder, 'd', {
              triggers: triggers.map((string, i) => ({ text: string, follows: bytes(`<${i}>`) })),
              excludes,
              loop,
            }),
          );
          for (const string of inputs)
            expect([string, grammar.test(string)]).toEqual([string, reads(string, triggers, excludes, loop)]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is one rule a state of the search', () => {
    const triggers = Array.from({ length: 500 }, (_, i) => ({
      text: `<function=f${i}>`,
      follows: bytes('!'),
    }));
    const builder = new GrammarBuilder();
    dispatch(builder, 'd', { triggers, excludes: [], loop: true });
    expect(builder.size).toBeLessThan(2000);
  });
});
