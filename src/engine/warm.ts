// Divides the vocabulary ahead, on another thread, by the lexemes that nearly every JSON grammar has: string bodies and
// counted strings, keys, numbers, white space. A request's first masks then find them done.
import { compile, type GrammarSource } from '../compile/index.js';
import { loadNative, type NativeAddon, type TokenizerHandle } from '../native/index.js';
import { MAX_CONFIGURATIONS } from './constraints.js';

/** A grammar, and a text of it that comes by the lexemes. */
interface Sample {
  readonly source: GrammarSource;
  readonly text: string;
}

const any = { schema: {} };
const object = (properties: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  schema: { type: 'object', properties, required: Object.keys(properties), ...rest },
});
const string = { type: 'string' };

/** A string with what string bodies are made of: escapes, and characters of two, three and four bytes. */
const BODY = 'Ab 1,\\n\\u00e9\\ud83d\\ude00é–😀.';

export const WARM_SAMPLES: readonly Sample[] = [
  { source: any, text: `{"${BODY}": [1, -20.5e+3, true, null, {"a": ""}], "b": {}}` },
  {
    source: object({ name: string, n: { type: 'integer' }, x: { type: 'number' }, ok: { type: 'boolean' } }),
    text: `{"name": "${BODY}", "n": -120, "x": 0.5e-7, "ok": false, "more": 1}`,
  },
  {
    source: object(
      { names: { type: 'array', items: string }, one: { enum: ['first', 'second'] } },
      { additionalProperties: false },
    ),
    text: `{"names": ["${BODY}", "b"], "one": "second"}`,
  },
  {
    source: object({ a: { ...string, maxLength: 40 }, b: { ...string, minLength: 1, maxLength: 100 } }),
    text: `{"a": "${BODY}", "b": "${BODY}"}`,
  },
  { source: object({ a: { ...string, minLength: 1 } }), text: `{"a": "${BODY}"}` },
];

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
