// Masks made ahead: each equal to the plain walk's, the likeliest first, bounded; and carried by a saved grammar.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteState } from '../../src/automata/index.js';
import {
  type CompiledGrammar,
  compile,
  loadGrammar,
  maskCount,
  type PrecomputedMasks,
} from '../../src/compile/index.js';
import { MaskEngine } from '../../src/engine/index.js';
import { CompileError, RequestError } from '../../src/errors.js';
import { walkMask } from '../../src/masks/walk.js';
import { resolveTokenSets } from '../../src/matcher/token-sets.js';
import { loadNative } from '../../src/native/index.js';
import { buildImageFromBytes, Tokenizer, type TokenizerImage } from '../../src/tokenizer/index.js';
import { largeTokenizer } from '../support/large-tokenizer.js';
import { randomSchema, seededRandom } from '../support/random-schema.js';
import { randomVocabulary } from '../support/random-vocabulary.js';

const file = fileURLToPath(new URL('../../models/sprout/tokenizer.json', import.meta.url));
const tokenizer = Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(file, 'utf8')) });
const words = Math.ceil(tokenizer.vocabSize / 32);

const finite = {
  schema: {
    type: 'object',
    properties: { kind: { enum: ['a', 'bc'] }, n: { enum: [1, 23] } },
    required: ['kind'],
    additionalProperties: false,
  },
};
const endless = { schema: {} };

/** The position that a mask is of, in the portable machine, by the way that it names. */
function positions(grammar: CompiledGrammar, masks: PrecomputedMasks, image: TokenizerImage): ByteState[] {
  const { machine } = grammar;
  const sets = resolveTokenSets(machine.pda.tokenSets, image);
  const found: ByteState[] = [];
  for (let i = 0; i < masks.entries.length; i += 4) {
    const [parent, step] = masks.entries.subarray(i);
    const matcher = machine.start;
    if (parent < 0) found.push(matcher);
    else if (step < 256) found.push(machine.step(found[parent], step)!);
    else found.push(machine.stepToken(found[parent], (set) => sets[set].includes(step - 256))!);
  }
  return found;
}

function rowsOf({ entries, tokens, bases, vocabSize }: PrecomputedMasks): Int32Array[] {
  const rowWords = Math.ceil(vocabSize / 32);
  const rows: Int32Array[] = [];
  for (let i = 0, at = 0; i < entries.length; i += 4) {
    const [, , base, count] = entries.subarray(i);
    const row = base < 0 ? new Int32Array(rowWords) : bases.slice(base * rowWords, (base + 1) * rowWords);
    for (const token of tokens.subarray(at, at + count)) row[token >>> 5] |= 1 << (token & 31);
    at += count;
    rows.push(row);
  }
  return rows;
}

/** All rows against the walk over the whole vocabulary. */
function expectPlain(grammar: CompiledGrammar, masks: PrecomputedMasks, image: TokenizerImage): void {
  const plain = new Int32Array(Math.ceil(image.vocabSize / 32));
  const sets = resolveTokenSets(grammar.machine.pda.tokenSets, image);
  const rows = rowsOf(masks);
  for (const [i, position] of positions(grammar, masks, image).entries()) {
    walkMask(grammar.machine, position, image, sets, plain);
    expect(rows[i]).toEqual(plain);
  }
}

