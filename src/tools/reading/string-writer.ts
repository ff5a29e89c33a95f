// Writes text that stands as it is in an output as the inside of a JSON string, piece by piece.
import { inString } from './json-text.js';

const HIGH_SURROGATE = /[\ud800-\udbff]$/;

export class StringWriter {
  readonly #emit: (text: string) => void;
  /** The first half of a character whose other half has not come. */
  #half = '';

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
    emit('"');
  }

  write(text: string): void {
    let whole = this.#half + text;
    this.#half = '';
    if (HIGH_SURROGATE.test(whole)) {
      this.#half = whole.slice(-1);
      whole = whole.slice(0, -1);
    }
    if (whole !== '') this.#emit(inString(whole));
  }

  /** Ends the string; `isWhole` is false when the output was cut inside it, which leaves it open. */
  end(isWhole = true): void {
    if (this.#half !== '') this.#emit(inString(this.#half));
    if (isWhole) this.#emit('"');
  }
}
