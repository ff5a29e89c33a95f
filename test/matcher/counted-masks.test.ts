// Native masks of strings with a counter, near their limit and far from it, with tokens longer than what is left: against
// the portable walk at every position. fast-check prints the seed of a failure.
import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { plainMatcher } from '../support/compare-matchers.js';

/** Patterns, and pieces that their sentences are made of. */
const PATTERNS: Readonly<Record<string, readonly string[]>> = {
  '^(?:\\S+\\s+){0,4}\\S+$': ['word', 'é', ' ', '  ', 'a', '😀b', '–'],
  '^[a-z]{2}([0-9]{3}-?)*$': ['ab', '123', '456-', '789', '000-'],
  '^.*$': ['plain text ', 'é–😀', '\\\\n', 'x', '\\\\ud83d\\\\ude00'],
  '^[A-Z][a-z]*( [A-Z][a-z]*)*$': ['Name', ' Name', 'abc', ' A'],
  '^(x|yy|zzz)+$': ['x', 'yy', 'zzz'],
  '\\d+-[a-f0-9]*-[a-f0-9]{6}': ['1-', '60f6', '-', '012345', 'x', 'é'],
  '^(a|b[0-9]{3})+@([a-z]{2,4}\\.)+[a-z]{2}$': ['a', 'b123', '@', 'exam.', 'org.', 'co', '.'],
};

const encode = (text: string) => new TextEncoder().encode(text);

/** Bytes, and joined pieces of up to `most` pieces, bare, closed, and closed with what follows. */
function vocabularyOf(pieces: readonly string[], choices: readonly number[]) {
  const words = choices.map((choice) =>
    Array.from(
      { length: 1 + (choice % 23) },
      (_, i) => pieces[(choice * 7 + i * (1 + (choice % 5))) % pieces.length],
    ).join(''),
  );
  const all = [
    ...words,
    ...words.map((word) => `${word}"`),
    ...words.map((word) => `${word}",`),
    ...pieces,
  ].map(encode);
  const known = new Set<string>();
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  return [...bytes, ...all].filter((token) => !known.has(String(token)) && known.add(String(token)));
}

describe('native masks of counted strings', () => {
  it('are those of the walk, whatever is left', () => {
    const addon = loadNative();
    const names = Object.keys(PATTERNS);
    let positions = 0;
    fc.assert(
      fc.property(
        fc.nat(names.length - 1),
        fc.option(fc.nat(70), { nil: undefined }),
        fc.constantFrom(0, 0, 2, 3, 20),
        fc.array(fc.nat(1 << 20), { minLength: 20, maxLength: 60 }),
        fc.nat(1 << 20),
        (name, maxLength, minLength, choices, seed) => {
          const pattern = names[name];
          const pieces = PATTERNS[pattern];
          const schema = { type: 'array', items: { type: 'string', pattern, minLength, maxLength } };
          let grammar: ReturnType<typeof compile>;
          try {
            grammar = compile({ schema });
          } catch (error) {
            fc.pre(!(error instanceof CompileError && error.code === 'unsatisfiable'));
            throw error;
          }
          const vocabulary = vocabularyOf(pieces, choices);
          const image = buildImageFromBytes([...vocabulary, null], [vocabulary.length]);
          const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
          const handle = addon.loadGrammar(grammar.image, tokenizer, { maxConfigurations: 4096, memo: true });
          const text = Array.from(
            { length: 25 },
            (_, i) => pieces[(seed + i * (1 + (seed % 3))) % pieces.length],
          ).join('');
          const native = addon.openMatcher(handle);
          const portable = plainMatcher(grammar, image);
          const expected = new Int32Array(portable.words);
          const actual = new Int32Array(portable.words);
          for (const byte of encode(`["${text}",`)) {
            expect(native.fill(actual)).toBe(portable.fill(expected));
            deepStrictEqual(actual, expected);
            positions++;
            // What the pattern does not allow here is left out.
            if (portable.accept(byte)) expect(native.accept(byte)).toBe(true);
          }
          native.close();
        },
      ),
      { numRuns: 200 },
    );
    expect(positions).toBeGreaterThan(3000);
  }, 120_000);
});
