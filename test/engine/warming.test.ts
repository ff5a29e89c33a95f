// When an engine warms up, and what ends it.
import { describe, expect, it } from 'vitest';
import { WARM_SAMPLES } from '../../src/compile/index.js';
import { Engine } from '../../src/engine/index.js';
import { Warming } from '../../src/engine/warming.js';
import { RequestError } from '../../src/errors.js';
import type { NativeAddon, TokenizerHandle } from '../../src/native/index.js';

const tokenizer = {} as TokenizerHandle;

/** An addon that counts the grammars that were followed. */
function counting() {
  let followed = 0;
  const addon = {
    loadGrammar: () => ({}),
    warmGrammar: async (_: unknown, text: Uint8Array) => {
      followed++;
      return text.length;
    },
    reserveMemory: async () => {},
  } as unknown as NativeAddon;
  return { addon, followed: () => followed };
}

describe('warming', () => {
  it('does nothing when it is off', async () => {
    const { addon, followed } = counting();
    await new Warming('none', tokenizer, addon, new AbortController().signal).done;
    expect(followed()).toBe(0);
  });

  it('divides the vocabulary though a request comes', async () => {
    const { addon, followed } = counting();
    const warming = new Warming('background', tokenizer, addon, new AbortController().signal);
    warming.requestCame();
    await warming.done;
    expect(followed()).toBe(WARM_SAMPLES.length);
  });

  it('ends when the engine closes', async () => {
    const { addon, followed } = counting();
    const closing = new AbortController();
    const warming = new Warming('background', tokenizer, addon, closing.signal);
    closing.abort();
    await warming.done;
    expect(followed()).toBeLessThanOrEqual(1);
  });

  it('has no other modes', () => {
    expect(() => new Engine({ warm: 'always' as 'none' })).toThrow(RequestError);
  });
});
