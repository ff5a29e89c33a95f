// Stop strings in a text that comes in pieces: emits what is surely before any of them, holds back what could be the
// start of one.

export class StopStrings {
  readonly #stops: readonly string[];
  readonly #longest: number;
  #held = '';
  #matched: string | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
    this.#longest = Math.max(0, ...stops.map((stop) => stop.length));
  }

  /** The stop string that was met; the text ends before it. */
  get matched(): string | undefined {
    return this.#matched;
  }

  /** The text that is now certain. After a match nothing more comes. */
  push(text: string): string {
    if (this.#matched !== undefined) return '';
    this.#held += text;
    const found = this.#firstComplete();
    if (found) {
      this.#matched = found.stop;
      const before = this.#held.slice(0, found.at);
      this.#held = '';
      return before;
    }
    const keep = this.#couldBegin();
    const certain = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return certain;
  }

  /** What was held back, now that nothing more comes. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** The stop string that is complete first, the longest of those; so how the text is cut does not matter. */
  #firstComplete(): { stop: string; at: number } | undefined {
    let best: { stop: string; at: number; end: number } | undefined;
    for (const stop of this.#stops) {
      const at = this.#held.indexOf(stop);
      const end = at + stop.length;
      if (at >= 0 && (!best || end < best.end || (end === best.end && at < best.at)))
        best = { stop, at, end };
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
