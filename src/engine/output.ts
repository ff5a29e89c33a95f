// One request's output on its way to the caller: native events in, chunks of text out. A slow consumer holds up nobody:
// what it has not taken is joined into one chunk.
import { EngineError } from '../errors.js';
import type { NativeEvent, NativeLogprobs } from '../native/index.js';
import { type DecoderVocabulary, IncrementalDecoder } from '../tokenizer/index.js';
import type { CheckedRequest } from './request.js';
import { type StopOptions, StopStrings } from './stop-strings.js';
import type {
  ChosenTokenLogprob,
  FinishReason,
  GenerateChunk,
  GenerateResult,
  TokenLogprob,
} from './types.js';

type NativeEnd = NonNullable<NativeEvent['finish']>;

/** What of a request shapes its output. */
export interface OutputOptions extends StopOptions {
  /** How many alternatives come with each token; undefined: no log-probabilities. */
  readonly logprobs?: number | undefined;
  /** Whether special tokens are left out of the text. */
  readonly skipSpecialTokens: boolean;
  /** The prompt's tokens whose log-probabilities were asked for, and how many alternatives come with each. */
  readonly scored?: { readonly tokens: Int32Array; readonly from: number; readonly alternatives: number };
}

/** What a checked request asks of its output. */
export function outputOptions(checked: CheckedRequest, prompt: Int32Array): OutputOptions {
  const { promptLogprobs, promptLogprobsFrom: from = 0, logprobs } = checked.extras;
  const scored =
    promptLogprobs === undefined ? {} : { scored: { tokens: prompt, from, alternatives: promptLogprobs } };
  return { ...checked, logprobs, ...scored };
}

interface Fresh {
  text: string;
  tokens: number[];
  allowed: number[];
  logprobs?: ChosenTokenLogprob[];
}

export class Output {
  readonly #decoder: IncrementalDecoder;
  readonly #stops: StopStrings;
  readonly #abort: () => void;
  readonly #tokens: number[] = [];
  #text = '';
  readonly #alternatives: number | undefined;
  readonly #logprobs: ChosenTokenLogprob[] = [];
  readonly #scored: OutputOptions['scored'];
  readonly #promptLogprobs: (ChosenTokenLogprob | null)[] = [];
  #fresh: Fresh;
  #result: GenerateResult | undefined;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** `abort` tells the native engine to end the request; its last event still comes. */
  constructor(vocabulary: DecoderVocabulary, options: OutputOptions, abort: () => void) {
    this.#decoder = new IncrementalDecoder(vocabulary, {
      continuation: true,
      skipSpecialTokens: options.skipSpecialTokens,
    });
    this.#stops = new StopStrings(options);
    this.#alternatives = options.logprobs;
    this.#scored = options.scored;
    // Nothing stands before a prompt's first token that could tell how probable it is.
    if (options.scored?.from === 0) this.#promptLogprobs.push(null);
    this.#fresh = this.#none();
    this.#abort = abort;
  }

  /** Takes a native event. */
  receive(event: NativeEvent): void {
    this.#takePromptLogprobs(event.promptLogprobs);
    for (let i = 0; i < event.tokens.length && this.#stops.matched === undefined; i++) {
      const token = event.tokens[i];
      this.#tokens.push(token);
      this.#fresh.tokens.push(token);
      this.#fresh.allowed.push(event.allowed[i]);
      this.#takeLogprobs(event, i);
      this.#emit(this.#stops.push(this.#decoder.push([token])));
      if (this.#stops.matched !== undefined) this.#abort();
    }
    if (event.finish) this.#finish(event.finish);
    this.#wake?.();
  }

  /** Ends the stream with an error from this side. */
  fail(error: unknown): void {
    this.#error ??= error;
    this.#wake?.();
  }

  /**
   * What has come since the last time, with the result where it is the last; undefined while there is nothing new.
   * @throws what ended the output
   */
  take(): GenerateChunk | undefined {
    if (this.#error !== undefined) throw this.#error;
    const fresh = this.#fresh;
    if (!this.#result && fresh.text === '' && fresh.tokens.length === 0) return undefined;
    this.#fresh = this.#none();
    return this.#result ? { ...fresh, result: this.#result } : fresh;
  }

  /** Resolves once there may be something to take. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Whether all of it came, taken or not. */
  get isComplete(): boolean {
    return this.#result !== undefined;
  }

  #none(): Fresh {
    const none = { text: '', tokens: [], allowed: [] };
    return this.#alternatives === undefined ? none : { ...none, logprobs: [] };
  }

  #takeLogprobs(event: NativeEvent, index: number): void {
    if (this.#alternatives === undefined || !event.logprobs) return;
    const entry = logprobOf(event.tokens[index], event.logprobs, index, this.#alternatives);
    this.#logprobs.push(entry);
    this.#fresh.logprobs?.push(entry);
  }

  #takePromptLogprobs(list: NativeLogprobs | undefined): void {
    if (!list || !this.#scored) return;
    const { tokens, from, alternatives } = this.#scored;
    for (let i = 0; i < list.chosen.length; i++)
      this.#promptLogprobs.push(logprobOf(tokens[from + this.#promptLogprobs.length], list, i, alternatives));
  }

  #emit(text: string): void {
    this.#text += text;
    this.#fresh.text += text;
  }

  #finish(end: NativeEnd): void {
    if (end.reason === 'error') {
      this.fail(
        new EngineError(
          end.error?.code ?? 'engine_error',
          end.error?.message ?? 'the engine ended this request',
        ),
      );
      return;
    }
    if (this.#stops.matched === undefined) {
      this.#emit(this.#stops.push(this.#decoder.end()));
      this.#emit(this.#stops.end());
    }
    const matched = this.#stops.matched ?? (end.stopToken >= 0 ? end.stopToken : undefined);
    const reason: FinishReason = this.#stops.matched !== undefined ? 'stop' : end.reason;
    this.#result = {
      text: this.#text,
      tokens: this.#tokens,
      ...(this.#alternatives === undefined ? {} : { logprobs: this.#logprobs }),
      ...(this.#scored ? { promptLogprobs: this.#promptLogprobs } : {}),
      finishReason: reason,
      ...(matched === undefined ? {} : { matchedStop: matched }),
      usage: {
        promptTokens: end.promptTokens,
        cachedTokens: end.cachedTokens,
        outputTokens: this.#tokens.length,
        draftTokens: end.draftTokens,
        acceptedTokens: end.acceptedTokens,
        firstTokenMs: end.firstTokenMicros / 1000,
        totalMs: end.totalMicros / 1000,
        maskMs: end.maskMicros / 1000,
      },
    };
  }
}

/** Entry `index` of a list that has so many alternatives for each token. */
function logprobOf(
  token: number,
  { chosen, alternatives: ids, alternativeLogprobs: values }: NativeLogprobs,
  index: number,
  count: number,
): ChosenTokenLogprob {
  const alternatives: TokenLogprob[] = [];
  for (let i = index * count; i < (index + 1) * count; i++)
    if (ids[i] >= 0) alternatives.push({ token: ids[i], logprob: values[i] });
  return { token, logprob: chosen[index], alternatives };
}
