// Splits an output into thinking and the rest. White space next to the marks belongs to neither.
import { Input, type Reading } from '../reading/input.js';
import type { ReasoningEvent, ReasoningMarks, ReasoningOptions, ReasoningSplitter } from './format.js';

type Kind = ReasoningEvent['type'];

export class MarkedSplitter implements ReasoningSplitter {
  readonly #input = new Input();
  readonly #reading: Reading<void>;
  #events: ReasoningEvent[] = [];
  /** White space that is part of the output only if more text of its kind follows. */
  #space = '';
  /** Whether white space comes next to a mark, and is dropped. */
  #isFresh = false;
  /** How much text has come, and where the thinking that is over ends in it. */
  #length = 0;
  #thinkingEnd = 0;
  #isInside = false;

  constructor(marks: ReasoningMarks, { isOpen = marks.isOpen ?? false, callStarts = [] }: ReasoningOptions) {
    this.#reading = this.#read(marks, isOpen, callStarts);
  }

  get thinkingEnd(): number {
    return this.#isInside ? this.#length : this.#thinkingEnd;
  }

  push(text: string): ReasoningEvent[] {
    this.#length += text.length;
    this.#input.feed(text);
    this.#reading.next();
    return this.#take();
  }

  finish(): ReasoningEvent[] {
    this.#input.end();
    this.#reading.next();
    return this.#take();
  }

  #take(): ReasoningEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  *#read(marks: ReasoningMarks, isOpen: boolean, callStarts: readonly string[]): Reading<void> {
    const { start, end, anywhere = false, silent = [] } = marks;
    const input = this.#input;
    let mayStart = true;
    let taken = 0;
    this.#isInside = isOpen;
    this.#isFresh = isOpen;
    for (;;) {
      const next = yield* input.peek();
      if (next === '') break;
      const isInside = this.#isInside;
      const wanted = isInside ? [...end, ...callStarts] : silent;
      const mark: string | undefined = yield* input.at(mayStart ? [...wanted, ...start] : wanted);
      if (mark === undefined) {
        if (next.trim() !== '') mayStart = anywhere && !isInside;
        this.#write(isInside ? 'reasoning' : 'text', input.take());
        taken++;
      } else {
        const isCall = callStarts.includes(mark);
        if (!isCall) taken += input.take(mark.length).length;
        if (isInside) this.#thinkingEnd = taken;
        this.#space = '';
        this.#isFresh = true;
        this.#isInside = start.includes(mark) && !isCall;
        mayStart = anywhere && !this.#isInside;
      }
    }
    if (!this.#isInside) this.#flush();
  }

  #write(kind: Kind, text: string): void {
    if (text.trim() === '') {
      if (!this.#isFresh) this.#space += text;
      return;
    }
    this.#isFresh = false;
    this.#emit(kind, this.#space + text);
    this.#space = '';
  }

  #flush(): void {
    if (this.#space !== '') this.#emit('text', this.#space);
  }

  #emit(type: Kind, text: string): void {
    const last = this.#events.at(-1);
    if (last?.type === type) this.#events[this.#events.length - 1] = { type, text: last.text + text };
    else this.#events.push({ type, text });
  }
}
