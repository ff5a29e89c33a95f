// Divides the vocabulary ahead, on another thread, by the lexemes that nearly every JSON grammar has: string bodies and
// counted strings, keys, numbers, white space. A request's first masks then find them done.
import { compile, WARM_SAMPLES } from '../compile/index.js';
import { loadNative, type NativeAddon, type TokenizerHandle } from '../native/index.js';
import { MAX_CONFIGURATIONS } from './constraints.js';

export interface WarmOptions {
  /** Default: the addon. */
  readonly addon?: Pick<NativeAddon, 'loadGrammar' | 'warmGrammar'>;
  /** Ends the warming after the grammar that is being followed. */
  readonly signal?: AbortSignal;
}

/**
 * Warms a tokenizer: every grammar that is loaded with it afterwards profits. The vocabulary is divided on another
 * thread; the calling one compiles a handful of small schemas. Formats are left out: they take longer to compile than
 * their first mask takes.
 * @throws EngineError `native_missing`
 */
export async function warmTokenizer(tokenizer: TokenizerHandle, options: WarmOptions = {}): Promise<void> {
  const { addon = loadNative(), signal } = options;
  for (const { source, text } of WARM_SAMPLES) {
    if (signal?.aborted) return;
    const { image } = compile(source);
    const grammar = addon.loadGrammar(image, tokenizer, {
      maxConfigurations: MAX_CONFIGURATIONS,
      memo: true,
    });
    await addon.warmGrammar(grammar, new TextEncoder().encode(text));
  }
}
