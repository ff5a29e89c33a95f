// Saved grammars: what comes back, and what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contentHash } from '../../src/automata/index.js';
import { g } from '../../src/builder/index.js';
import {
  type CompiledGrammar,
  compile,
  loadGrammar,
  maskCount,
  type PrecomputedMasks,
} from '../../src/compile/index.js';
import { CompileError, RequestError } from '../../src/errors.js';
import { bytes } from '../../src/grammar/index.js';
import { savedMasks as masks } from '../support/saved-masks.js';

const schema = {
  type: 'object',
  properties: { a: { type: 'string', format: 'color' }, b: { type: 'integer' } },
};

function same(loaded: CompiledGrammar, grammar: CompiledGrammar): void {
  expect(loaded.image).toEqual(grammar.image);
  expect(loaded.hash).toBe(grammar.hash);
  expect(loaded.annotations).toEqual(grammar.annotations);
  expect(loaded.unenforced).toEqual(grammar.unenforced);
}

describe('a saved grammar', () => {
  it('comes back with its notes, limits, values and explanations', () => {
    for (const [source, text] of [
      [{ schema }, '{"b":2}'],
      [{ schema: '{"type": "null"}' }, 'null'],
      [{ regex: 'a+', flags: 'i' }, 'aA'],
      [{ gbnf: 'start ::= "x" | "y" start', root: 'start' }, 'yx'],
      [{ lark: 'start: "a" B+\nB: /b/\n', lexer: 'basic' as const }, 'abb'],
      [{ structuralTag: { type: 'structural_tag', format: { type: 'const_string', value: 'v' } } }, 'v'],
    ] as const) {
      const grammar = compile(source, { maxConfigurations: 77 });
      const loaded = loadGrammar(grammar.save());
      same(loaded, grammar);
      expect(loaded.toString()).toBe(grammar.toString());
      expect(loaded.explain()).toEqual(grammar.explain());
      if (!('lexer' in source)) expect(loaded.railroad()).toBe(grammar.railroad());
      expect(loaded.parse(text)).toEqual(grammar.parse(text));
      expect(loaded.explainText('?')).toEqual(grammar.explainText('?'));
      expect(loaded.save()).toEqual(grammar.save());
    }
  });

  it('is told apart from its source where that is code, and asks for what its texts stand for', () => {
    const even = z.object({ n: z.int().refine((n) => n % 2 === 0, 'must be even') });
    const expression = g.seq('a', g.json({ type: 'integer' }));
    for (const [grammar, text] of [
      [compile(even), '{"n":2}'],
      [compile(expression), 'a12'],
    ] as const) {
      const loaded = loadGrammar(grammar.save());
      same(loaded, grammar as CompiledGrammar);
      expect(loaded.test(text)).toBe(true);
      expect(() => loaded.parse(text)).toThrow(RequestError);
      const told = loadGrammar(grammar.save(), { reading: (found) => found.length });
      expect(told.parse(text)).toBe(text.length);
      expect(() => loadGrammar(told.save()).parse(text)).toThrow(/reading/);
    }
    const plain = loadGrammar(compile({ grammar: { rules: [], start: bytes('ab') } }).save());
    expect(plain.parse('ab')).toBe('ab');
    expect(plain.explain().source).toBe('image');
  });

  it('carries masks', () => {
    const saved = compile({ schema }).save({ masks });
    const loaded = loadGrammar(saved);
    expect(loaded.masks).toEqual(masks);
    expect(maskCount(masks)).toBe(3);
    expect(loadGrammar(compile({ schema }).save()).masks).toBeUndefined();
    expect(loaded.test('{"b":1}')).toBe(true);
  });

  it('is read wherever its bytes lie, and not changed by a later write', () => {
    const grammar = compile({ schema });
    const saved = grammar.save();
    const shifted = new Uint8Array(saved.length + 1);
    shifted.set(saved, 1);
    const loaded = loadGrammar(shifted.subarray(1));
    shifted.fill(0);
    same(loaded, grammar);
    expect(loaded.test('{"b":1}')).toBe(true);
  });

  it('is refused with any bit changed, cut off, or when it is something else', () => {
    const saved = compile({ schema }).save({ masks });
    fc.assert(
      fc.property(fc.nat(saved.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const copy = saved.slice();
        copy[at] ^= change;
        expect(() => loadGrammar(copy)).toThrow(CompileError);
      }),
    );
    for (const length of [0, 3, 64, saved.length - 4])
      expect(() => loadGrammar(saved.slice(0, length))).toThrow(CompileError);
    for (const other of [compile({ schema }).image, new Uint8Array(256), 'text' as never, undefined as never])
      expect(() => loadGrammar(other)).toThrow(/not a usable saved grammar/);
  });

  it('is refused with masks that do not hold together, though the hash fits', () => {
    const refused = (change: Partial<PrecomputedMasks>) => {
      const saved = compile({ schema }).save({ masks: { ...masks, ...change } });
      expect(() => loadGrammar(saved)).toThrow(/masks of a saved grammar are not usable/);
    };
    const entries = (at: number, value: number) => ({ entries: masks.entries.with(at, value) });
    const tokens = (at: number, value: number) => ({ tokens: masks.tokens.with(at, value) });
    refused(entries(0, 0)); // the start has a parent
    refused(entries(4, 1)); // its own parent
    refused(entries(9, 256 + 40)); // a token outside the vocabulary
    refused(entries(9, -1));
    refused(entries(6, 2)); // a base that is not there
    refused(entries(3, 3)); // tokens of another mask
    refused(entries(7, 3)); // more tokens than there are
    refused(tokens(1, 3)); // a token twice
    refused(tokens(2, 1)); // one that the base has
    refused(tokens(0, 40));
    refused({ bases: masks.bases.with(1, 1 << 8) }); // a bit beyond the vocabulary
    refused({ tokens: Int32Array.of(3, 39, 0, 1) }); // left over
  });

  it('is refused with details that are not what they should be, though the hash fits', () => {
    const grammar = compile({ regex: 'saved' });
    const saved = grammar.save();
    const text = Buffer.from(saved).toString('latin1');
    for (const [from, to] of [
      ['"reading":"text"', '"reading":"xxxx"'],
      ['"isBytes":true', '"isBytes":1234'],
      ['"annotations":[]', '"annotations":12'],
      ['"job":{', '"job":['],
      ['"options":"{}"', '"options":"[]"'],
    ]) {
      expect(text).toContain(from);
      const copy = Uint8Array.from(text.replace(from, to), (character) => character.charCodeAt(0));
      const words = new Int32Array(copy.buffer);
      words.set(contentHash(words), 8);
      expect(() => loadGrammar(copy)).toThrow(/details/);
    }
  });
});
