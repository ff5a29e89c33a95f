// Divides the vocabulary ahead, on another thread, by the lexemes that nearly every JSON grammar has: string bodies and
// counted strings, keys, numbers, white space. A request's first masks then find them done, and memory for the rest.
import { compile, WARM_SAMPLES } from '../compile/index.js';
import { RequestError } from '../errors.js';
import { loadNative, type NativeAddon, type TokenizerHandle } from '../native/index.js';
import { MAX_CONFIGURATIONS } from './constraints.js';

/** What a hundred small schemas remember. */
const MEMORY_BYTES = 64 * 2 ** 20;

export interface WarmMemory {
  /**
   * Bytes made ready for what masks remember, for the whole process: a mask then does not wait for the system to give
   * memory. Default 64 MiB; 0 for none.
   */
  readonly memoryBytes?: number;
}

export interface WarmOptions extends WarmMemory {
  /** Default: the addon. */
  readonly addon?: Pick<NativeAddon, 'loadGrammar' | 'warmGrammar' | 'reserveMemory'>;
  /** Ends the warming after the grammar that is being followed. */
  readonly signal?: AbortSignal;
}

/**
 * Warms a tokenizer: every grammar that is loaded with it afterwards profits. The vocabulary is divided on another
 * thread; the calling one compiles a handful of small schemas. Formats are left out: they take longer to compile than
 * their first mask takes.
 * @throws EngineError `native_missing`
 * @throws RequestError `invalid_option`
 */
export async function warmTokenizer(tokenizer: TokenizerHandle, options: WarmOptions = {}): Promise<void> {
  const { addon = loadNative(), memoryBytes = MEMORY_BYTES, signal } = options;
  if (!Number.isSafeInteger(memoryBytes) || memoryBytes < 0)
    throw new RequestError(
      'invalid_option',
      `memoryBytes: must be a number of bytes, found ${String(memoryBytes)}`,
      'memoryBytes',
    );
  for (const { source, text } of WARM_SAMPLES) {
    if (signal?.aborted) return;
    const { image } = compile(source);
    const grammar = addon.loadGrammar(image, tokenizer, {
      maxConfigurations: MAX_CONFIGURATIONS,
      memo: true,
    });
    await addon.warmGrammar(grammar, new TextEncoder().encode(text));
  }
  if (memoryBytes > 0 && !signal?.aborted) await addon.reserveMemory(memoryBytes);
}
