// How the model that is served writes calls and thinking: named by an option, or told by its chat template.
import {
  detectReasoningFormat,
  detectToolFormat,
  hermes,
  type ReasoningFormat,
  type ToolCallFormat,
} from '../../tools/index.js';
import type { EngineLike } from '../engine-like.js';
import type { ServerSettings } from '../options.js';
import { specialTokens, type TokenBytes } from '../token-names.js';

export interface Formats {
  /** Hermes where neither option nor template tells one. */
  readonly tools: ToolCallFormat;
  /** Undefined for a model that does not think, or whose thinking is text like other text. */
  readonly reasoning: ReasoningFormat | undefined;
  /** The vocabulary's special tokens, by their text. */
  readonly specialTokens: readonly string[];
  readonly tokenizer: TokenBytes;
}

export class ModelFormats {
  readonly #settings: Pick<ServerSettings, 'toolCallFormat' | 'reasoningFormat'>;
  readonly #engine: EngineLike;
  #found: Promise<Formats> | undefined;

  constructor(settings: Pick<ServerSettings, 'toolCallFormat' | 'reasoningFormat'>, engine: EngineLike) {
    this.#settings = settings;
    this.#engine = engine;
  }

  /** Found out once; where the model could not be loaded, asked for again. */
  get(): Promise<Formats> {
    this.#found ??= this.#read().catch((error: unknown) => {
      this.#found = undefined;
      throw error;
    });
    return this.#found;
  }

  async #read(): Promise<Formats> {
    const tokenizer = await this.#engine.tokenizer();
    const { toolCallFormat, reasoningFormat } = this.#settings;
    const template = tokenizer.chatTemplates.join('\n');
    return {
      tools: toolCallFormat ?? detectToolFormat(template) ?? hermes,
      reasoning: reasoningFormat === 'auto' ? detectReasoningFormat(template) : reasoningFormat,
      specialTokens: specialTokens(tokenizer),
      tokenizer,
    };
  }
}
