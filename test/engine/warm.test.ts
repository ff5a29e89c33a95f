// Warming: the samples are read to their end, and grammars that come later find the vocabulary divided.
import { describe, expect, it } from 'vitest';
import { compile, WARM_SAMPLES } from '../../src/compile/index.js';
import { EMBEDDED_MODEL } from '../../src/engine/index.js';
import { warmTokenizer } from '../../src/engine/warm.js';
import { hasNative, loadNative } from '../../src/native/index.js';
import { openTokenizer } from '../../src/tokenizer-files/index.js';

const { tokenizer } = openTokenizer(EMBEDDED_MODEL);
const utf8 = new TextEncoder();
const options = { maxConfigurations: 4096, memo: true };

describe.runIf(hasNative())('warming', () => {
  const load = (source: Parameters<typeof compile>[0]) => {
    const handle = loadNative().loadTokenizer(new Uint8Array(tokenizer.image.buffer));
    return loadNative().loadGrammar(compile(source).image, handle, options);
  };

  it('reads each sample to its end', async () => {
    for (const { source, text } of WARM_SAMPLES) {
      const bytes = utf8.encode(text);
      expect([text, await loadNative().warmGrammar(load(source), bytes)]).toEqual([text, bytes.length]);
      expect(compile(source).test(text)).toBe(true);
    }
  });

  it('stops where the grammar refuses the text', async () => {
    const grammar = load({ schema: { type: 'array', items: { type: 'integer' } } });
    expect(await loadNative().warmGrammar(grammar, utf8.encode('[1, 22, x]'))).toBe(8);
    expect(await loadNative().warmGrammar(grammar, utf8.encode(''))).toBe(0);
  });

  it('leaves masks as they are, beside matchers on other threads', async () => {
    const source = {
      schema: { type: 'object', properties: { a: { type: 'string', maxLength: 9 } }, required: ['a'] },
    };
    const text = [...tokenizer.encode('{"a": "x\\u00e9 y"}', { addSpecialTokens: false })];
    const handle = loadNative().loadTokenizer(new Uint8Array(tokenizer.image.buffer));
    const rows = () => {
      const matcher = loadNative().openMatcher(
        loadNative().loadGrammar(compile(source).image, handle, options),
      );
      return text.map((token) => {
        const row = new Int32Array((tokenizer.vocabSize + 31) >>> 5);
        const allowed = matcher.fill(row);
        expect(matcher.accept(token)).toBe(true);
        return [allowed, row];
      });
    };
    const portable = compile(source).matcher(tokenizer);
    const expected = text.map((token) => {
      const row = new Int32Array((tokenizer.vocabSize + 31) >>> 5);
      const allowed = portable.fill(row);
      portable.accept(token);
      return [allowed, row];
    });
    const warming = warmTokenizer(handle);
    expect(rows()).toEqual(expected);
    await warming;
    expect(rows()).toEqual(expected);
  });

  it('ends when it is told to', async () => {
    const followed: unknown[] = [];
    const controller = new AbortController();
    const addon = {
      ...loadNative(),
      warmGrammar: async (grammar: unknown) => {
        followed.push(grammar);
        controller.abort();
        return 0;
      },
    };
    const handle = loadNative().loadTokenizer(new Uint8Array(tokenizer.image.buffer));
    await warmTokenizer(handle, { addon, signal: controller.signal });
    expect(followed.length).toBe(1);
  });

  it('makes memory ready, as much as it is told to', async () => {
    const reserved: number[] = [];
    const addon = { ...loadNative(), reserveMemory: async (bytes: number) => void reserved.push(bytes) };
    const handle = loadNative().loadTokenizer(new Uint8Array(tokenizer.image.buffer));
    await warmTokenizer(handle, { addon });
    await warmTokenizer(handle, { addon, memoryBytes: 1 << 20 });
    await warmTokenizer(handle, { addon, memoryBytes: 0 });
    expect(reserved).toEqual([64 << 20, 1 << 20]);
    await expect(warmTokenizer(handle, { memoryBytes: -1 })).rejects.toMatchObject({
      code: 'invalid_option',
    });
    await loadNative().reserveMemory(1 << 20);
  });
});
