// Masks put together from lexemes against walkMask, the plain definition, at every position of random sentences over
// random vocabularies; and the bounds of what is remembered.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigurationSet, Machine, openPda } from '../../src/automata/index.js';
import {
  type CompiledGrammar,
  type CompileOptions,
  compile,
  type GrammarSource,
} from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import { prepareGrammar, toPda } from '../../src/grammar/index.js';
import { LexemeTable, Masks, maskWords, walkMask } from '../../src/masks/index.js';
import { buildImageFromBytes, type TokenizerImage } from '../../src/tokenizer/index.js';
import { largeVocabulary } from '../support/large-vocabulary.js';
import { LEXEME_SCHEMAS } from '../support/lexeme-schemas.js';
import { randomSchema, randomSentence, seededRandom } from '../support/random-schema.js';
import { randomTokens, randomVocabulary } from '../support/random-vocabulary.js';
import { registerGrammar } from '../support/register-grammars.js';

const encoder = new TextEncoder();

function compileOrSkip(source: GrammarSource, options: CompileOptions = {}): CompiledGrammar | undefined {
  try {
    return compile(source, options);
  } catch (error) {
    if (error instanceof CompileError && error.code === 'unsatisfiable') return undefined;
    throw error;
  }
}

/** Sentences of a machine, of which some reach far into its counters. */
function sentencesOf(machine: Machine, random: () => number, number = 4): Uint8Array[] {
  return Array.from({ length: number }, (_, i) => randomSentence(machine, random, 40 + 60 * i)).filter(
    (sentence) => sentence !== undefined,
  );
}

/** Compares at every position of the sentence, cut into random tokens. The walk runs on a machine of its own. */
function compareAlong(
  masks: Masks,
  machine: Machine,
  image: TokenizerImage,
  tokenSets: readonly Int32Array[],
  tokens: readonly number[],
): void {
  const plain = new Machine(machine.pda);
  const row = new Int32Array(maskWords(image.vocabSize));
  const expected = new Int32Array(row.length);
  let here = machine.start;
  let there = plain.start;
  for (let at = 0; at <= tokens.length; at++) {
    row.fill(-1);
    const allowed = masks.fill(here, row);
    expect(allowed).toBe(walkMask(plain, there, image, tokenSets, expected));
    expect(row).toEqual(expected);
    if (at === tokens.length) return;
    const token = tokens[at];
    expect((row[token >>> 5] >>> (token & 31)) & 1).toBe(1);
    for (let i = image.tokenByteStart[token]; i < image.tokenByteStart[token + 1]; i++) {
      here = machine.step(here, image.tokenBytes[i]) as ConfigurationSet;
      there = plain.step(there, image.tokenBytes[i]) as ConfigurationSet;
    }
  }
}

/** Counts how many masks each way answered. */
function compareGrammar(pda: CompiledGrammar['image'], seed: number, counts = { lexemes: 0, walks: 0 }) {
  const random = seededRandom(seed);
  const machine = new Machine(openPda(pda));
  const sentences = sentencesOf(machine, random);
  const image = randomVocabulary(sentences, random);
  const masks = new Masks(machine, image, []);
  for (const sentence of sentences)
    compareAlong(masks, machine, image, [], randomTokens(sentence, image, random));
  counts.lexemes += masks.counts.lexemes;
  counts.walks += masks.counts.walks;
  return sentences.length;
}

const string = (more: object) => ({ type: 'string', ...more });

/** Where counters, patterns, keys and tracked values meet. */
const SCHEMAS: readonly unknown[] = [
  string({}),
  string({ maxLength: 3 }),
  string({ minLength: 3, maxLength: 40 }),
  string({ minLength: 2 }),
  string({ pattern: '^[a-f]{2,9}$' }),
  string({ pattern: '^[a-z]{1,4}(-[0-9]{1,3})?$' }),
  string({ pattern: '^([A-C]{2}|x)*$', maxLength: 9 }),
  string({ pattern: '^é{1,5}[^a]*$', minLength: 3, maxLength: 12 }),
  string({ pattern: '^(ab?){2,6}c{0,20}$' }),
  string({ format: 'date-time' }),
  { type: 'array', items: string({ maxLength: 4 }), minItems: 1, maxItems: 4 },
  { type: 'array', items: { enum: ['a', 'b', 'abc', 1, 2.5] }, uniqueItems: true, maxItems: 3 },
  { type: 'array', items: string({ maxLength: 5 }), uniqueItems: true, maxItems: 3 },
  { type: 'object', properties: { name: { type: 'number' }, nam: { type: 'null' } } },
  { type: 'object', propertyNames: { maxLength: 5 }, additionalProperties: string({ minLength: 1 }) },
  {
    type: 'object',
    patternProperties: { '^x-': { type: 'boolean' } },
    additionalProperties: { type: 'null' },
  },
  { anyOf: [string({ maxLength: 5 }), string({ pattern: '^a' }), { type: 'object' }] },
  { type: 'integer', minimum: -120, maximum: 4700 },
];

