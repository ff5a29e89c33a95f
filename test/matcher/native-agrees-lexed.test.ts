// The native matcher against the TypeScript one, bit for bit, on grammars with a lexer: random Lark grammars over random
// vocabularies, every position of random texts. fast-check prints the seed of a failure.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { randomLark } from '../support/random-lark.js';
import { seededRandom } from '../support/random-schema.js';

const GRAMMARS = 600;

function compiled(random: () => number): CompiledGrammar | undefined {
  const { source, options } = randomLark(random);
  try {
    return compile(source, options);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

/** Single characters and random short texts, with an end of sequence. */
function vocabulary(random: () => number) {
  const alphabet = ['a', 'b', 'c', ' ', '\n', '(', ')', ':', 'é', '1', '"'];
  const words = new Set(alphabet);
  for (let i = 0; i < 40; i++)
    words.add(
      Array.from({ length: 2 + Math.floor(random() * 3) }, () => alphabet[Math.floor(random() * 11)]).join(
        '',
      ),
    );
  const encoder = new TextEncoder();
  const bytes = [
    ...[...words].map((word) => encoder.encode(word)),
    Uint8Array.of(0xc3),
    Uint8Array.of(0xa9),
    null,
  ];
  return buildImageFromBytes(bytes, [bytes.length - 1]);
}

describe('the native lexed machine', () => {
  it(`agrees with the portable one on ${GRAMMARS} random Lark grammars`, () => {
    const addon = loadNative();
    let grammars = 0;
    let positions = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const grammar = compiled(random);
        fc.pre(grammar !== undefined);
        const image = vocabulary(random);
        const tokenizer = addon.loadTokenizer(new Uint8Array(image.buffer));
        const handle = addon.loadGrammar(grammar.image, tokenizer, {
          maxConfigurations: 4096,
          memo: seed % 8 !== 0,
        });
        for (let text = 0; text < 3; text++) {
          const portable = grammar.matcher(image);
          const native = addon.openMatcher(handle);
          const rows = [new Int32Array(portable.words), new Int32Array(portable.words)];
          for (let step = 0; step < 14; step++) {
            const allowed = portable.fill(rows[0]);
            expect(native.fill(rows[1])).toBe(allowed);
            expect(rows[1]).toEqual(rows[0]);
            expect(native.isAccepting).toBe(portable.isAccepting);
            expect(native.forced(16)).toEqual(portable.forced(16));
            positions++;
            if (allowed === 0) break;
            const allowedTokens = Array.from({ length: image.vocabSize }, (_, i) => i).filter(
              (token) => (rows[0][token >>> 5] >>> (token & 31)) & 1,
            );
            const token =
              random() < 0.9
                ? allowedTokens[Math.floor(random() * allowedTokens.length)]
                : Math.floor(random() * image.vocabSize);
            expect(native.accept(token)).toBe(portable.accept(token));
          }
          native.close();
        }
        grammars++;
      }),
      { numRuns: GRAMMARS },
    );
    expect(grammars).toBeGreaterThanOrEqual(GRAMMARS);
    expect(positions).toBeGreaterThan(5 * GRAMMARS);
  }, 300_000);
});
