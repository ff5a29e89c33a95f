// A vocabulary of 262,144 tokens, as the largest models have: made, kept, mapped, and the same masks from each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { compile } from '../../src/compile/index.js';
import { hasNative, loadNative, type TokenizerHandle } from '../../src/native/index.js';
import { openTokenizer } from '../../src/tokenizer-files/index.js';
import { largeTokenizer } from '../support/large-tokenizer.js';

const SIZE = 262_144;
const folder = mkdtempSync(join(tmpdir(), 'espalier-large-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('opens 262,144 tokens from the cache as it made them, in a fraction of the time', () => {
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(largeTokenizer(SIZE)));
  writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: SIZE - 1 }));
  const timed = () => {
    const start = performance.now();
    return { ...openTokenizer(folder, { cache: join(folder, 'cache') }), millis: performance.now() - start };
  };
  const made = timed();
  const opened = timed();
  expect([made.cache.state, opened.cache.state]).toEqual(['written', 'loaded']);
  expect(opened.millis).toBeLessThan(made.millis / 2);
  expect(opened.tokenizer.vocabSize).toBe(SIZE);
  expect(Buffer.from(opened.tokenizer.image.buffer).equals(Buffer.from(made.tokenizer.image.buffer))).toBe(
    true,
  );
  const text = '{"name": "on the shore, é", "n": [1, -2.5e3]}';
  const ids = made.tokenizer.encode(text);
  expect(opened.tokenizer.encode(text)).toEqual(ids);
  expect(opened.tokenizer.decode(ids)).toBe(text);
  if (!hasNative()) return;
  const masks = (handle: TokenizerHandle) => {
    const { image } = compile({ schema: { type: 'object', properties: { name: { maxLength: 30 } } } });
    const options = { maxConfigurations: 4096, memo: true };
    const matcher = loadNative().openMatcher(loadNative().loadGrammar(image, handle, options));
    return [...ids].map((id) => {
      const row = new Int32Array(SIZE / 32);
      const allowed = matcher.fill(row);
      expect(matcher.accept(id)).toBe(true);
      return [allowed, Buffer.from(row.buffer).toString('base64')];
    });
  };
  expect(masks(opened.native())).toEqual(masks(made.native()));
});
