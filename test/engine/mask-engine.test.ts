// Masks without a model runner: batches over threads, drafts, bounded memory, misuse.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { MaskEngine } from '../../src/engine/index.js';
import { Tokenizer } from '../../src/tokenizer/index.js';

const file = fileURLToPath(new URL('../../models/sprout/tokenizer.json', import.meta.url));
const tokenizer = Tokenizer.fromFiles({ tokenizerJson: JSON.parse(readFileSync(file, 'utf8')) });
const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });
const schemas = [
  { type: 'object', properties: { name: { type: 'string', maxLength: 9 }, n: { type: 'integer' } } },
  { type: 'array', items: { type: 'string', pattern: '^[a-z]{2,}-[0-9]+$', minLength: 5 } },
  { type: 'array', items: { enum: ['a', 'b', 1] }, uniqueItems: true },
  { type: 'object', additionalProperties: { type: 'number', minimum: -3 } },
];
const texts = ['{"name": "ann", "n": 7}', '["ab-12", "cde-23"]', '["a", 1]', '{"x": 1.5, "y": -2}'];

describe('MaskEngine', () => {
  it('fills many rows on many threads as one matcher does alone', () => {
    const engine = new MaskEngine(tokenizer);
    const grammars = schemas.map((schema) => compile({ schema }));
    const open = () => Array.from({ length: 32 }, (_, i) => engine.open(grammars[i % 4]));
    const together = open();
    const alone = open();
    const rows = new Int32Array(32 * engine.words);
    const row = new Int32Array(engine.words);
    for (let position = 0; position < 12; position++) {
      const counts = engine.fill(together, rows, 8);
      for (const [i, matcher] of alone.entries()) {
        expect(matcher.fill(row)).toBe(counts[i]);
        expect(rows.subarray(i * engine.words, (i + 1) * engine.words)).toEqual(row);
        const token = encode(texts[i % 4])[position];
        if (token === undefined) continue;
        expect(matcher.accept(token)).toBe(true);
        expect(together[i].accept(token)).toBe(true);
      }
    }
  });

  it('gives the same masks when it may remember nearly nothing', () => {
    const roomy = new MaskEngine(tokenizer);
    const narrow = new MaskEngine(tokenizer, { maxLexemeBytes: 1 });
    const rows = [new Int32Array(roomy.words), new Int32Array(roomy.words)];
    for (let round = 0; round < 3; round++)
      for (const [i, schema] of schemas.entries()) {
        const grammar = compile({ schema });
        const matchers = [roomy.open(grammar), narrow.open(grammar)];
        for (const token of encode(texts[i])) {
          expect(matchers[0].fill(rows[0])).toBe(matchers[1].fill(rows[1]));
          expect(rows[0]).toEqual(rows[1]);
          for (const matcher of matchers) expect(matcher.accept(token)).toBe(true);
        }
      }
  });

  it('validates a draft without moving', () => {
    const engine = new MaskEngine(tokenizer);
    const matcher = engine.open(compile({ schema: schemas[0] }));
    const tokens = encode(texts[0]);
    expect(matcher.validate(tokens)).toBe(tokens.length);
    expect(matcher.validate(Int32Array.of(...tokens, tokens[0]))).toBe(tokens.length);
    expect(matcher.validate(Int32Array.of(-1))).toBe(0);
    for (const token of tokens) expect(matcher.accept(token)).toBe(true);
    expect(matcher.isAccepting).toBe(true);
  });

  it('counts every mask once, by the path that answered it', () => {
    const engine = new MaskEngine(tokenizer);
    const row = new Int32Array(engine.words);
    const tracked = { type: 'array', items: { type: 'string' }, uniqueItems: true };
    const grammars = [...schemas, tracked].map((schema) => compile({ schema }));
    const outputs = [...texts, '["abc", "abd", "xyz"]'];
    const masks = () =>
      Object.fromEntries(Object.entries(engine.stats().paths).map(([name, path]) => [name, path.masks]));
    let filled = 0;
    for (let round = 0; round < 2; round++) {
      const before = masks();
      for (const [i, grammar] of grammars.entries()) {
        const matcher = engine.open(grammar);
        for (const token of encode(outputs[i])) {
          matcher.fill(row);
          filled++;
          matcher.accept(token);
        }
        matcher.close();
      }
      const after = masks();
      expect(engine.stats().masks).toBe(filled);
      // What the first round puts together the second remembers.
      if (round === 0)
        for (const path of ['lexemes', 'tracked', 'walks', 'divisions'])
          expect(after[path]).toBeGreaterThan(0);
      else expect(after).toEqual({ ...before, remembered: before.remembered + filled / 2 });
    }
    const { paths, lexemes, rows } = engine.stats();
    const shares = Object.values(paths).reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1);
    for (const { p50Micros, p99Micros, maxMicros } of Object.values(paths)) {
      expect(p50Micros).toBeLessThanOrEqual(p99Micros);
      expect(p99Micros).toBeLessThanOrEqual(maxMicros);
    }
    expect(lexemes.bytes).toBeGreaterThan(0);
    expect(rows.grammars).toBe(5);
    expect(engine.memory(grammars[0])?.rowBytes).toBeGreaterThan(0);
    expect(engine.memory(compile({ regex: 'never opened' }))).toBeUndefined();
  });

  it('refuses rows that are too short and a matcher given twice', () => {
    const engine = new MaskEngine(tokenizer);
    const matcher = engine.open(compile({ schema: schemas[0] }));
    expect(() => engine.fill([matcher], new Int32Array(engine.words - 1))).toThrow(/mask rows need/);
    expect(() => engine.fill([matcher, matcher], new Int32Array(2 * engine.words))).toThrow(
      /one row at a time/,
    );
    expect(() => matcher.fill(new Float64Array(4) as never)).toThrow(TypeError);
    expect(() => matcher.accept('x' as never)).toThrow(TypeError);
  });
});
