// The GrammarImage: round trip, and refusal of every damaged copy.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePda, imageHash, openPda } from '../../src/automata/index.js';
import { CompileError } from '../../src/errors.js';
import { bytes, choice, repeat, sequence, toPda } from '../../src/grammar/index.js';

const pda = toPda({ rules: [], start: repeat(sequence(bytes('key'), choice(bytes(':'), bytes('='))), 2, 5) });
/** The arrays in memory of their own, which the image then copies. */
const { words, ...apart } = {
  ...pda,
  edgeStart: pda.edgeStart.slice(),
  edges: pda.edges.slice(),
  lexemeOf: pda.lexemeOf.slice(),
};
const image = encodePda(pda);

describe('the GrammarImage', () => {
  it('gives back the automaton that was written', () => {
    expect(openPda(image)).toEqual(apart);
    expect(openPda(Uint8Array.from([0, ...image]).subarray(1))).toEqual(apart);
    expect(openPda(encodePda(apart))).toEqual(apart);
  });

  it('lies in the memory of the arrays where they leave room, and is the same elsewhere', () => {
    expect(image.buffer).toBe(words?.buffer);
    expect(encodePda(apart).buffer).not.toBe(words?.buffer);
    expect(encodePda(apart)).toEqual(image);
  });

  it('is equal for equal grammars, and named by its content', () => {
    const other = encodePda(toPda({ rules: [], start: bytes('key') }));
    expect(imageHash(image)).toBe(imageHash(encodePda(pda)));
    expect(imageHash(image)).not.toBe(imageHash(other));
  });

  it('is refused when any byte is changed or any part is cut off', () => {
    fc.assert(
      fc.property(fc.nat(image.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = image.slice();
        damaged[at] ^= change;
        expect(() => openPda(damaged)).toThrow(CompileError);
      }),
    );
    fc.assert(
      fc.property(fc.nat(image.length - 1), (length) => {
        expect(() => openPda(image.subarray(0, length))).toThrow(CompileError);
      }),
    );
  });
});
