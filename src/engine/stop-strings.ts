// Stop strings and expressions in a text that comes in pieces: emits what is surely before any of them, holds back what
// could be the start of one.
import { type StopMatch, type StopRegex, StopRegexScan } from './stop-regex.js';

export interface StopOptions {
  readonly stop: readonly string[];
  readonly stopRegex?: readonly StopRegex[];
  /** The stop that was met stays in the text. */
  readonly keepStop?: boolean;
}

export class StopStrings {
  readonly #stops: readonly string[];
  readonly #scans: readonly StopRegexScan[];
  readonly #keeps: boolean;
  readonly #longest: number;
  #held = '';
  /** Length of the text before the held part. */
  #emitted = 0;
  #matched: string | undefined;

  constructor({ stop, stopRegex = [], keepStop = false }: StopOptions) {
    this.#stops = stop;
    this.#scans = stopRegex.map((regex) => new StopRegexScan(regex));
    this.#keeps = keepStop;
    this.#longest = Math.max(0, ...stop.map((text) => text.length));
  }

  /** The stop string that was met, or the source of the expression; the text ends before it. */
  get matched(): string | undefined {
    return this.#matched;
  }

  /** The text that is now certain. After a match nothing more comes. */
  push(text: string): string {
    if (this.#matched !== undefined) return '';
    this.#held += text;
    const matches = [this.#firstString(), ...this.#scans.map((scan) => scan.read(text))];
    const found = matches.reduce(first, undefined);
    if (found) {
      this.#matched = found.stop;
      return this.#release((this.#keeps ? found.end : found.at) - this.#emitted);
    }
    const pending = Math.min(...this.#scans.map((scan) => scan.pending - this.#emitted));
    return this.#release(Math.min(this.#held.length - this.#couldBegin(), pending));
  }

  /** What was held back, now that nothing more comes. */
  end(): string {
    return this.#matched === undefined ? this.#release(this.#held.length) : '';
  }

  #release(length: number): string {
    const certain = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#emitted += certain.length;
    return certain;
  }

  #firstString(): StopMatch | undefined {
    let best: StopMatch | undefined;
    for (const stop of this.#stops) {
      const index = this.#held.indexOf(stop);
      const at = this.#emitted + index;
      if (index >= 0) best = first(best, { stop, at, end: at + stop.length });
    }
    return best;
  }

  /** Length of the longest end of the held text that is the start of a stop string. */
  #couldBegin(): number {
    for (let length = Math.min(this.#held.length, this.#longest - 1); length > 0; length--) {
      const end = this.#held.slice(-length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}

/** The one that is complete first, the longer of two; so how the text is cut into pieces does not matter. */
function first(a: StopMatch | undefined, b: StopMatch | undefined): StopMatch | undefined {
  if (!a || !b) return a ?? b;
  return b.end < a.end || (b.end === a.end && b.at < a.at) ? b : a;
}
