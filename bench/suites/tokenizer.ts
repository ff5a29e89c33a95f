// What opening a tokenizer costs: its image built, everything made from the files, opened from the cache by the native
// reader and the portable one; and what warming takes and saves. For the given vocabulary and a made one of 262,144.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../src/compile/index.js';
import { warmTokenizer } from '../../src/engine/index.js';
import { hasNative, loadNative } from '../../src/native/index.js';
import { buildTokenizerImage, type Tokenizer } from '../../src/tokenizer/index.js';
import {
  type OpenedTokenizer,
  type OpenTokenizerOptions,
  openTokenizer,
} from '../../src/tokenizer-files/index.js';
import { largeTokenizer } from '../../test/support/large-tokenizer.js';
import type { BenchOptions } from '../options.js';

const LARGE = 262_144;
const root = new URL('../../', import.meta.url);

export const name = 'tokenizer';
export const description =
  'opening a tokenizer: image built, from the files, from the cache; warming its lexemes';

export async function run({ quick, log, tokenizer }: BenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'));
  try {
    const large = join(folder, 'tokenizer.json');
    writeFileSync(large, JSON.stringify(largeTokenizer(LARGE)));
    const given = tokenizer ?? fileURLToPath(new URL('models/sprout/tokenizer.json', root));
    const rounds = quick ? 3 : 9;
    return {
      given: await measure(given, join(folder, 'given'), rounds, log),
      large: await measure(large, join(folder, 'large'), rounds, log),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Milliseconds, medians; ways to open are taken in turn. */
async function measure(file: string, cache: string, rounds: number, log: BenchOptions['log']) {
  const ways: Record<string, OpenTokenizerOptions> = {
    files: { cache: false },
    portable: { cache, addon: null },
    ...(hasNative() && { mapped: { cache } }),
  };
  const { tokenizer } = openTokenizer(file, { cache });
  const times: Record<string, number[]> = {};
  const timed = <T>(what: string, work: () => T): T => {
    const start = performance.now();
    const result = work();
    (times[what] ??= []).push(performance.now() - start);
    return result;
  };
  for (let round = 0; round < rounds; round++) {
    timed('image', () => rebuild(tokenizer));
    for (const [way, options] of Object.entries(ways)) {
      const opened: OpenedTokenizer = timed(way, () => openTokenizer(file, options));
      if (way === 'mapped') timed('prepare', () => opened.tokenizer.prepare());
    }
  }
  if (hasNative()) for (let round = 0; round < rounds; round++) await measureWarming(tokenizer, times);
  const figures = Object.fromEntries(Object.entries(times).map(([what, list]) => [what, median(list)]));
  const { nodeCount, buffer } = tokenizer.image;
  log(
    `${tokenizer.vocabSize} tokens, ${nodeCount} nodes, ${(buffer.byteLength / 1e6).toFixed(1)} MB; ms, median of ${rounds}`,
  );
  for (const [what, millis] of Object.entries(figures))
    log(`  ${(labels[what] ?? what).padEnd(52)} ${millis.toFixed(2).padStart(9)}`);
  return { vocabSize: tokenizer.vocabSize, nodeCount, imageBytes: buffer.byteLength, ...figures };
}

const labels: Record<string, string> = {
  image: 'image built from the tokens (TypeScript)',
  files: 'opened from the files',
  portable: 'opened from the cache, portable reader',
  mapped: 'opened from the cache, mapped',
  prepare: 'then tokenizer.json read for encoding',
  warming: 'warming, beside other work',
  coldMask: 'worst mask of a string and a counted one, cold',
  warmMask: 'the same, warm',
};

function rebuild(tokenizer: Tokenizer): void {
  buildTokenizerImage({
    bytes: (id) => tokenizer.tokenBytes(id),
    flag: (id) => (tokenizer.isSpecial(id) ? 1 : tokenizer.tokenBytes(id) ? 0 : 2),
    vocabSize: tokenizer.vocabSize,
    eos: tokenizer.eosTokenIds,
  });
}

/** No schema of `WARM_SAMPLES`, but lexemes that they have. */
const grammar = compile({
  schema: {
    type: 'object',
    properties: { title: { type: 'string' }, code: { type: 'string', minLength: 2, maxLength: 64 } },
    required: ['title', 'code'],
  },
});

async function measureWarming(tokenizer: Tokenizer, times: Record<string, number[]>): Promise<void> {
  const ids = tokenizer.encode('{"title": "Of mice", "code": "men"}', { addSpecialTokens: false });
  const addon = loadNative();
  for (const kind of ['coldMask', 'warmMask']) {
    const handle = addon.loadTokenizer(new Uint8Array(tokenizer.image.buffer));
    if (kind === 'warmMask') {
      const start = performance.now();
      await warmTokenizer(handle);
      (times.warming ??= []).push(performance.now() - start);
    }
    const loaded = addon.loadGrammar(grammar.image, handle, { maxConfigurations: 4096, memo: true });
    const matcher = addon.openMatcher(loaded);
    const row = new Int32Array(Math.ceil(tokenizer.vocabSize / 32));
    let worst = 0;
    for (const id of ids) {
      const start = performance.now();
      matcher.fill(row);
      worst = Math.max(worst, performance.now() - start);
      if (!matcher.accept(id)) throw new Error(`token ${id} was refused`);
    }
    matcher.close();
    (times[kind] ??= []).push(worst);
  }
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1]!;
}
