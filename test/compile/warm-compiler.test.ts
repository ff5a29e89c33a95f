// Warming up goes through every kind of schema and format, and ends when told to.
import { describe, expect, test } from 'vitest';
import { compile, warmCompiler } from '../../src/compile/index.js';
import { warmOverlaps } from '../../src/compile/warm-overlaps.js';
import { warmRarities } from '../../src/compile/warm-rarities.js';
import { FORMAT_SCHEMAS, warmSchemas } from '../../src/compile/warm-schemas.js';
import { variedSchema } from '../../src/compile/warm-varied.js';
import { CompileError } from '../../src/errors.js';

describe('schemas of the warm-up', () => {
  test.each(['schema', 'any'] as const)('all compile, in order %s', (propertyOrder) => {
    for (const schema of [
      ...[0, 35].flatMap((seed) => [...warmSchemas(seed), ...warmOverlaps(seed)]),
      ...FORMAT_SCHEMAS,
    ])
      expect(compile({ schema }, { propertyOrder }).annotations).toEqual([]);
  });

  test.each([
    'schema',
    'any',
  ] as const)('of rare forms are refused where they are to be, in order %s', (propertyOrder) => {
    for (let seed = 0; seed < 8; seed++) {
      const schemas = warmRarities(seed);
      const refused = schemas.filter((schema) => {
        try {
          compile({ schema }, { propertyOrder });
          return false;
        } catch (error) {
          expect(error).toBeInstanceOf(CompileError);
          return true;
        }
      });
      expect(refused).toEqual(schemas.slice(-1));
    }
  });

  test('of varied forms nearly all compile, the others are refused by name', () => {
    const COUNT = 150;
    let compiled = 0;
    for (let seed = 0; seed < COUNT; seed++) {
      try {
        compile({ schema: variedSchema(seed) });
        compiled++;
      } catch (error) {
        expect(error).toBeInstanceOf(CompileError);
      }
    }
    expect(compiled / COUNT).toBeGreaterThan(0.95);
  });

  test('a seed has one form, and each its own', () => {
    const texts = Array.from({ length: 100 }, (_, seed) => JSON.stringify(variedSchema(seed)));
    expect(new Set(texts).size).toBe(texts.length);
    expect(JSON.stringify(variedSchema(7))).toBe(texts[7]);
  });

  test('no two rounds have a schema in common', () => {
    const round = (seed: number) =>
      [...warmSchemas(seed), ...warmOverlaps(seed), ...warmRarities(seed)].map((schema) =>
        JSON.stringify(schema),
      );
    expect(new Set([...round(1), ...round(2)]).size).toBe(2 * round(1).length);
  });
});

describe('warmCompiler', () => {
  test('ends with its time', async () => {
    expect(await warmCompiler({ maxMillis: 0 })).toBe(0);
  });

  test('ends when told to, between two schemas', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 1);
    const count = await warmCompiler({ signal: stop.signal, maxMillis: 60_000 });
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(warmSchemas(0).length);
  });
});
