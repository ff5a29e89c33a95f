// A compiled grammar: the GrammarImage with what a user may ask of it. It knows no vocabulary until a matcher is opened.
import {
  type ByteMachine,
  type ByteState,
  EDGE_WORDS,
  imageHash,
  isLexedImage,
  LexedMachine,
  Machine,
  type MachineOptions,
  openLexed,
  openPda,
  tokenSetsOf,
} from '../automata/index.js';
import { ParseError } from '../errors.js';
import {
  Explainer,
  type GrammarExplanation,
  type GrammarOrigin,
  type RailroadOptions,
  type TextExplanation,
} from '../explain/index.js';
import {
  type Matcher,
  MatcherFactory,
  type NamedVocabulary,
  packTokenSets,
  resolveTokenSets,
} from '../matcher/index.js';
import type { TokenizerImage } from '../tokenizer/index.js';
import { encodeSaved, type SavedDetails } from './saved-format.js';
import type { PrecomputedMasks } from './saved-masks.js';

/** A keyword that was read and has no effect, or was not enforced, with its place. */
export interface KeywordNote {
  /** JSON pointer of the schema that holds it; in a grammar text its line and column, as `3:14`. */
  readonly pointer: string;
  readonly keyword: string;
  readonly reason?: string;
}

/** Whether a text is a sentence, can become one, or can not. */
export type Verdict = 'accepted' | 'prefix' | 'dead';

/** What is known of a grammar beside its image. */
export interface CompiledGrammarDetails {
  readonly annotations?: readonly KeywordNote[] | undefined;
  readonly unenforced?: readonly KeywordNote[] | undefined;
  readonly machine?: MachineOptions;
  /** Milliseconds that compiling took. */
  readonly compileMs?: number;
  /** Where the grammar comes from, for explaining; not known of a stored image. */
  readonly origin?: GrammarOrigin;
  /** What a sentence's text stands for, or a promise of it; default: the text itself. */
  readonly reading?: (text: string) => unknown;
  /** @internal What a saved grammar tells beside the image. */
  readonly saving?: Pick<SavedDetails, 'isBytes' | 'reading'> & {
    readonly job?: (() => SavedDetails['job']) | undefined;
  };
  /** Masks computed ahead. */
  readonly masks?: PrecomputedMasks;
}

/** What grammars of one image share. */
class Shared {
  readonly image: Uint8Array;
  readonly #options: MachineOptions;
  #factories: WeakMap<TokenizerImage, MatcherFactory> | undefined;
  #machine: ByteMachine | undefined;
  #hash: string | undefined;

  constructor(image: Uint8Array, options: MachineOptions) {
    this.image = image;
    this.#options = options;
  }

  /** What makes matchers in TypeScript, by tokenizer; many grammars are for the native ones alone. */
  get factories(): WeakMap<TokenizerImage, MatcherFactory> {
    this.#factories ??= new WeakMap();
    return this.#factories;
  }

  get hash(): string {
    this.#hash ??= imageHash(this.image);
    return this.#hash;
  }

