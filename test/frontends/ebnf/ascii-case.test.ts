import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withBothCases } from '../../../src/frontends/ebnf/ascii-case.js';

describe('withBothCases', () => {
  it.each([
    ['aB1', '[aA][Bb]1'],
    ['[b-dX]', '[B-Dxb-dX]'],
    ['[^-k]', '[^K\\-k]'],
    ['[a-]', '[Aa-]'],
    ['[Y-b]', '[y-zA-BY-b]'],
    ['\\x41\\n\\d\\u0062', '[\\x41a]\\n\\d[\\u0062B]'],
    ['(?<name>é)', '(?<name>é)'],
    ['\\cA\\p{Lu}[\\w-]', '\\cA\\p{Lu}[\\w-]'],
  ])('%s becomes %s', (pattern, expected) => {
    expect(withBothCases(pattern)).toBe(expected);
  });

  it("is what JavaScript's flag i does, on ASCII", () => {
    const atom = fc.constantFrom('a', 'Z', '[b-dX]', '[^k-m]', '\\x41', '\\d', '[Y-b]', '(?:q)', '.', '[-a]');
    const pattern = fc.array(atom, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join(''));
    fc.assert(
      fc.property(pattern, fc.array(fc.string({ maxLength: 4 }), { minLength: 30 }), (source, texts) => {
        const ours = new RegExp(`^(?:${withBothCases(source)})$`, 'u');
        const theirs = new RegExp(`^(?:${source})$`, 'i');
        for (const text of texts)
          expect([source, text, ours.test(text)]).toEqual([source, text, theirs.test(text)]);
      }),
    );
  });
});
