// The TokenizerImage against a plain description of it: build, walk, reopen, and refuse every damaged copy.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../../src/errors.js';
import { fnv1a64, hashToHex } from '../../src/tokenizer/fnv.js';
import { HEADER_BYTES, HEADER_WORDS } from '../../src/tokenizer/image.js';
import {
  buildImageFromBytes,
  buildTokenizerImage,
  openTokenizerImage,
  type TokenFlag,
  type TokenizerImage,
} from '../../src/tokenizer/index.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const key = (bytes: Iterable<number>) => [...bytes].join(',');

/** Every (path, tokens) of the trie, read through nodeSkip alone. */
function walk(image: TokenizerImage): { path: number[]; tokens: number[] }[] {
  const found: { path: number[]; tokens: number[] }[] = [];
  const descend = (node: number, path: number[]) => {
    const tokens = [
      ...image.nodeTokens.subarray(image.nodeTokenStart[node]!, image.nodeTokenStart[node + 1]!),
    ];
    found.push({ path, tokens });
    for (let child = node + 1; child < image.nodeSkip[node]!; child = image.nodeSkip[child]!)
      descend(child, [...path, image.nodeByte[child]!]);
  };
  descend(0, []);
  return found;
}

/** A copy with one edit and, unless told otherwise, a hash that fits it. */
function damaged(image: TokenizerImage, edit: (bytes: DataView) => void, rehash = true): ArrayBuffer {
  const copy = image.buffer.slice(0);
  const view = new DataView(copy);
  edit(view);
  if (rehash) {
    const hash = fnv1a64(new Uint8Array(copy, HEADER_BYTES));
    view.setUint32(32, hash.low, true);
    view.setUint32(36, hash.high, true);
  }
  return copy;
}

function refusal(buffer: ArrayBuffer): string {
  try {
    openTokenizerImage(buffer);
  } catch (error) {
    expect(error).toBeInstanceOf(TokenizerError);
    expect((error as TokenizerError).code).toBe('invalid_image');
    return (error as Error).message;
  }
  throw new Error('the image was accepted');
}

describe('fnv1a64', () => {
  it('agrees with 64-bit arithmetic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let hash = 0xcbf29ce484222325n;
        for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
        expect(hashToHex(fnv1a64(bytes))).toBe(hash.toString(16).padStart(16, '0'));
      }),
    );
  });
});

describe('buildTokenizerImage', () => {
  it('lays out the header and the sections of a small vocabulary', () => {
    const image = buildImageFromBytes([utf8('b'), utf8('ab'), utf8('a'), null, utf8('ab'), null], [3]);
    const header = [...new Int32Array(image.buffer, 0, HEADER_WORDS)];
    const sizes = [4 * 4, 4 * 5, 4 * 4, 4 * 7, 4, 4, 8, 8];
    const total = 64 + sizes.reduce((sum, size) => sum + size, 0);
    expect(header.slice(0, 8)).toEqual([0x54505345, 1, 6, 4, 4, 6, 1, total]);
    expect(header.slice(10)).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...image.nodeByte]).toEqual([0, 97, 98, 98]);
    expect([...image.nodeSkip]).toEqual([4, 3, 3, 4]);
    expect([...image.nodeTokenStart]).toEqual([0, 0, 1, 3, 4]);
    expect([...image.nodeTokens]).toEqual([2, 1, 4, 0]);
    expect([...image.tokenByteStart]).toEqual([0, 1, 3, 4, 4, 6, 6]);
    expect([...image.tokenFlags]).toEqual([0, 0, 0, 1, 0, 2]);
    expect([...image.eos]).toEqual([3]);
    expect(image.hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('holds an empty vocabulary', () => {
    const image = openTokenizerImage(buildImageFromBytes([], []).buffer);
    expect([...image.nodeSkip]).toEqual([1]);
    expect([...image.nodeTokenStart]).toEqual([0, 0]);
  });

  it('makes end-of-sequence ids special, and refuses ones outside the vocabulary', () => {
    const image = buildImageFromBytes([utf8('a'), utf8('end')], [1, 1]);
    expect([...image.tokenFlags]).toEqual([0, 1]);
    expect([...image.eos]).toEqual([1]);
    expect(image.nodeTokens.length).toBe(1);
    for (const id of [-1, 2, 0.5])
      expect(() => buildImageFromBytes([utf8('a'), utf8('b')], [id])).toThrow(/outside the vocabulary/);
  });

  it('has each text token once, at the node of its bytes, in order (property)', () => {
    const token = fc.tuple(fc.uint8Array({ maxLength: 5 }), fc.constantFrom<TokenFlag>(0, 0, 0, 1, 2));
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const built = buildTokenizerImage({
          bytes: (id) => tokens[id]![0],
          flag: (id) => tokens[id]![1],
          vocabSize: tokens.length,
          eos: [],
        });
        const image = openTokenizerImage(built.buffer.slice(0));
        expect(image.hash).toBe(built.hash);
        const expected = new Map<string, number[]>();
        tokens.forEach(([bytes, flag], id) => {
          const own = image.tokenBytes.subarray(image.tokenByteStart[id]!, image.tokenByteStart[id + 1]!);
          expect(key(own)).toBe(flag === 0 ? key(bytes) : '');
          if (flag === 0 && bytes.length) expected.set(key(bytes), [...(expected.get(key(bytes)) ?? []), id]);
        });
        const nodes = walk(image);
        expect(nodes.length).toBe(image.nodeCount);
        const actual = new Map(nodes.filter((n) => n.tokens.length).map((n) => [key(n.path), n.tokens]));
        expect(actual).toEqual(expected);
        for (const { path } of nodes)
          expect(
            path.length === 0 || [...expected.keys()].some((k) => `${k},`.startsWith(`${key(path)},`)),
          ).toBe(true);
      }),
    );
  });

  it('builds 256,000 tokens', () => {
    let state = 1;
    const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8;
    const tokens = Array.from({ length: 256_000 }, () =>
      Uint8Array.from({ length: 1 + (random() % 12) }, () => 97 + (random() % 26)),
    );
    const image = buildImageFromBytes(tokens, []);
    expect(image.nodeTokens.length).toBe(256_000);
  });
});