  get machine(): ByteMachine {
    this.#machine ??= isLexedImage(this.image)
      ? new LexedMachine(openLexed(this.image), this.#options)
      : new Machine(openPda(this.image), this.#options);
    return this.#machine;
  }
}

const encoder = new TextEncoder();
const NO_TOKENS = new Int32Array();
const asIs = (text: string): unknown => text;

/** A grammar ready for use. `T` is the type of the value that its texts stand for. */
export class CompiledGrammar<out T = unknown> {
  readonly #shared: Shared;
  readonly #details: CompiledGrammarDetails;
  readonly #reading: (text: string) => unknown;
  #explainer: Explainer | undefined;

  constructor(image: Uint8Array, details?: CompiledGrammarDetails);
  /** @internal */
  constructor(shared: Shared, details?: CompiledGrammarDetails);
  constructor(source: Uint8Array | Shared, details: CompiledGrammarDetails = {}) {
    this.#shared = source instanceof Shared ? source : new Shared(source, details.machine ?? {});
    this.#details = details;
    this.#reading = details.reading ?? asIs;
  }

  /** The GrammarImage: what the native matcher loads; may be stored and sent. */
  get image(): Uint8Array {
    return this.#shared.image;
  }

  /** A short name of the image's content. */
  get hash(): string {
    return this.#shared.hash;
  }

  /** Keywords that are annotations by their specification, such as unknown formats. */
  get annotations(): readonly KeywordNote[] {
    return this.#details.annotations ?? [];
  }

  /** With `lenient`: constraints that are not enforced. Empty otherwise. */
  get unenforced(): readonly KeywordNote[] {
    return this.#details.unenforced ?? [];
  }

  /** The automaton in motion, built from the image on first use. */
  get machine(): ByteMachine {
    return this.#shared.machine;
  }

  /** @internal The same grammar, whose texts stand for other values. */
  withReading(reading: (text: string) => unknown): CompiledGrammar {
    const { saving } = this.#details;
    return new CompiledGrammar(this.#shared, {
      ...this.#details,
      reading,
      ...(saving && { saving: { ...saving, reading: 'code' as const } }),
    });
  }

  /** The masks that a saved grammar came with; matchers over their tokenizer use them. */
  get masks(): PrecomputedMasks | undefined {
    return this.#details.masks;
  }

  /**
   * The grammar as bytes, for {@link loadGrammar}: the image with what is known beside it and, if given, masks for one
   * tokenizer ({@link MaskEngine.precompute}). A grammar's source comes along where it is data; a schema library's own
   * validation and what an expression of `g` makes of its texts are code and do not.
   */
  save(options: { readonly masks?: PrecomputedMasks } = {}): Uint8Array {
    const { saving, machine, compileMs } = this.#details;
    const { masks } = options;
    const maxConfigurations = machine?.maxConfigurations;
    const job = saving?.job?.();
    return encodeSaved({
      image: this.image,
      details: {
        annotations: this.annotations,
        unenforced: this.unenforced,
        ...(compileMs !== undefined && { compileMs }),
        ...(maxConfigurations !== undefined && { maxConfigurations }),
        isBytes: saving?.isBytes ?? !isLexedImage(this.image),
        reading: saving?.reading ?? 'text',
        ...(job && { job }),
      },
      ...(masks && { masks }),
    });
  }

  /**
   * A matcher over a vocabulary: token masks, accept, rollback. Pure TypeScript; works in a browser.
   * @throws CompileError `unknown_token` when the grammar names a token that the vocabulary does not have
   * @throws LimitError from its methods when the grammar is too ambiguous
   */
  matcher(tokenizer: TokenizerImage | NamedVocabulary): Matcher {
    const image = 'image' in tokenizer ? tokenizer.image : tokenizer;
    let factory = this.#shared.factories.get(image);
    if (!factory) {
      factory = new MatcherFactory(this.machine, tokenizer);
      this.#shared.factories.set(image, factory);
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
    return tokenSets.length === 0 ? NO_TOKENS : packTokenSets(resolveTokenSets(tokenSets, tokenizer));
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

  /**
   * The value that a sentence stands for: parsed JSON of a schema's grammar, checked by the schema's own validation where it
   * has one, and the text itself of other grammars.
   * @throws ParseError `refused` or `incomplete` with the place when the text is no sentence; `invalid_value` when the
   * schema's own validation refuses the value, or answers with a promise: that is for {@link parseAsync}
   */
  parse(text: string): T {
    const value = this.#read(text);
    if (value instanceof Promise) {
      value.catch(() => undefined); // nobody else will look at its outcome
      throw new ParseError('invalid_value', 'the schema validates asynchronously; use parseAsync');
    }
    return value as T;
  }

  /** {@link parse}, for schemas that validate asynchronously too. */
  async parseAsync(text: string): Promise<T> {
    return (await this.#read(text)) as T;
  }

  /** The grammar in print, in the manner of GBNF: one line a rule, lexemes as regular expressions where they are short. */
  toString(): string {
    return this.#explain.print();
  }

  /** What the grammar is: its rules, what is enforced and what is not, and its size. */
  explain(): GrammarExplanation {
    return this.#explain.explain();
  }

  /**
   * What the grammar says of a text: accepted, or where and why not, and what was expected there.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous for the text
   */
  explainText(text: string | Uint8Array): TextExplanation {
    return this.#explain.text(text);
  }

  /**
   * Railroad diagrams of the rules: one SVG image, or an HTML page with a diagram a rule and links between them.
   * @throws CompileError when the grammar was made from a stored image; LimitError `maxElements`
   */
  railroad(options: RailroadOptions = {}): string {
    return this.#explain.railroad(options);
  }

  get #explain(): Explainer {
    this.#explainer ??= this.#newExplainer();
    return this.#explainer;
  }

  #newExplainer(): Explainer {
    const { machine, hash, annotations, unenforced } = this;
    const { machine: machineOptions = {}, origin, compileMs } = this.#details;
    const { stateCount, edges } = machine.pda;
    return new Explainer({
      hash,
      imageBytes: this.image.byteLength,
      size: { states: stateCount, edges: edges.length / EDGE_WORDS },
      machine,
      machineOptions,
      origin,
      annotations,
      unenforced,
      compileMs,
    });
  }

  #read(text: string): unknown {
    if (this.classify(text) === 'accepted') return this.#reading(text);
    const explained = this.explainText(text);
    if (explained.verdict === 'accepted') return this.#reading(text);
    throw new ParseError(explained.verdict, `the text is ${explained.message}`, explained.place);
  }
}
