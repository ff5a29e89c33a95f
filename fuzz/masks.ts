// MaskBench's schemas and instances over a real vocabulary: the native mask with every shortcut, against the native walk of
// the whole vocabulary, at every position; and against the portable masks, those from lexemes and, at some positions, those
// of the walk. A case is one schema.
import { deepStrictEqual, strictEqual } from 'node:assert';
import { maskbench } from '../bench/conformance/adapters/maskbench.js';
import { LimitError } from '../src/errors.js';
import { type Matcher, MatcherFactory } from '../src/matcher/index.js';
import { loadNative, type NativeMatcher, type TokenizerHandle } from '../src/native/index.js';
import type { Tokenizer } from '../src/tokenizer/index.js';
import { seededRandom } from '../test/support/random-schema.js';
import { compileOrSkip, loadMaskbench } from './maskbench-source.js';

/** Positions of one instance that the portable walk is asked about: it takes milliseconds. */
const PORTABLE_SHARE = 0.02;
/** Positions of one instance that are compared. */
const NATIVE_SHARE = 0.25;

let loaded: { tokenizer: Tokenizer; handle: TokenizerHandle; lines: string[] } | undefined;

function load() {
  if (loaded) return loaded;
  const { tokenizer, lines } = loadMaskbench();
  const handle = loadNative().loadTokenizer(new Uint8Array(tokenizer.image.buffer));
  loaded = { tokenizer, handle, lines };
  return loaded;
}

export function fuzzMasks(seed: number): void {
  const { tokenizer, handle, lines } = load();
  const random = seededRandom(seed);
  const line = lines[Math.floor(random() * lines.length)];
  const [{ source, judgements }] = maskbench.cases(JSON.parse(line), line, { order: 'schema' });
  const propertyOrder = random() < 0.5 ? 'any' : 'schema';
  const grammar = compileOrSkip(source!, propertyOrder);
  if (!grammar) return;
  const addon = loadNative();
  const [fast, plain] = [true, false].map((memo) =>
    addon.loadGrammar(grammar.image, handle, { maxConfigurations: 4096, memo }),
  );
  for (const { text } of judgements.slice(0, 3)) {
    const matchers = { fast: addon.openMatcher(fast), plain: addon.openMatcher(plain) };
    const portable = new MatcherFactory(grammar.machine, tokenizer, { maxMaskBytes: 0 }).open();
    const lexemes = grammar.matcher(tokenizer);
    const rows = { fast: new Int32Array(portable.words), other: new Int32Array(portable.words) };
    const tokens = tokenizer.encode(String(text), { addSpecialTokens: false });
    try {
      compare(tokens, random, { ...matchers, portable, lexemes }, rows);
    } catch (error) {
      // Too ambiguous here, by a named limit: a walk that reads more meets it earlier.
      if ((error as { code?: string }).code !== 'limit_exceeded' && !(error instanceof LimitError))
        throw error;
    }
    matchers.fast.close();
    matchers.plain.close();
  }
}

function compare(
  tokens: Int32Array,
  random: () => number,
  matchers: { fast: NativeMatcher; plain: NativeMatcher; portable: Matcher; lexemes: Matcher },
  rows: { fast: Int32Array; other: Int32Array },
): void {
  const { fast, plain, portable, lexemes } = matchers;
  const expectSame = (allowed: number, other: number) => {
    strictEqual(other, allowed);
    deepStrictEqual(rows.fast, rows.other);
  };
  for (const token of tokens) {
    const allowed = fast.fill(rows.fast);
    if (random() < NATIVE_SHARE) expectSame(allowed, plain.fill(rows.other));
    if (random() < NATIVE_SHARE) expectSame(allowed, lexemes.fill(rows.other));
    if (random() < PORTABLE_SHARE) expectSame(allowed, portable.fill(rows.other));
    const isAllowed = ((rows.fast[token >> 5] >>> (token & 31)) & 1) === 1;
    for (const matcher of [fast, plain, portable, lexemes]) strictEqual(matcher.accept(token), isAllowed);
    if (!isAllowed) break;
  }
}
