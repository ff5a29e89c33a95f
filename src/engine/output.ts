// One request's output on its way to the caller: native events in, chunks of text out. A slow consumer holds up nobody:
// what it has not taken is joined into one chunk.
import { EngineError } from '../errors.js';
import type { NativeEvent } from '../native/index.js';
import { type DecoderVocabulary, IncrementalDecoder } from '../tokenizer/index.js';
import { StopStrings } from './stop-strings.js';
import type { FinishReason, GenerateChunk, GenerateResult } from './types.js';

type NativeEnd = NonNullable<NativeEvent['finish']>;

export class Output {
  readonly #decoder: IncrementalDecoder;
  readonly #stops: StopStrings;
  readonly #abort: () => void;
  readonly #tokens: number[] = [];
  #text = '';
  #fresh: { text: string; tokens: number[]; allowed: number[] } = { text: '', tokens: [], allowed: [] };
  #result: GenerateResult | undefined;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** `abort` tells the native engine to end the request; its last event still comes. */
  constructor(vocabulary: DecoderVocabulary, stop: readonly string[], abort: () => void) {
    this.#decoder = new IncrementalDecoder(vocabulary, { continuation: true, skipSpecialTokens: true });
    this.#stops = new StopStrings(stop);
    this.#abort = abort;
  }

  /** Takes a native event. */
  receive(event: NativeEvent): void {
    for (let i = 0; i < event.tokens.length && this.#stops.matched === undefined; i++) {
      const token = event.tokens[i];
      this.#tokens.push(token);
      this.#fresh.tokens.push(token);
      this.#fresh.allowed.push(event.allowed[i]);
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

  /** The chunks, as they come. Leaving early aborts the request. */
  async *chunks(): AsyncGenerator<GenerateChunk, void, undefined> {
    try {
      for (;;) {
        if (this.#error !== undefined) throw this.#error;
        if (this.#result || this.#fresh.text !== '' || this.#fresh.tokens.length > 0) {
          const fresh = this.#fresh;
          this.#fresh = { text: '', tokens: [], allowed: [] };
          if (this.#result) {
            yield { ...fresh, result: this.#result };
            return;
          }
          yield fresh;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      if (!this.#result) this.#abort();
    }
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
      finishReason: reason,
      ...(matched === undefined ? {} : { matchedStop: matched }),
      usage: {
        promptTokens: end.promptTokens,
        cachedTokens: end.cachedTokens,
        outputTokens: this.#tokens.length,
        firstTokenMs: end.firstTokenMicros / 1000,
        totalMs: end.totalMicros / 1000,
        maskMs: end.maskMicros / 1000,
      },
    };
  }
}
