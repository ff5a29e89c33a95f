// Reads hermes calls out of streamed text, one character at a time, so that any cut of the text gives the same outcome.
// Text is held back only while it may still become a call; a call is announced once its name and an object are certain.
import type { ToolCallParser, ToolEvent } from './format.js';
import { isJsonSpace, ValueScanner } from './value-scanner.js';

export const CALL_START = '<tool_call>';
export const CALL_END = '</tool_call>';

const SPACE = /^\s$/;
const VALUE_START = /^["{[\-0-9tfn]$/;

/** Where the next character stands. `broken`: inside arguments that are not JSON, which run to the end mark. */
type Place = 'text' | 'open' | 'key' | 'colon' | 'value' | 'after' | 'close' | 'broken';

/**
 * White space around calls is dropped. A start mark that no call follows is text. Members other than `name` and
 * `arguments` are skipped. Once a call was announced it stays one: if its arguments are not JSON they come as they are.
 */
export class HermesParser implements ToolCallParser {
  #place: Place = 'text';
  /** In text: what may still belong to a call. In a call: all of it, with the space before, until it is announced. */
  #held = '';
  /** How much of an awaited mark stands at the end of what was read. */
  #mark = '';
  #afterCall = false;
  #events: ToolEvent[] = [];

  #scanner = new ValueScanner();
  #key = '';
  /** The member's value so far; left out once arguments are passed on as they come. */
  #value = '';
  #valueStarted = false;
  #name: string | undefined;
  /** Arguments that came before the name. */
  #arguments: string | undefined;
  #argumentsOver = false;
  #announced = false;

  push(text: string): ToolEvent[] {
    for (const character of text) this.#read(character);
    return this.#take();
  }

  finish(): ToolEvent[] {
    if (this.#place === 'broken') this.#emitArguments(this.#mark);
    else if (this.#place !== 'text' && !this.#announced) this.#giveUp();
    else if (this.#place === 'text' && !(this.#afterCall && this.#held.trim() === ''))
      this.#emitText(this.#held);
    this.#reset();
    return this.#take();
  }

  #take(): ToolEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #read(character: string) {
    if (this.#place === 'text') return this.#readText(character);
    if (!this.#announced) this.#held += character;
    switch (this.#place) {
      case 'value':
        return this.#readValue(character);
      case 'key':
        return this.#readKey(character);
      case 'close':
        return this.#readClose(character);
      case 'broken':
        return this.#readBroken(character);
      default:
        return this.#readPunctuation(character);
    }
  }

  #readText(character: string) {
    const mark = this.#mark + character;
    if (CALL_START.startsWith(mark)) {
      this.#mark = mark;
      this.#held += character;
      if (mark === CALL_START) this.#open();
      return;
    }
    if (this.#mark !== '') {
      this.#mark = '';
      this.#emitText(this.#held);
      this.#held = '';
      this.#readText(character);
      return;
    }
    this.#held += character;
    if (SPACE.test(character)) return;
    this.#emitText(this.#held);
    this.#held = '';
  }

  #open() {
    this.#place = 'open';
    this.#mark = '';
    this.#name = undefined;
    this.#arguments = undefined;
    this.#argumentsOver = false;
    this.#announced = false;
  }

  /** The single characters between keys and values. */
  #readPunctuation(character: string) {
    if (isJsonSpace(character)) return;
    if (this.#place === 'open' && character === '{') this.#startKey();
    else if (this.#place === 'colon' && character === ':') {
      this.#place = 'value';
      this.#value = '';
      this.#valueStarted = false;
      this.#scanner = new ValueScanner();
    } else if (this.#place === 'after' && character === ',') this.#startKey();
    else if (this.#place === 'after' && character === '}') this.#endObject();
    else this.#deviate(character);
  }

  #startKey() {
    this.#place = 'key';
    this.#key = '';
    this.#scanner = new ValueScanner();
  }

  #readKey(character: string) {
    if (this.#key === '' && isJsonSpace(character)) return;
    if (this.#key === '' && character !== '"') return this.#deviate(character);
    this.#key += character;
    if (this.#scanner.read(character) !== 'last') return;
    const key = parseString(this.#key);
    if (key === undefined) return this.#deviate('');
    this.#key = key;
    this.#place = 'colon';
  }

  #readValue(character: string) {
    if (!this.#valueStarted) {
      if (isJsonSpace(character)) return;
      if (!this.#startValue(character)) return this.#deviate(character);
      this.#valueStarted = true;
    }
    const passedOn = this.#announced && this.#key === 'arguments' && !this.#argumentsOver;
    if (passedOn && character === '<' && !this.#scanner.inString) {
      this.#place = 'broken';
      return this.#readBroken(character);
    }
    const step = this.#scanner.read(character);
    if (step === 'past') {
      this.#endValue();
      return this.#readPunctuation(character);
    }
    if (passedOn) this.#emitArguments(character);
    else this.#value += character;
    if (step === 'last') this.#endValue();
  }

  /** Whether the member may have a value that starts so. Announces the call where its arguments start. */
  #startValue(character: string): boolean {
    if (!VALUE_START.test(character)) return false;
    if (this.#announced) return true;
    if (this.#key === 'name') return character === '"';
    if (this.#key !== 'arguments') return true;
    if (character !== '{') return false;
    if (this.#name !== undefined) this.#announce(this.#name);
    return true;
  }

  #endValue() {
    this.#place = 'after';
    if (this.#key === 'arguments') {
      if (!this.#announced) this.#arguments ??= this.#value;
      this.#argumentsOver = true;
    } else if (this.#key === 'name' && !this.#announced) this.#endName();
  }

  #endName() {
    this.#name = parseString(this.#value);
    if (this.#name === undefined) return this.#deviate('');
    if (this.#arguments === undefined) return;
    this.#announce(this.#name);
    this.#emitArguments(this.#arguments);
  }

  #endObject() {
    if (!this.#announced) {
      if (this.#name === undefined) return this.#giveUp();
      this.#announce(this.#name);
      this.#emitArguments('{}');
    }
    this.#place = 'close';
    this.#mark = '';
  }

  #readClose(character: string) {
    if (this.#mark === '' && SPACE.test(character)) return;
    this.#mark += character;
    if (this.#mark === CALL_END) return this.#reset();
    if (CALL_END.startsWith(this.#mark)) return;
    const rest = this.#mark;
    this.#reset();
    for (const next of rest) this.#read(next);
  }

  #readBroken(character: string) {
    const mark = this.#mark + character;
    if (mark === CALL_END) return this.#reset();
    if (CALL_END.startsWith(mark)) {
      this.#mark = mark;
      return;
    }
    this.#emitArguments(this.#mark);
    this.#mark = character === CALL_END[0] ? character : '';
    if (this.#mark === '') this.#emitArguments(character);
  }

  /** The call is not what it should be from `character` on: not a call after all, or over. */
  #deviate(character: string) {
    if (this.#announced) {
      this.#reset();
      this.#readText(character);
      return;
    }
    this.#held = this.#held.slice(0, this.#held.length - character.length);
    this.#giveUp();
    if (character !== '') this.#readText(character);
  }

  /** What was held as a call is text. */
  #giveUp() {
    this.#emitText(this.#held);
    this.#held = '';
    this.#mark = '';
    this.#place = 'text';
  }

  #announce(name: string) {
    this.#announced = true;
    this.#held = '';
    this.#events.push({ type: 'call', name });
  }

  /** Back to text after a call. */
  #reset() {
    this.#place = 'text';
    this.#held = '';
    this.#mark = '';
    this.#afterCall = true;
  }

  #emitText(text: string) {
    const visible = this.#afterCall ? text.trimStart() : text;
    if (visible === '') return;
    this.#afterCall = false;
    this.#append('text', visible);
  }

  #emitArguments(text: string) {
    if (text !== '') this.#append('arguments', text);
  }

  #append(type: 'text' | 'arguments', text: string) {
    const last = this.#events.at(-1);
    if (last?.type === type) this.#events[this.#events.length - 1] = { type, text: last.text + text };
    else this.#events.push({ type, text });
  }
}

/** The value of JSON text that is a string, or undefined when it is not one. */
function parseString(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
