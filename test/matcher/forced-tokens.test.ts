// Forced tokens against brute force: what random tokenizers make of every text that begins with the forced one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { MaskEngine } from '../../src/engine/index.js';
import { forcedTokens } from '../../src/matcher/index.js';
import { Tokenizer } from '../../src/tokenizer/index.js';
import { largeTokenizer } from '../support/large-tokenizer.js';
import { seededRandom } from '../support/random-schema.js';

const file = fileURLToPath(new URL('../../models/sprout/tokenizer.json', import.meta.url));
const sprout = Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(file, 'utf8')) });
const encoder = new TextEncoder();
const encode = (tokenizer: Tokenizer, text: string) => [
  ...tokenizer.encode(text, { addSpecialTokens: false }),
];

/** A matcher that stands before `text`; what comes behind it is open. */
const standingBefore = (text: string) => ({
  forced: (limit: number) => encoder.encode(text).slice(0, limit),
});

const ALPHABET = ['a', 'b', 'c'];

/** Byte-pair encoding over three letters, with merges at random. */
function randomBpe(random: () => number): Tokenizer {
  const pieces = [...ALPHABET];
  const merges: [string, string][] = [];
  const pick = () => pieces[Math.floor(random() * pieces.length)];
  for (let tries = Math.floor(random() * 9); tries > 0; tries--) {
    const [left, right] = [pick(), pick()];
    if ((left + right).length > 5) continue;
    merges.push([left, right]);
    if (!pieces.includes(left + right)) pieces.push(left + right);
  }
  const others = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter(
    (character) => /[!-~]/.test(character) && !ALPHABET.includes(character),
  );
  const vocab = Object.fromEntries([...pieces, ...others].map((piece, id) => [piece, id]));
  return Tokenizer.fromFiles({
    tokenizerJson: {
      model: { type: 'BPE', vocab, merges },
      added_tokens: [{ id: Object.keys(vocab).length, content: '<end>', special: true }],
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      decoder: { type: 'ByteLevel' },
    },
  });
}

const ENDINGS = ['', ...ALPHABET];
for (let from = 1, length = 1; length < 5; length++) {
  const to = ENDINGS.length;
  for (; from < to; from++) ENDINGS.push(...ALPHABET.map((letter) => ENDINGS[from] + letter));
}

function randomText(random: () => number, letters: readonly string[], most: number): string {
  return Array.from(
    { length: 1 + Math.floor(random() * most) },
    () => letters[Math.floor(random() * letters.length)],
  ).join('');
}

/** The last place of `text` that no token of the vocabulary can lie across, by trying all of them everywhere. */
function lastSeam(text: string, pieces: readonly string[]): number {
  const crosses = (place: number) =>
    pieces.some((piece) =>
      Array.from({ length: place }, (_, start) => start).some((start) => {
        const there = text.slice(start, start + piece.length);
        return start + piece.length > place && piece.startsWith(there);
      }),
    );
  for (let place = text.length; place > 0; place--) if (!crosses(place)) return place;
  return 0;
}

function textOf(tokenizer: Tokenizer, ids: Iterable<number>): string {
  return new TextDecoder().decode(Uint8Array.from([...ids].flatMap((id) => [...tokenizer.tokenBytes(id)!])));
}

