// The GrammarImage: round trip, and refusal of every damaged copy.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EdgeKind, encodePda, imageHash, openPda, PackedPda, type Pda } from '../../src/automata/index.js';
import { compile } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import { bytes, choice, repeat, sequence, toPda } from '../../src/grammar/index.js';

const pda = toPda({ rules: [], start: repeat(sequence(bytes('key'), choice(bytes(':'), bytes('='))), 2, 5) });
/** The arrays in memory of their own, which the image then copies. */
function apartFrom({ stateCount, start, edgeStart, edges, lexemeOf, tokenSets, checks }: Pda): Pda {
  return {
    stateCount,
    start,
    edgeStart: edgeStart.slice(),
    edges: edges.slice(),
    lexemeOf: lexemeOf.slice(),
    tokenSets,
    checks,
  };
}
const apart = apartFrom(pda);
const image = encodePda(pda);

describe('the GrammarImage', () => {
  it('gives back the automaton that was written', () => {
    expect(openPda(image)).toEqual(apart);
    expect(openPda(Uint8Array.from([0, ...image]).subarray(1))).toEqual(apart);
    expect(openPda(encodePda(apart))).toEqual(apart);
  });

  it('lies in the memory of the arrays where they leave room, and is the same elsewhere', () => {
    expect(pda).toBeInstanceOf(PackedPda);
    expect(image.buffer).toBe(pda.lexemeOf.buffer);
    expect(encodePda(apart).buffer).not.toBe(apart.lexemeOf.buffer);
    expect(encodePda(apart)).toEqual(image);
  });

  it('has whatever an edge may say', () => {
    const kinds = Object.values(EdgeKind);
    const edges = kinds.flatMap((kind) => {
      const [a, b] = kind === EdgeKind.bytes || kind === EdgeKind.quiet ? [0x80, 0xff] : [0, 0];
      return kind === EdgeKind.room || kind === EdgeKind.marked
        ? [kind, 65_535, 65_536, 1]
        : kind === EdgeKind.count || kind === EdgeKind.atLeast
          ? [kind, 0x7fffffff, 1, 1]
          : kind === EdgeKind.call
            ? [kind, 1, 0, 1]
            : [kind, a, b, 1];
    });
    const { checks } = openPda(compile({ schema: { type: 'string', format: 'hostname' } }).image);
    const every: Pda = {
      stateCount: 2,
      start: 1,
      edgeStart: Int32Array.of(0, 0, kinds.length),
      edges: Int32Array.from(edges),
      lexemeOf: Int32Array.of(0, 7),
      tokenSets: [{ except: true, tokens: ['<a>', 5] }],
      checks,
    };
    expect(checks).not.toEqual([]);
    expect(apartFrom(openPda(encodePda(every)))).toEqual(every);
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
