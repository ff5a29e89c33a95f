// Divides the vocabulary ahead, on another thread, by the lexemes that nearly every JSON grammar has: string bodies and
// counted strings, keys, numbers, white space, formats. A request's first masks then find them done.
import { compile, type GrammarSource } from '../compile/index.js';
import type { NativeAddon, TokenizerHandle } from '../native/index.js';

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
  {
    source: object({
      t: { ...string, format: 'date-time' },
      d: { ...string, format: 'date' },
      u: { ...string, format: 'uuid' },
    }),
    text: '{"t": "2024-02-29T12:30:00.5Z", "d": "2024-02-29", "u": "123e4567-e89b-12d3-a456-426614174000"}',
  },
  {
    source: object({ m: { ...string, format: 'email' }, l: { ...string, format: 'uri' } }),
    text: '{"m": "a.b@example.org", "l": "https://example.org/a?b=c#d"}',
  },
];

/**
 * Warms a tokenizer: every grammar that is loaded with it afterwards profits. Runs beside other work; resolves when it
 * is done, some tenths of a second later for 128k tokens.
 */
export async function warmTokenizer(
  addon: Pick<NativeAddon, 'loadGrammar' | 'warmGrammar'>,
  tokenizer: TokenizerHandle,
): Promise<void> {
  for (const { source, text } of WARM_SAMPLES) {
    const { image } = compile(source);
    const grammar = addon.loadGrammar(image, tokenizer, { maxConfigurations: 4096, memo: true });
    await addon.warmGrammar(grammar, new TextEncoder().encode(text));
  }
}