describe('openTokenizerImage', () => {
  const image = buildImageFromBytes([utf8('b'), utf8('ab'), utf8('a'), null, utf8('ab')], [3]);
  const at = (view: Int32Array | Uint8Array, index: number) =>
    view.byteOffset + index * view.BYTES_PER_ELEMENT;
  const word = (view: Int32Array, index: number, value: number) =>
    damaged(image, (bytes) => bytes.setInt32(at(view, index), value, true));
  const byte = (view: Uint8Array, index: number, value: number) =>
    damaged(image, (bytes) => bytes.setUint8(at(view, index), value));

  it('refuses what is not an image', () => {
    expect(refusal(new ArrayBuffer(10))).toMatch(/10 bytes/);
    expect(refusal(new ArrayBuffer(64))).toMatch(/magic/);
    expect(refusal(damaged(image, (b) => b.setInt32(4, 2, true)))).toMatch(/version 2/);
    expect(refusal(damaged(image, (b) => b.setInt32(12, -1, true)))).toMatch(/negative count/);
    expect(refusal(damaged(image, (b) => b.setInt32(12, 0, true)))).toMatch(/no root/);
    expect(refusal(damaged(image, (b) => b.setInt32(20, 1 << 30, true)))).toMatch(/sections need/);
    expect(refusal(damaged(image, (b) => b.setInt32(48, 1, true)))).toMatch(/reserved/);
    expect(refusal(image.buffer.slice(0, image.buffer.byteLength - 4))).toMatch(/sections need/);
  });

  it('refuses any change of its content by the hash (property)', () => {
    const body = image.buffer.byteLength - HEADER_BYTES;
    fc.assert(
      fc.property(fc.nat(body - 1), fc.integer({ min: 1, max: 255 }), (offset, flip) => {
        const copy = damaged(
          image,
          (b) => b.setUint8(HEADER_BYTES + offset, b.getUint8(HEADER_BYTES + offset) ^ flip),
          false,
        );
        expect(refusal(copy)).toMatch(/hash/);
      }),
    );
  });

  it('refuses a broken structure even when the hash fits', () => {
    expect(refusal(word(image.nodeSkip, 0, 3))).toMatch(/root does not span/);
    expect(refusal(word(image.nodeSkip, 1, 1))).toMatch(/node 1 does not end/);
    expect(refusal(word(image.nodeSkip, 2, 4))).toMatch(/node 2 does not end/);
    expect(refusal(byte(image.nodeByte, 0, 1))).toMatch(/root has a byte/);
    expect(refusal(byte(image.nodeByte, 3, 97))).toMatch(/node 3 is not in ascending/);
    expect(refusal(byte(image.nodeByte, 2, 99))).toMatch(/wrong node/);
    expect(refusal(word(image.nodeTokenStart, 1, 1))).toMatch(/do not span/);
    expect(refusal(word(image.nodeTokenStart, 2, 9))).toMatch(/broken token range/);
    expect(refusal(word(image.nodeTokens, 0, 9))).toMatch(/outside the vocabulary/);
    expect(refusal(word(image.nodeTokens, 2, 1))).toMatch(/twice/);
    expect(refusal(word(image.nodeTokens, 0, 3))).toMatch(/wrong node/);
    expect(refusal(word(image.tokenByteStart, 0, 1))).toMatch(/span its bytes/);
    expect(refusal(word(image.tokenByteStart, 1, -1))).toMatch(/negative length/);
    expect(refusal(byte(image.tokenFlags, 0, 3))).toMatch(/unknown flag/);
    expect(refusal(byte(image.tokenFlags, 0, 1))).toMatch(/is not text/);
    expect(refusal(word(image.eos, 0, 0))).toMatch(/not a special token/);
    expect(refusal(word(image.eos, 0, 77))).toMatch(/not a special token/);
  });

  it('refuses a token that the trie lacks', () => {
    const sparse = buildImageFromBytes([utf8('a'), utf8('')], []);
    const copy = sparse.buffer.slice(0);
    const view = new DataView(copy);
    view.setInt32(20, 2, true);
    view.setInt32(at(sparse.tokenByteStart, 2), 2, true);
    const hash = fnv1a64(new Uint8Array(copy, HEADER_BYTES));
    view.setUint32(32, hash.low, true);
    view.setUint32(36, hash.high, true);
    expect(refusal(copy)).toMatch(/token 1 is missing from the trie/);
  });

  it('never accepts a random edit that breaks the trie (property)', () => {
    const bodyWords = (image.buffer.byteLength - HEADER_BYTES) / 4;
    fc.assert(
      fc.property(fc.nat(bodyWords - 1), fc.integer({ min: -3, max: 12 }), (index, value) => {
        const copy = damaged(image, (b) => b.setInt32(HEADER_BYTES + index * 4, value, true));
        try {
          const opened = openTokenizerImage(copy);
          for (const { path, tokens } of walk(opened))
            for (const id of tokens)
              expect([
                ...opened.tokenBytes.subarray(opened.tokenByteStart[id]!, opened.tokenByteStart[id + 1]!),
              ]).toEqual(path);
        } catch (error) {
          expect(error).toBeInstanceOf(TokenizerError);
        }
      }),
    );
  });
});
