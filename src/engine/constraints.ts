// A request's constraint: its source for the compiler, and its compiled grammar in native form, loaded once per engine.
import { toJsonSchema } from '../builder/index.js';
import { type CompiledGrammar, type GrammarSource, RecentCache } from '../compile/index.js';
import { CompileError } from '../errors.js';
import type { NamedVocabulary } from '../matcher/index.js';
import type { GrammarHandle, NativeAddon, TokenizerHandle } from '../native/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';
import { type MaskLevel, mostMasks } from './precompute.js';
import { CONSTRAINT_FIELDS } from './request.js';
import type { ConstraintOptions } from './types.js';

/** Most grammars kept loaded per engine; running requests keep theirs beyond it. */
export const MAX_LOADED_GRAMMARS = 128;
/** Most configurations that one position of one output may hold. */
export const MAX_CONFIGURATIONS = 4096;

export class Constraints {
  readonly #addon: NativeAddon;
  readonly #tokenizer: TokenizerHandle;
  readonly #vocabulary: NamedVocabulary;
  readonly #masks: MaskLevel;
  /** By image: grammars of one image differ only in how their values are read. */
  readonly #loaded = new RecentCache<Uint8Array, GrammarHandle>(MAX_LOADED_GRAMMARS);

  /** `tokenizer` is the native form of `vocabulary`; `masks` are made of each grammar in the background. */
  constructor(
    addon: NativeAddon,
    tokenizer: TokenizerHandle,
    vocabulary: NamedVocabulary,
    masks: MaskLevel = 'none',
  ) {
    this.#addon = addon;
    this.#tokenizer = tokenizer;
    this.#vocabulary = vocabulary;
    this.#masks = masks;
  }

  /**
   * The native form of a grammar.
   * @throws CompileError for a token that the grammar names and the vocabulary does not have
   */
  load(grammar: CompiledGrammar, maxConfigurations = MAX_CONFIGURATIONS): GrammarHandle {
    return this.#loaded.get(grammar.image, () => {
      const handle = this.#addon.loadGrammar(grammar.image, this.#tokenizer, {
        maxConfigurations,
        memo: true,
        tokenSets: grammar.packedTokens(this.#vocabulary),
      });
      loadSavedMasks(this.#addon, handle, grammar, this.#vocabulary.image);
      // What cannot be made ahead is found again by the request that needs it, and reported there.
      if (this.#masks !== 'none')
        this.#addon.precomputeMasks(handle, mostMasks({ masks: this.#masks }), false).catch(() => {});
      return handle;
    });
  }
}

/**
 * Loads the masks that a grammar was saved with, where they are of this vocabulary.
 * @throws CompileError `invalid_image` when they are not masks of it after all
 */
export function loadSavedMasks(
  addon: NativeAddon,
  handle: GrammarHandle,
  { masks }: CompiledGrammar,
  { hash, vocabSize }: TokenizerImage,
): void {
  if (masks?.tokenizer !== hash || masks.vocabSize !== vocabSize) return;
  try {
    addon.loadMasks(handle, masks.entries, masks.tokens, masks.bases);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CompileError(
      'invalid_image',
      `the masks of a saved grammar are not usable: ${reason}`,
      {},
      { cause },
    );
  }
}

export function isConstrained(options: ConstraintOptions): boolean {
  return CONSTRAINT_FIELDS.some((field) => options[field] !== undefined);
}

/** What a request's constraint is compiled from; undefined when it has none. */
export function sourceOf(options: ConstraintOptions): GrammarSource | undefined {
  const { schema, regex, gbnf, ebnf, lark, structuralTag, grammar } = options;
  if (schema !== undefined) return { schema: toJsonSchema(schema) }; // known by content
  if (regex !== undefined) return { regex };
  if (gbnf !== undefined) return { gbnf };
  if (ebnf !== undefined) return { ebnf };
  if (lark !== undefined) return { lark };
  if (structuralTag !== undefined) return { structuralTag };
  return grammar === undefined ? undefined : { grammar };
}
