// A compiled grammar: the GrammarImage with what a user may ask of it. It knows no vocabulary until a matcher is opened.
import {
  type ByteMachine,
  type ByteState,
  imageHash,
  isLexedImage,
  LexedMachine,
  Machine,
  type MachineOptions,
  openLexed,
  openPda,
  tokenSetsOf,
} from '../automata/index.js';
import {
  type Matcher,
  MatcherFactory,
  type NamedVocabulary,
  packTokenSets,
  resolveTokenSets,
} from '../matcher/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';

/** A keyword that was read and has no effect, or was not enforced, with its place. */
export interface KeywordNote {
  /** JSON pointer of the schema that holds it. */
  readonly pointer: string;
  readonly keyword: string;
  readonly reason?: string;
}

/** Whether a text is a sentence, can become one, or can not. */
export type Verdict = 'accepted' | 'prefix' | 'dead';

const encoder = new TextEncoder();

export class CompiledGrammar {
  /** The GrammarImage: what the native matcher loads; may be stored and sent. */
  readonly image: Uint8Array;
  /** A short name of the image's content. */
  readonly hash: string;
  /** Keywords that are annotations by their specification, such as unknown formats. */
  readonly annotations: readonly KeywordNote[];
  /** With `lenient`: constraints that are not enforced. Empty otherwise. */
  readonly unenforced: readonly KeywordNote[];
  readonly #options: MachineOptions;
  readonly #factories = new WeakMap<TokenizerImage, MatcherFactory>();
  #machine: ByteMachine | undefined;

  constructor(
    image: Uint8Array,
    notes: {
      readonly annotations?: readonly KeywordNote[];
      readonly unenforced?: readonly KeywordNote[];
    } = {},
    options: MachineOptions = {},
  ) {
    this.image = image;
    this.hash = imageHash(image);
    this.annotations = notes.annotations ?? [];
    this.unenforced = notes.unenforced ?? [];
    this.#options = options;
  }

  /** The automaton in motion, built from the image on first use. */
  get machine(): ByteMachine {
    this.#machine ??= isLexedImage(this.image)
      ? new LexedMachine(openLexed(this.image), this.#options)
      : new Machine(openPda(this.image), this.#options);
    return this.#machine;
  }

  /**
   * A matcher over a vocabulary: token masks, accept, rollback. Pure TypeScript; works in a browser.
   * @throws CompileError `unknown_token` when the grammar names a token that the vocabulary does not have
   * @throws LimitError from its methods when the grammar is too ambiguous
   */
  matcher(tokenizer: TokenizerImage | NamedVocabulary): Matcher {
    const image = 'image' in tokenizer ? tokenizer.image : tokenizer;
    let factory = this.#factories.get(image);
    if (!factory) {
      factory = new MatcherFactory(this.machine, tokenizer);
      this.#factories.set(image, factory);
    }
    return factory.open();
  }

  /**
   * The ids of the tokens that the grammar names, as a native matcher over this vocabulary takes them.
   * @throws CompileError `unknown_token`
   */
  packedTokens(tokenizer: TokenizerImage | NamedVocabulary): Int32Array {
    const { image } = this;
    const tokenSets = isLexedImage(image) ? openLexed(image).parser.tokenSets : tokenSetsOf(image);
    return packTokenSets(resolveTokenSets(tokenSets, tokenizer));
  }

  /** Whether the whole text (UTF-8 if a string) is a sentence of the grammar. */
  test(text: string | Uint8Array): boolean {
    return this.classify(text) === 'accepted';
  }

  /** Whether the text is a sentence, the beginning of one, or neither. A sentence that can go on is `accepted`. */
  classify(text: string | Uint8Array): Verdict {
    const bytes = typeof text === 'string' ? encoder.encode(text) : text;
    let set: ByteState | null = this.machine.start;
    for (const byte of bytes) {
      set = this.machine.step(set, byte);
      if (set === null) return 'dead';
    }
    return set.accepting ? 'accepted' : 'prefix';
  }
}
