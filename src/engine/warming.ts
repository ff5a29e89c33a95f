// What an engine makes ready before requests come: the vocabulary divided by common lexemes, on another thread, and the
// schema compiler of this thread, a schema at a time. A request ends the latter: nobody waits for more than one schema.
import { warmCompiler } from '../compile/index.js';
import type { NativeAddon, TokenizerHandle } from '../native/index.js';
import { warmTokenizer } from './warm.js';

/** When an engine warms up: never, beside all else, or before it says that it is ready. */
export type WarmMode = 'none' | 'background' | 'before-ready';

export class Warming {
  readonly #compiler = new AbortController();
  /** Resolves when all is warm or told to end. What cannot be warmed is found again by the request that needs it. */
  readonly done: Promise<void>;

  /** `closing` ends both parts. */
  constructor(mode: WarmMode, tokenizer: TokenizerHandle, addon: NativeAddon, closing: AbortSignal) {
    closing.addEventListener('abort', () => this.requestCame(), { once: true });
    this.done = mode === 'none' ? Promise.resolve() : this.#run(tokenizer, addon, closing);
  }

  /** Ends the compiler's part: a request compiles what it needs itself. */
  requestCame(): void {
    this.#compiler.abort();
  }

  async #run(tokenizer: TokenizerHandle, addon: NativeAddon, signal: AbortSignal): Promise<void> {
    await warmTokenizer(tokenizer, { addon, signal }).catch(() => {});
    if (!signal.aborted) await warmCompiler({ signal: this.#compiler.signal }).catch(() => {});
  }
}