describe('forcedTokens', () => {
  it('begin the encoding of every text that begins with the forced one, and reach the last seam', () => {
    const random = seededRandom(4);
    let found = 0;
    for (let round = 0; round < 120; round++) {
      const tokenizer = randomBpe(random);
      const pieces = Array.from({ length: tokenizer.vocabSize - 1 }, (_, id) => tokenizer.pieceOf(id)!);
      for (let i = 0; i < 4; i++) {
        const text = randomText(random, ALPHABET, 7);
        const tokens = [...forcedTokens(standingBefore(text), tokenizer)];
        expect(textOf(tokenizer, tokens)).toBe(text.slice(0, lastSeam(text, pieces)));
        for (const ending of ENDINGS)
          expect(encode(tokenizer, text + ending).slice(0, tokens.length)).toEqual(tokens);
        found += tokens.length;
      }
    }
    expect(found).toBeGreaterThan(300);
  });

  it('hold for tokenizers that split a text into words', () => {
    const random = seededRandom(7);
    const letters = [...'etao in"\'":, 12sé–\n'];
    let found = 0;
    for (const tokenizer of [sprout, Tokenizer.fromFiles({ tokenizerJson: largeTokenizer(3000) })])
      for (let round = 0; round < 1500; round++) {
        const text = randomText(random, letters, 12);
        const tokens = [...forcedTokens(standingBefore(text), tokenizer)];
        found += tokens.length;
        for (let i = 0; i < 12; i++) {
          const whole = text + randomText(random, letters, 6);
          expect(encode(tokenizer, whole).slice(0, tokens.length), JSON.stringify([text, whole])).toEqual(
            tokens,
          );
        }
      }
    expect(found).toBeGreaterThan(1000);
  });

  it('leave white space to what follows, for splitting rules look past it', () => {
    const vocab = Object.fromEntries(['a', 'b', 'Ġ', 'ĠĠ', ':'].map((piece, id) => [piece, id]));
    const tokenizer = Tokenizer.fromFiles({
      tokenizerJson: {
        model: { type: 'BPE', vocab, merges: [['Ġ', 'Ġ']] },
        added_tokens: [{ id: 5, content: '<end>', special: true }],
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
        decoder: { type: 'ByteLevel' },
      },
    });
    expect(encode(tokenizer, 'a  ')).toEqual([0, 3]);
    expect(encode(tokenizer, 'a  b')).toEqual([0, 2, 2, 1]);
    expect([...forcedTokens(standingBefore('a  '), tokenizer)]).toEqual([0]);
    expect([...forcedTokens(standingBefore('a  b'), tokenizer)]).toEqual([0, 2, 2, 1]);
  });

  it('are accepted by both matchers, which do not move', () => {
    const engine = new MaskEngine(sprout);
    const schema = {
      type: 'object',
      properties: { description: { type: 'string' }, country: { const: 'Österreich' } },
      required: ['description', 'country'],
      additionalProperties: false,
    };
    const grammar = compile({ schema }, { whitespace: 'compact' });
    const native = engine.open(grammar);
    const portable = grammar.matcher(sprout);
    let forced = 0;
    for (const token of encode(sprout, '{"description":"no","country":"Österreich"}')) {
      const tokens = engine.forcedTokens(native);
      expect(forcedTokens(portable, sprout)).toEqual(tokens);
      expect(native.validate(tokens)).toBe(tokens.length);
      expect(native.forced(256)).toEqual(portable.forced());
      forced += tokens.length;
      expect([native.accept(token), portable.accept(token)]).toEqual([true, true]);
    }
    expect(forced).toBeGreaterThan(10);
    expect(engine.forcedTokens(native)).toEqual(new Int32Array(0));
  });

  it('are none where nothing is forced, and end before what the tokenizer does not spell', () => {
    expect(forcedTokens(standingBefore(''), sprout)).toEqual(new Int32Array(0));
    const text = 'key: <|im_start|> x';
    const special = forcedTokens(standingBefore(text), sprout);
    expect(text.startsWith(textOf(sprout, special))).toBe(true);
    expect([...special].every((id) => !sprout.isSpecial(id))).toBe(true);
    const spaced = Tokenizer.fromFiles({
      tokenizerJson: {
        model: { type: 'BPE', vocab: { '▁': 0, a: 1, b: 2, '▁a': 3 }, merges: [['▁', 'a']] },
        added_tokens: [{ id: 4, content: '<end>', special: true }],
        normalizer: {
          type: 'Sequence',
          normalizers: [
            { type: 'Prepend', prepend: '▁' },
            { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
          ],
        },
        decoder: {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
            { type: 'ByteFallback' },
            { type: 'Fuse' },
            { type: 'Strip', content: ' ', start: 1, stop: 0 },
          ],
        },
      },
    });
    expect(forcedTokens(standingBefore('ab'), spaced)).toEqual(new Int32Array(0));
  });

  it('look no further than the limit', () => {
    const text = 'x1y2z3'.repeat(100);
    const few = forcedTokens(standingBefore(text), sprout, 10);
    expect(text.slice(0, 10).startsWith(textOf(sprout, few))).toBe(true);
    const many = forcedTokens(standingBefore(text), sprout);
    expect(textOf(sprout, many).length).toBeLessThanOrEqual(256);
    expect(many.length).toBeGreaterThan(few.length);
  });
});