describe('masks made ahead', () => {
  it('are those of every position of a grammar whose positions end', async () => {
    const grammar = compile(finite, { whitespace: 'compact' });
    const engine = new MaskEngine(tokenizer);
    const masks = await engine.precompute(grammar, { masks: 'all' });
    expect(masks.isComplete).toBe(true);
    // Every position is the one after some beginning of a sentence; the portable machine says how many there are.
    const seen = new Set<ByteState>([grammar.machine.start]);
    for (const at of seen)
      for (let byte = 0; byte < 256; byte++) {
        const next = grammar.machine.step(at, byte);
        if (next) seen.add(next);
      }
    expect(maskCount(masks)).toBe(seen.size);
    expect(new Set(positions(grammar, masks, tokenizer.image))).toEqual(seen);
    expectPlain(grammar, masks, tokenizer.image);
  });

  it('stop at their limit, and say so', async () => {
    const grammar = compile(endless);
    const engine = new MaskEngine(tokenizer);
    expect(await engine.prepare(grammar, { masks: 'none' })).toEqual({ count: 0, isComplete: false });
    expect(await engine.prepare(grammar, { masks: 'all', maxMasks: 40 })).toEqual({
      count: 40,
      isComplete: false,
    });
    expect(await engine.prepare(grammar, { masks: 'hot' })).toEqual({ count: 256, isComplete: false });
    const all = await new MaskEngine(tokenizer).prepare(grammar, { masks: 'all' });
    expect(all.isComplete).toBe(false);
    expect(all.count).toBeGreaterThan(1000);
  });

  it('begin with what is likeliest: the way to a value that must come before choices', async () => {
    const schema = { type: 'object', properties: { only: { type: 'boolean' } }, required: ['only'] };
    const grammar = compile({ schema }, { whitespace: 'compact' });
    const masks = await new MaskEngine(tokenizer).precompute(grammar, { masks: 'hot', maxMasks: 9 });
    const forced = '{"only":';
    const steps = Array.from({ length: 9 }, (_, i) => masks.entries[4 * i + 1]);
    expect(String.fromCharCode(...steps.slice(1))).toBe(forced);
  });

  it('are right for random schemas and vocabularies, made and loaded', async () => {
    const random = seededRandom(20);
    for (const schema of fc.sample(randomSchema, { numRuns: 25, seed: 20 })) {
      let grammar: CompiledGrammar;
      try {
        grammar = compile({ schema });
      } catch (error) {
        if (error instanceof CompileError) continue;
        throw error;
      }
      const image = randomVocabulary([new TextEncoder().encode('{"a": [1, true]}')], random);
      const engine = new MaskEngine(named(image));
      const masks = await engine.precompute(grammar, { masks: 'hot', maxMasks: 60 });
      expectPlain(grammar, masks, image);
      const loaded = loadGrammar(grammar.save({ masks }));
      const again = await new MaskEngine(named(image)).precompute(loaded, { masks: 'hot', maxMasks: 60 });
      expect(rowsOf(again)).toEqual(rowsOf(masks));
      expect(again.isComplete).toBe(masks.isComplete);
    }
  });

  it('are right with lexemes that divide a large vocabulary', async () => {
    const large = Tokenizer.fromFiles({ tokenizerJson: largeTokenizer(12_000) });
    for (const schema of [
      { type: 'object', properties: { a: { type: 'string', maxLength: 7 }, b: { type: 'number' } } },
      { type: 'array', items: { enum: ['ab', 'ac', 1, 10] }, uniqueItems: true },
      { type: 'object', additionalProperties: { type: 'string', pattern: '^[a-z]{2,5}$' } },
    ]) {
      const grammar = compile({ schema });
      const masks = await new MaskEngine(large).precompute(grammar, { masks: 'hot', maxMasks: 150 });
      expect(maskCount(masks)).toBe(150);
      expectPlain(grammar, masks, large.image);
      const saved = loadGrammar(grammar.save({ masks }));
      const again = await new MaskEngine(large).precompute(saved, { masks: 'hot', maxMasks: 200 });
      expectPlain(grammar, again, large.image);
    }
  });

  it('follow tokens that a grammar names', async () => {
    const parts = ['a', 'b', 'ab', '"'].map((text) => new TextEncoder().encode(text));
    const image = buildImageFromBytes([...parts, null, null], [5]);
    const grammar = compile({ lark: 'start: "a" <[4]> "b" | <[2]> "a"' });
    const masks = await new MaskEngine(named(image)).precompute(grammar, { masks: 'all' });
    expect(masks.isComplete).toBe(true);
    expect(Array.from(masks.entries).some((word, i) => i % 4 === 1 && word >= 256)).toBe(true);
    const matcher = new MaskEngine(named(image)).open(loadGrammar(grammar.save({ masks })));
    const row = new Int32Array(1);
    const allowed = [0, 4, 1, 5].map((token) => {
      matcher.fill(row);
      expect(matcher.accept(token)).toBe(true);
      return row[0];
    });
    expect(allowed).toEqual([0b101, 0b10000, 0b10, 0b100000]);
  });

  it('come with a saved grammar and are used, whatever they are', async () => {
    const grammar = compile(finite);
    const engine = new MaskEngine(tokenizer);
    const masks = await engine.precompute(grammar, { masks: 'hot' });
    // Without the first mask's tokens: a mask that no computation gives shows where a row comes from.
    const [, , base, count] = masks.entries;
    expect([base, count]).toEqual([-1, expect.any(Number)]);
    const changed = { ...masks, entries: masks.entries.with(3, 0), tokens: masks.tokens.slice(count) };
    const fill = (loaded: CompiledGrammar, on: MaskEngine) => on.open(loaded).fill(new Int32Array(words));
    expect(fill(loadGrammar(grammar.save({ masks })), new MaskEngine(tokenizer))).toBe(count);
    expect(fill(loadGrammar(grammar.save({ masks: changed })), new MaskEngine(tokenizer))).toBe(0);
    const other = { ...changed, tokenizer: 'ffffffffffffffff' };
    expect(fill(loadGrammar(grammar.save({ masks: other })), new MaskEngine(tokenizer))).toBe(count);
  });

  it('are refused natively too when they do not hold together', async () => {
    const grammar = compile(finite);
    const masks = await new MaskEngine(tokenizer).precompute(grammar, { masks: 'hot', maxMasks: 30 });
    const addon = loadNative();
    const handle = addon.loadTokenizer(new Uint8Array(tokenizer.image.buffer));
    const loaded = addon.loadGrammar(grammar.image, handle, { maxConfigurations: 64, memo: true });
    const refused = (change: Partial<PrecomputedMasks>) => {
      const { entries, tokens, bases } = { ...masks, ...change };
      expect(() => addon.loadMasks(loaded, entries, tokens, bases)).toThrow(
        expect.objectContaining({ code: 'invalid_image' }),
      );
    };
    const last = masks.entries.length - 4;
    refused({ entries: masks.entries.slice(1) });
    refused({ entries: masks.entries.with(0, 0) });
    refused({ entries: masks.entries.with(last, last / 4) });
    refused({ entries: masks.entries.with(last + 1, 256 + tokenizer.vocabSize) });
    refused({ entries: masks.entries.with(last + 1, -5) });
    refused({ entries: masks.entries.with(last + 2, masks.bases.length) });
    refused({ entries: masks.entries.with(last + 3, masks.tokens.length + 1) });
    refused({ tokens: masks.tokens.with(1, masks.tokens[0]) });
    refused({ tokens: masks.tokens.with(0, tokenizer.vocabSize) });
    refused({ tokens: masks.tokens.with(0, -1) });
    refused({ tokens: Int32Array.of(...masks.tokens, 1) });
    refused({ bases: new Int32Array(words - 1) });
    expect(addon.loadMasks(loaded, masks.entries, masks.tokens, masks.bases)).toBe(30);
    // Known ones stay.
    expect(addon.loadMasks(loaded, masks.entries, masks.tokens, masks.bases)).toBe(0);
  });

  it('need a level that there is', async () => {
    const engine = new MaskEngine(tokenizer);
    const grammar = compile(finite);
    await expect(engine.prepare(grammar, { masks: 'most' as never })).rejects.toBeInstanceOf(RequestError);
    await expect(engine.prepare(grammar, { masks: 'all', maxMasks: -1 })).rejects.toMatchObject({
      param: 'maxMasks',
    });
  });
});

/** An image as MaskEngine takes it. */
function named(image: TokenizerImage): Tokenizer {
  return { image, vocabSize: image.vocabSize, tokenId: () => undefined } as unknown as Tokenizer;
}
