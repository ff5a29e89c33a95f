// A row that knows what it holds is bit for bit the row that a matcher fills, whatever it held before.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';

/** The array as somebody else has it who took its memory; Node 26 does not give away what belongs to an addon. */
function transferred(bits: Int32Array): Int32Array {
  try {
    return structuredClone(bits, { transfer: [bits.buffer as ArrayBuffer] });
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataCloneError' });
    return bits;
  }
}

const texts = ['', '"', 'a', 'ab', 'abc', '",', '"]', '1', '12', ' ', ': "', '{"', '[', '[1', 'true', 'é'];
const vocabulary = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...Array.from({ length: 600 }, (_, i) =>
    new TextEncoder().encode(`${texts[i % 16]}x${i}${texts[(i >> 4) % 16]}`),
  ),
];
const image = buildImageFromBytes([...vocabulary, null], [vocabulary.length]);
const SCHEMAS = [
  true,
  { type: 'array', items: { type: 'string' } },
  { type: 'array', items: { type: 'string', maxLength: 9 } },
  { type: 'array', items: { enum: ['a', 'ab', 12] } },
];

describe('a mask row that knows what it holds', () => {
  it('is what a matcher fills, for matchers of several grammars in turn', () => {
    const addon = loadNative();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(7), fc.nat(1 << 16)), { minLength: 20, maxLength: 120 }),
        (steps) => {
          const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
          const { row, bits } = addon.newRow(tokenizer);
          const matchers = SCHEMAS.flatMap((schema, i) => {
            const options = {
              maxConfigurations: 4096,
              memo: true,
              ...(i % 2 === 1 && { maxMaskBytes: 20_000 }),
            };
            const grammar = addon.loadGrammar(compile({ schema }).image, tokenizer, options);
            return [addon.openMatcher(grammar, row), addon.openMatcher(grammar, row)];
          });
          const expected = new Int32Array(bits.length);
          for (const [which, choice] of steps) {
            const matcher = matchers[which];
            const allowed = matcher.fill(expected);
            expect(matcher.fill()).toBe(allowed);
            expect(bits).toEqual(expected);
            const tokens = [...vocabulary.keys(), vocabulary.length].filter(
              (token) => (expected[token >> 5] >>> (token & 31)) & 1,
            );
            if (tokens.length > 0) matcher.accept(tokens[choice % tokens.length]);
          }
          for (const matcher of matchers) matcher.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('lives on when its array is transferred away, and needs a row of its tokenizer', () => {
    const addon = loadNative();
    const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
    const { row, bits } = addon.newRow(tokenizer);
    const grammar = addon.loadGrammar(compile({ schema: true }).image, tokenizer, {
      maxConfigurations: 0,
      memo: true,
    });
    const matcher = addon.openMatcher(grammar, row);
    const moved = transferred(bits);
    const expected = new Int32Array(moved.length);
    expect(matcher.fill()).toBe(matcher.fill(expected));
    expect(() => addon.openMatcher(grammar).fill()).toThrow(TypeError);
    const small = buildImageFromBytes([Uint8Array.of(0x61), null], [1]);
    const other = addon.newRow(addon.loadTokenizer(new Uint8Array(small.buffer)));
    expect(() => addon.openMatcher(grammar, other.row).fill()).toThrow(
      expect.objectContaining({ code: 'bad_argument' }),
    );
  });
});
