// Warms the portable matcher: divides the vocabulary ahead by the lexemes that nearly every JSON grammar has, and lets the
// runtime optimise the code that puts masks together before requests come, as warm-compiler.ts does for the compiler.
import { Machine } from '../automata/index.js';
import { emptyLexemes, type LexemeTable, MatcherFactory, type NamedVocabulary } from '../matcher/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';
import { compile } from './compile.js';
import { CODE_SAMPLES, WARM_SAMPLES, type WarmSample } from './warm-samples.js';

export interface WarmMasksOptions {
  /**
   * Milliseconds after which no further round over the samples is begun, default {@link DEFAULT_WARM_MASKS_MILLIS}. The first
   * round, which divides the vocabulary, is always made.
   */
  readonly maxMillis?: number;
  /** Ends the warming before the next sample. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_WARM_MASKS_MILLIS = 1500;
/** Rounds over the samples beyond which nothing gets quicker any more. */
const MAX_ROUNDS = 12;

/**
 * Warms the portable masks of a vocabulary: the first masks of every grammar that is bound to it afterwards find string
 * bodies, counted strings, keys, numbers and white space divided. Gives way to other work between the grammars that it
 * follows, each of which takes some ten milliseconds with 128,000 tokens.
 */
export async function warmMasks(
  vocabulary: TokenizerImage | NamedVocabulary,
  options: WarmMasksOptions = {},
): Promise<void> {
  const { maxMillis = DEFAULT_WARM_MASKS_MILLIS, signal } = options;
  const end = performance.now() + maxMillis;
  const image = 'image' in vocabulary ? vocabulary.image : vocabulary;
  for (const sample of WARM_SAMPLES) {
    if (signal?.aborted) return;
    follow(sample, image);
    await pause();
  }
  const samples = [...WARM_SAMPLES, ...CODE_SAMPLES];
  for (let round = 1; round < MAX_ROUNDS; round++) {
    // A table of its own: what the rounds find is not what grammars need, and has to be found again each time.
    const table = emptyLexemes(image);
    for (const sample of samples) {
      if (signal?.aborted || performance.now() >= end) return;
      follow(sample, image, table);
      await pause();
    }
  }
}

/** Fills the masks along a sample's text, byte by byte. */
function follow({ source, text }: WarmSample, image: TokenizerImage, lexemes?: LexemeTable): void {
  const machine = new Machine(compile(source).machine.pda);
  const { masks } = new MatcherFactory(machine, image, lexemes ? { lexemes } : {});
  const row = new Int32Array((image.vocabSize + 31) >>> 5);
  let set: Machine['start'] | null = machine.start;
  for (const byte of new TextEncoder().encode(text)) {
    masks.fill(set, row);
    set = machine.step(set, byte);
    if (!set) return;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
