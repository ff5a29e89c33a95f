// Gathers what a reader finds as events. White space around calls is dropped, so it is held back until more text comes.
import type { ToolEvent } from '../format.js';

export class Output {
  #events: ToolEvent[] = [];
  /** White space at the end of the text so far. */
  #space = '';
  #afterCall = false;
  /** Whether the arguments that come belong to a call that is left out. */
  #muted = false;

  text(text: string): void {
    const visible = this.#afterCall ? text.trimStart() : text;
    if (visible === '') return;
    this.#afterCall = false;
    const body = visible.trimEnd();
    if (body === '') this.#space += visible;
    else {
      this.#append('text', this.#space + body);
      this.#space = visible.slice(body.length);
    }
  }

  call(name: string, id: string | undefined, isWanted: boolean): void {
    this.#muted = !isWanted;
    this.around();
    if (isWanted) this.#events.push({ type: 'call', name, ...(id !== undefined && { id }) });
  }

  /** Something that is no text stands here: white space around it is dropped. */
  around(): void {
    this.#space = '';
    this.#afterCall = true;
  }

  arguments(text: string): void {
    if (text !== '' && !this.#muted) this.#append('arguments', text);
  }

  end(): void {
    if (this.#space !== '') this.#append('text', this.#space);
    this.#space = '';
  }

  take(): ToolEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #append(type: 'text' | 'arguments', text: string): void {
    const last = this.#events.at(-1);
    if (last?.type === type) this.#events[this.#events.length - 1] = { type, text: last.text + text };
    else this.#events.push({ type, text });
  }
}
