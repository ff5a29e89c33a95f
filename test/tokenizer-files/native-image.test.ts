// The native reader of tokenizer images holds them to the same rules as the portable one, with hashes that fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../../src/errors.js';
import { hasNative, loadNative } from '../../src/native/index.js';
import { fnv1a64 } from '../../src/tokenizer/fnv.js';
import { HEADER_BYTES } from '../../src/tokenizer/image.js';
import { buildImageFromBytes, openTokenizerImage } from '../../src/tokenizer/index.js';

const tokens = ['a', 'ab', 'abc', 'b', 'ab', '', 'ba', 'é', '\n'].map((text) =>
  new TextEncoder().encode(text),
);
const image = buildImageFromBytes([...tokens, null, null], [9]);

/** Whether a reader takes the image; any fault but the image's own is a fault of the reader. */
function takes(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    const ours = error instanceof TokenizerError || (error as { code?: string }).code === 'invalid_image';
    if (!ours) throw error;
    return false;
  }
}

function edited(edit: (view: DataView) => void): ArrayBuffer {
  const copy = image.buffer.slice(0);
  const view = new DataView(copy);
  edit(view);
  const hash = fnv1a64(new Uint8Array(copy, HEADER_BYTES));
  view.setUint32(32, hash.low, true);
  view.setUint32(36, hash.high, true);
  return copy;
}

describe.runIf(hasNative())('the native reader of tokenizer images', () => {
  const both = (buffer: ArrayBuffer) => [
    takes(() => openTokenizerImage(buffer)),
    takes(() => loadNative().loadTokenizer(new Uint8Array(buffer))),
  ];

  it('takes and refuses what the portable one does, word by word', () => {
    let refused = 0;
    for (let word = 1; word < image.buffer.byteLength / 4; word++) {
      if (word === 8 || word === 9) continue; // the hash
      for (const value of [-1, 0, 1, 2, 3, 7, 11, 1 << 16, 0x61626364]) {
        const [portable, native] = both(edited((view) => view.setInt32(4 * word, value, true)));
        expect([word, value, native]).toEqual([word, value, portable]);
        if (!portable) refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('takes and refuses what the portable one does, byte by byte (property)', () => {
    const edit = fc.tuple(fc.integer({ min: 4, max: image.buffer.byteLength - 1 }), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const buffer = edited((view) => {
          for (const [at, value] of edits) view.setUint8(at, value);
        });
        const [portable, native] = both(buffer);
        expect(native).toBe(portable);
      }),
      { numRuns: 3000 },
    );
  });
});