const TOKENS_FORMAT = { type: 'token', token: 5 };

/** A walk through an object with strings, in a vocabulary in which lexemes have rows. */
function position(image: TokenizerImage, schema: unknown, text: string) {
  const machine = new Machine(openPda(compile({ schema }).image));
  let set = machine.start;
  for (const byte of encoder.encode(text)) set = machine.step(set, byte) as ConfigurationSet;
  return { machine, set, row: new Int32Array(maskWords(image.vocabSize)) };
}

/** Whether the row allows the token that has exactly this text. */
function isAllowed(image: TokenizerImage, row: Int32Array, text: string): boolean {
  const bytes = encoder.encode(text);
  const token = Array.from(image.tokenFlags.keys()).find((id) => {
    const own = image.tokenBytes.subarray(image.tokenByteStart[id], image.tokenByteStart[id + 1]);
    return own.length === bytes.length && own.every((byte, i) => byte === bytes[i]);
  })!;
  return ((row[token >>> 5] >>> (token & 31)) & 1) === 1;
}

describe('what masks remember', () => {
  const image = largeVocabulary(seededRandom(1));

  it('answers inside a string from the lexeme, then from memory', () => {
    const { machine, set, row } = position(image, { type: 'string' }, '"a');
    const masks = new Masks(machine, image, []);
    masks.fill(set, row);
    const first = row.slice();
    masks.fill(set, row);
    expect(masks.counts).toEqual({ remembered: 1, lexemes: 1, walks: 0 });
    expect(row).toEqual(first);
  });

  it('divides a vocabulary with tokens of a thousand bytes', () => {
    const texts = ['ab'.repeat(500), ...'abcdx"', 'abc', 'cab', 'd'.repeat(999), 'x'.repeat(999)];
    const long = buildImageFromBytes([...texts.map((text) => encoder.encode(text)), null], [texts.length]);
    for (const pattern of ['^(ab|c)*$', '^a(ab|c)*x$', '^(d*|d[^d]*c)$', '^c.*$']) {
      const { machine, set, row } = position(long, string({ pattern }), '"');
      const expected = new Int32Array(row.length);
      const allowed = walkMask(machine, set, long, [], expected);
      expect([pattern, new Masks(machine, long, []).fill(set, row), row]).toEqual([
        pattern,
        allowed,
        expected,
      ]);
    }
  });

  it.each([
    [string({}), '["one","an', []],
    [string({}), '["one","o', []],
    [string({ pattern: '^(a|[^a].*)$' }), '["a","', ['a']],
    [string({ pattern: '^(na|x?)$' }), '["na","x","', ['na', 'x']],
  ])('answers inside a string that must differ without a walk: %j %s', (items, text, refused) => {
    const schema = { type: 'array', items, uniqueItems: true };
    const { machine, set, row } = position(image, schema, text);
    const masks = new Masks(machine, image, []);
    const expected = new Int32Array(row.length);
    expect(masks.fill(set, row)).toBe(walkMask(machine, set, image, [], expected));
    expect(row).toEqual(expected);
    expect(masks.counts).toEqual({ remembered: 0, lexemes: 1, walks: 0 });
    for (const token of refused) expect(isAllowed(image, row, token)).toBe(false);
    expect(isAllowed(image, row, 'x')).toBe(!refused.includes('x'));
  });

  it('divides a lexeme once for all grammars of a vocabulary', () => {
    const table = new LexemeTable(image);
    const fill = (schema: unknown) => {
      const { machine, set, row } = position(image, schema, '{"a":"x');
      new Masks(machine, image, [], undefined, table).fill(set, row);
      return table.bytes;
    };
    const object = (more: object) => ({ type: 'object', properties: { a: { type: 'string' } }, ...more });
    const bytes = fill(object({}));
    expect(fill(object({ additionalProperties: false }))).toBe(bytes);
  });

  it('stays within its bounds, with the same masks', () => {
    const schema = { type: 'array', items: string({ minLength: 1, maxLength: 200 }) };
    const machine = new Machine(openPda(compile({ schema }).image));
    const text = encoder.encode(`["${'ab1é'.repeat(12)}","x`);
    const run = (table: LexemeTable, maxBytes?: number) => {
      const random = seededRandom(5);
      const masks = new Masks(machine, image, [], maxBytes, table);
      const sizes = [0, 1, 2].map(() => {
        compareAlong(masks, machine, image, [], randomTokens(text, image, random));
        return table.bytes;
      });
      return { masks, sizes };
    };
    const free = run(new LexemeTable(image));
    const all = free.sizes[2];
    expect(free.sizes[0]).toBeLessThanOrEqual(all);
    const bound = Math.floor(all * 0.75);
    const { masks, sizes } = run(new LexemeTable(image, { maxBytes: bound }), 20_000);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(bound);
    expect(masks.bytes).toBeLessThanOrEqual(20_000);
    expect(free.masks.bytes).toBeGreaterThan(20_000);
    expect(masks.counts.lexemes).toBeGreaterThan(free.masks.counts.lexemes);
  });

  it('is nothing when it may be nothing', () => {
    const { machine, set, row } = position(image, { type: 'string' }, '"a');
    const masks = new Masks(machine, image, [], 0);
    masks.fill(set, row);
    masks.fill(set, row);
    expect(masks.counts).toEqual({ remembered: 0, lexemes: 0, walks: 2 });
  });
});

