// Divides the vocabulary ahead for the portable matcher, by the lexemes that nearly every JSON grammar has.
import { MatcherFactory, type NamedVocabulary } from '../matcher/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';
import { compile } from './compile.js';
import { WARM_SAMPLES } from './warm-samples.js';

/**
 * Warms the portable masks of a vocabulary: the first masks of every grammar that is bound to it afterwards find string
 * bodies, counted strings, keys, numbers and white space divided. Gives way to other work between the grammars that it
 * follows, each of which takes some ten milliseconds with 128,000 tokens; `signal` ends it there.
 */
export async function warmMasks(
  vocabulary: TokenizerImage | NamedVocabulary,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const image = 'image' in vocabulary ? vocabulary.image : vocabulary;
  const row = new Int32Array((image.vocabSize + 31) >>> 5);
  for (const { source, text } of WARM_SAMPLES) {
    if (options.signal?.aborted) return;
    const { machine } = compile(source);
    const { masks } = new MatcherFactory(machine, image);
    let set: typeof machine.start | null = machine.start;
    for (const byte of new TextEncoder().encode(text)) {
      masks.fill(set, row);
      set = machine.step(set, byte);
      if (!set) break;
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
