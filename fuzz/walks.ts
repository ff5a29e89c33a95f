// Random schemas, and random walks through their masks to the end: token by token, with the native matcher and the embedded
// model's vocabulary. ajv has to find every text valid, no walk may reach a mask without a token, and values that ajv finds
// valid have to be accepted in some order of their properties.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { type CompiledGrammar, compile } from '../src/compile/index.js';
import { CompileError } from '../src/errors.js';
import { type GrammarHandle, loadNative } from '../src/native/index.js';
import { Tokenizer } from '../src/tokenizer/index.js';
import { FORMATS, formatSchema } from '../test/support/format-schemas.js';
import {
  isDisputed,
  randomDocument,
  randomValue,
  textsOf,
  verdictOf,
} from '../test/support/keyword-schemas.js';
import { randomSchema, seededRandom } from '../test/support/random-schema.js';

const WALKS_PER_SCHEMA = 5;
const VALUES_PER_SCHEMA = 6;
/** A walk that is longer is not finished, and counted as such. */
const LONGEST = 600;
/** From here on a walk takes tokens that close something, where it can. */
const LATE = 40;
/** Numbers of more digits are not what ajv, which has doubles, compares. */
const DOUBLE_DIGITS = 15;

/** What came of the schemas, the walks and the values so far. */
export const counts = {
  schemas: 0,
  unsatisfiable: 0,
  refused: 0,
  walks: 0,
  unfinished: 0,
  'ajv fails': 0,
  'disputed unevaluatedProperties': 0,
  'beyond doubles': 0,
  'valid values': 0,
  'invalid values': 0,
};

const addon = loadNative();
const file = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../models/sprout/${name}.json`, import.meta.url), 'utf8'));
const tokenizer = Tokenizer.fromFiles({
  tokenizerJson: file('tokenizer'),
  tokenizerConfig: file('tokenizer_config'),
});
const ends = new Set(tokenizer.eosTokenIds);
const handle = addon.loadTokenizer(new Uint8Array(tokenizer.image.buffer));
const NO_BYTES = new Uint8Array();
const bytesOf = (token: number) => tokenizer.tokenBytes(token) ?? NO_BYTES;
const closers = Array.from({ length: tokenizer.vocabSize }, (_, token) =>
  /^["\]})]/.test(new TextDecoder().decode(bytesOf(token))),
);

export function fuzzWalks(seed: number): void {
  const random = seededRandom(seed);
  const kind = random();
  const schemas = kind < 0.6 ? randomDocument : kind < 0.8 ? randomSchema : formatSchema;
  const [schema] = fc.sample<unknown>(schemas, { seed, numRuns: 1 });
  const propertyOrder = random() < 0.5 ? 'schema' : 'any';
  try {
    walkSchema(schema, propertyOrder, random, seed);
  } catch (error) {
    console.error(propertyOrder, JSON.stringify(schema));
    throw error;
  }
}

function walkSchema(schema: unknown, propertyOrder: 'schema' | 'any', random: () => number, seed: number) {
  counts.schemas++;
  const validate = new Ajv2020({ strict: false, formats: FORMATS }).compile(schema as object);
  const values = fc.sample(randomValue, { seed: seed + 1, numRuns: VALUES_PER_SCHEMA });
  let grammar: CompiledGrammar;
  try {
    grammar = compile({ schema }, { propertyOrder, whitespace: random() < 0.5 ? 'compact' : 'flexible' });
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    counts[error.code === 'unsatisfiable' ? 'unsatisfiable' : 'refused']++;
    const valid = values.find((value) => error.code === 'unsatisfiable' && verdictOf(validate, value));
    if (valid !== undefined) throw new Error(`ajv finds a value: ${JSON.stringify(valid)}`);
    return;
  }
  const disputed = isDisputed(schema);
  // The formats of ajv's here take more than they should.
  const judged = JSON.stringify(schema).includes('"format":') ? [] : values;
  for (const value of judged) judgeValue(grammar, value, verdictOf(validate, value), disputed);
  const loaded = addon.loadGrammar(grammar.image, handle, { maxConfigurations: 4096, memo: true });
  for (let walk = 0; walk < WALKS_PER_SCHEMA; walk++) {
    const text = walkToEnd(loaded, random);
    if (text === undefined) counts.unfinished++;
    else judgeWalk(text, validate);
  }
}

/** A text that the grammar allows, by random tokens of its masks; undefined when it grows too long. */
function walkToEnd(grammar: GrammarHandle, random: () => number): string | undefined {
  const matcher = addon.openMatcher(grammar);
  const row = new Int32Array((tokenizer.vocabSize + 31) >>> 5);
  const text: number[] = [];
  const [end] = tokenizer.eosTokenIds;
  try {
    for (let steps = 0; steps < LONGEST; steps++) {
      if (matcher.fill(row) === 0) throw new Error(`dead end after ${show(text)}`);
      if (isAllowed(row, end) && (steps > LATE || random() < 0.3)) return show(text);
      const token = choose(row, steps > LATE, random);
      if (token === undefined) return show(text);
      if (!matcher.accept(token)) throw new Error(`an allowed token is refused after ${show(text)}`);
      text.push(...bytesOf(token));
    }
    return undefined;
  } finally {
    matcher.close();
  }
}

const isAllowed = (row: Int32Array, token: number) => ((row[token >>> 5] >>> (token & 31)) & 1) === 1;
const show = (text: readonly number[]) => new TextDecoder().decode(Uint8Array.from(text));

/** An allowed token other than the end; late, one that closes if there is any, or the shortest of some. */
function choose(row: Int32Array, late: boolean, random: () => number): number | undefined {
  const allowed: number[] = [];
  for (let token = 0; token < tokenizer.vocabSize; token++)
    if (!ends.has(token) && isAllowed(row, token)) allowed.push(token);
  if (allowed.length === 0) return undefined;
  const closing = late ? allowed.filter((token) => closers[token]) : [];
  const from = closing.length > 0 && random() < 0.9 ? closing : allowed;
  return from[Math.floor(random() * from.length)];
}

function judgeWalk(text: string, validate: (value: unknown) => unknown): void {
  counts.walks++;
  const verdict = verdictOf(validate, JSON.parse(text));
  if (verdict === undefined) counts['ajv fails']++;
  else if (!verdict) {
    const isExact = (number: string) => number.replace(/[-.]|[eE].*/g, '').length <= DOUBLE_DIGITS;
    const numbers = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[-+.\deE]*/g) ?? [];
    if (numbers.every(isExact)) throw new Error(`ajv finds invalid: ${text}`);
    counts['beyond doubles']++;
  }
}

function judgeValue(
  grammar: CompiledGrammar,
  value: unknown,
  valid: boolean | undefined,
  disputed: boolean,
): void {
  if (valid === undefined) {
    counts['ajv fails']++;
    return;
  }
  counts[valid ? 'valid values' : 'invalid values']++;
  const accepted = [...textsOf(value)].some((text) => grammar.test(text));
  if (disputed && valid && !accepted) counts['disputed unevaluatedProperties']++;
  else if (accepted !== valid)
    throw new Error(`${JSON.stringify(value)}: ajv finds it ${valid ? '' : 'in'}valid, the grammar does not`);
}