describe('masks from lexemes', () => {
  it('are those of the walk for random schemas', () => {
    const counts = { lexemes: 0, walks: 0 };
    fc.assert(
      fc.property(randomSchema, fc.integer(), fc.boolean(), (schema, seed, anyOrder) => {
        const grammar = compileOrSkip({ schema }, anyOrder ? { propertyOrder: 'any' } : {});
        fc.pre(grammar !== undefined);
        fc.pre(compareGrammar(grammar!.image, seed, counts) > 0);
      }),
      { numRuns: 150 },
    );
    expect(counts.lexemes).toBeGreaterThan(100);
  }, 120_000);

  it.each(SCHEMAS.map((schema) => [JSON.stringify(schema)]))('are those of the walk for %s', (text) => {
    const grammar = compile({ schema: JSON.parse(text) });
    let sentences = 0;
    for (let seed = 1; seed <= 6; seed++) sentences += compareGrammar(grammar.image, seed);
    expect(sentences).toBeGreaterThan(0);
  });

  it('are those of the walk in a large vocabulary', () => {
    const random = seededRandom(7);
    const image = largeVocabulary(random);
    const table = new LexemeTable(image);
    for (const schema of SCHEMAS) {
      const machine = new Machine(openPda(compile({ schema }).image));
      const masks = new Masks(machine, image, [], undefined, table);
      for (const sentence of sentencesOf(machine, random, 2).slice(0, 2))
        compareAlong(masks, machine, image, [], randomTokens(sentence.slice(0, 60), image, random));
    }
  }, 120_000);

  it.each([1, 40_000, 400_000])('are those of the walk when caches hold %i bytes', (maxBytes) => {
    const random = seededRandom(13);
    const image = largeVocabulary(random);
    const table = new LexemeTable(image, { maxBytes });
    const opened = LEXEME_SCHEMAS.map((schema) => {
      const machine = new Machine(openPda(compile({ schema }).image));
      const masks = new Masks(machine, image, [], Math.ceil(maxBytes / 20), table);
      return { machine, masks, sentences: sentencesOf(machine, random, 2) };
    });
    // One after the other, so that each finds what the others have left of its lexemes.
    for (let i = 0; i < 2; i++)
      for (const { machine, masks, sentences } of opened)
        if (i < sentences.length)
          compareAlong(masks, machine, image, [], randomTokens(sentences[i].slice(0, 60), image, random));
    for (const { masks } of opened) expect(masks.bytes).toBeLessThanOrEqual(Math.ceil(maxBytes / 20));
  }, 120_000);

  it('are those of the walk for structural tags', () => {
    const schema = { type: 'object', properties: { n: { type: 'string', maxLength: 9 } } };
    const content = { type: 'json_schema', json_schema: schema };
    const tags = [{ type: 'tag', begin: '<f>', content, end: '</f>' }];
    const format = { type: 'triggered_tags', triggers: ['<f'], tags };
    const grammar = compile({ structuralTag: { type: 'structural_tag', format } });
    for (let seed = 1; seed <= 4; seed++) expect(compareGrammar(grammar.image, seed)).toBeGreaterThan(0);
  });

  it('take tokens that are read as tokens, and the end of sequence', () => {
    const grammar = compile({ structuralTag: { type: 'structural_tag', format: TOKENS_FORMAT } });
    const image = randomVocabulary([], seededRandom(3));
    const tokenSets = [Int32Array.of(5, 9)];
    const machine = new Machine(openPda(grammar.image));
    expect(machine.tokenSets(machine.start).size).toBeGreaterThan(0);
    compareAlong(new Masks(machine, image, tokenSets), machine, image, tokenSets, []);
  });

  it('are those of the walk for grammars with marks and known values', () => {
    fc.assert(
      fc.property(registerGrammar, fc.integer(), ({ grammar }, seed) => {
        const random = seededRandom(seed);
        const machine = new Machine(toPda(prepareGrammar(grammar)));
        const sentences = sentencesOf(machine, random);
        const image = randomVocabulary(sentences, random);
        const masks = new Masks(machine, image, []);
        for (const sentence of sentences)
          compareAlong(masks, machine, image, [], randomTokens(sentence, image, random));
      }),
      { numRuns: 60 },
    );
  });
});
