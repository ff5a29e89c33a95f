// The text of an output as a reader sees it: characters that are there, or to be waited for. Readers are generators that
// pause where text is missing; what they decide depends on the characters alone, never on how the text was cut.

/** A reader: it yields whenever it needs more text than has come, and returns what it read. */
export type Reading<T> = Generator<void, T, void>;

const BLANK = /[ \t\n\r]*/y;

export class Input {
  #text = '';
  #at = 0;
  #ended = false;
  /** What was taken since `hold`. */
  #held: string | undefined;

  feed(text: string): void {
    this.#text = this.#text.slice(this.#at) + text;
    this.#at = 0;
  }

  end(): void {
    this.#ended = true;
  }

  /** The next character, or '' at the end of the output. */
  *peek(): Reading<string> {
    while (this.#at === this.#text.length) {
      if (this.#ended) return '';
      yield;
    }
    return this.#text[this.#at];
  }

  /** Takes `count` characters that are known to be there. */
  take(count = 1): string {
    const taken = this.#text.slice(this.#at, this.#at + count);
    this.#at += count;
    if (this.#held !== undefined) this.#held += taken;
    return taken;
  }

  /** Takes what matches the sticky expression in the text that has come; it may go on in what comes next. */
  takeRun(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return this.take(pattern.exec(this.#text)?.[0].length ?? 0);
  }

  /** The longest of the marks that stands here, once no longer one can still come. It is not taken. */
  *at(marks: readonly string[]): Reading<string | undefined> {
    for (;;) {
      let found: string | undefined;
      let undecided = false;
      const rest = this.#text.length - this.#at;
      for (const mark of marks) {
        if (mark.length <= rest) {
          if (mark.length > (found?.length ?? -1) && this.#text.startsWith(mark, this.#at)) found = mark;
        } else if (!this.#ended && mark.startsWith(this.#text.slice(this.#at))) undecided = true;
      }
      if (!undecided) return found;
      yield;
    }
  }

  /** Takes the longest of the marks that stands here, if any. */
  *takeMark(marks: readonly string[]): Reading<string | undefined> {
    const mark = yield* this.at(marks);
    if (mark !== undefined) this.take(mark.length);
    return mark;
  }

  /** Takes white space and returns what follows it: the next character, or '' at the end. */
  *skipSpace(): Reading<string> {
    for (;;) {
      this.takeRun(BLANK);
      const next = yield* this.peek();
      if (next === '' || !isBlank(next)) return next;
    }
  }

  /** Takes text up to one of the marks, which is not taken; undefined when none comes within `most` characters. */
  *takeUntil(marks: readonly string[], most = Number.POSITIVE_INFINITY): Reading<string | undefined> {
    let text = '';
    while (text.length <= most) {
      if ((yield* this.at(marks)) !== undefined) return text;
      if ((yield* this.peek()) === '') return undefined;
      text += this.take();
    }
    return undefined;
  }

  /** From here on what is taken is also kept, until `release`. */
  hold(): void {
    this.#held = '';
  }

  /** Whether something was taken since `hold`. */
  get hasHeld(): boolean {
    return this.#held !== undefined && this.#held !== '';
  }

  /** What was taken since `hold`. */
  release(): string {
    const held = this.#held ?? '';
    this.#held = undefined;
    return held;
  }
}

/** Whether a character is white space between JSON tokens. */
export function isBlank(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}
