// Calls that are JSON objects with the name and the arguments as members: alone, in a list, or one behind the other.
import type { Context } from '../reading/context.js';
import { isBlank, type Reading } from '../reading/input.js';
import { passString, passValue, stringOf, takeValue } from '../reading/json-text.js';
import type { Around, Shape } from './shape.js';

export interface JsonObjectsData {
  /** The text before the first call. Without any, an object or a list begins the calls. */
  readonly open: readonly string[];
  /** What may be a call anywhere in the text, without a mark; it is judged strictly then. */
  readonly anywhere?: 'object' | 'list';
  readonly close: readonly string[];
  /** Without any, an object has one member, with the tool for its name. */
  readonly name: readonly string[];
  readonly arguments: readonly string[];
  readonly id?: readonly string[];
  /** Whether arguments may stand as a string that holds JSON. */
  readonly quotedArguments?: boolean;
  /** What stands between two calls that are in no list. */
  readonly separator?: string;
  /** Text that may stand between `open` and the call, and says nothing. */
  readonly header?: readonly string[];
  /** Members that a bare object may also have. */
  readonly others?: readonly string[];
}

export class JsonObjects implements Shape {
  readonly starts: readonly string[];
  readonly #data: JsonObjectsData;
  readonly #isBare: boolean;

  constructor(data: JsonObjectsData) {
    this.#data = data;
    this.#isBare = data.anywhere !== undefined;
    const bare = data.anywhere === 'object' ? ['{'] : ['{', '['];
    this.starts = data.open.length === 0 ? bare : data.open;
  }

  *read(cx: Context, around: Around): Reading<void> {
    const { input } = cx;
    const { close, header = [] } = this.#data;
    const ends = [...close, ...around.ends];
    if (this.#data.open.length > 0) yield* input.takeMark(this.starts);
    yield* input.skipSpace();
    if (header.length > 0) yield* this.#skipHeader(cx, header);
    const next = yield* input.skipSpace();
    if (next === '[') yield* this.#list(cx, ends);
    else if (!(yield* this.#object(cx, ends))) return;
    else yield* this.#further(cx, ends);
    if (cx.isAnnounced) yield* this.#takeClose(cx);
  }

  *#skipHeader(cx: Context, header: readonly string[]): Reading<void> {
    while ((yield* cx.input.takeMark(header)) !== undefined) yield* cx.input.skipSpace();
  }

  *#takeClose(cx: Context): Reading<void> {
    if (this.#data.close.length === 0) return;
    yield* cx.input.skipSpace();
    yield* cx.input.takeMark(this.#data.close);
  }

  /** The calls of a list, from its bracket on. */
  *#list(cx: Context, ends: readonly string[]): Reading<void> {
    cx.input.take();
    yield* this.readElements(cx, ends);
  }

  /** The calls of a list from behind its bracket, and its end. */
  *readElements(cx: Context, ends: readonly string[]): Reading<void> {
    const { input } = cx;
    for (;;) {
      const next = yield* input.skipSpace();
      if (next === '{') {
        if (!(yield* this.#object(cx, ends))) return;
      } else if (next === ',' && cx.isAnnounced) input.take();
      else {
        if (next === ']' && cx.isAnnounced) input.take();
        return;
      }
    }
  }

  /** Calls behind the first one, with the separator between. */
  *#further(cx: Context, ends: readonly string[]): Reading<void> {
    const { separator } = this.#data;
    if (separator === undefined) return;
    for (;;) {
      cx.attempt();
      if ((yield* cx.input.skipSpace()) !== separator) break;
      cx.input.take();
      if ((yield* cx.input.skipSpace()) !== '{') break;
      if (!(yield* this.#object(cx, ends))) break;
    }
    cx.settle();
  }

  /** One call, from its brace on; false when it is none. */
  *#object(cx: Context, ends: readonly string[]): Reading<boolean> {
    if ((yield* cx.input.peek()) !== '{') return false;
    if (cx.isAnnounced) cx.attempt();
    const call = new ObjectReading(cx, this.#data, this.#isBare, ends);
    yield* call.read();
    return cx.isAnnounced;
  }
}

/** One object while it is read, its members in any order. */
class ObjectReading {
  readonly #cx: Context;
  readonly #data: JsonObjectsData;
  readonly #isBare: boolean;
  readonly #ends: readonly string[];
  #name: string | undefined;
  #id: string | undefined;
  /** Arguments that came before the name. */
  #early: string | undefined;
  #hasArguments = false;

  constructor(cx: Context, data: JsonObjectsData, isBare: boolean, ends: readonly string[]) {
    this.#cx = cx;
    this.#data = data;
    this.#isBare = isBare;
    this.#ends = ends;
  }

  *read(): Reading<void> {
    const { input } = this.#cx;
    input.take();
    for (;;) {
      if ((yield* input.skipSpace()) !== '"') return;
      const key = stringOf(yield* takeString(this.#cx));
      if (key === undefined || (yield* input.skipSpace()) !== ':') return;
      input.take();
      yield* input.skipSpace();
      if (!(yield* this.#member(key))) return;
      const next = yield* input.skipSpace();
      if (next === ',') input.take();
      else {
        if (next === '}' && this.#end()) input.take();
        return;
      }
    }
  }

  /** The value of a member; false when this cannot be a call. */
  *#member(key: string): Reading<boolean> {
    const { name, arguments: given, id = [], others = [] } = this.#data;
    const isAnnounced = this.#cx.isAnnounced;
    if (name.length === 0) {
      this.#name = key;
      return !isAnnounced && (yield* this.#readArguments());
    }
    if (name.includes(key) && !isAnnounced) return yield* this.#readName();
    if (given.includes(key) && !this.#hasArguments) return yield* this.#readArguments();
    if (this.#isBare && !isAnnounced && !others.includes(key)) return false;
    if (!(yield* startsValue(this.#cx))) return false;
    const value = yield* takeValue(this.#cx, this.#ends);
    if (id.includes(key)) this.#id = stringOf(value);
    return true;
  }

  *#readName(): Reading<boolean> {
    if ((yield* this.#cx.input.peek()) !== '"') return false;
    this.#name = stringOf(yield* takeString(this.#cx));
    if (this.#name === undefined) return false;
    if (this.#isBare && !this.#cx.knows(this.#name)) return false;
    if (this.#early === undefined) return true;
    this.#cx.announce(this.#name, this.#id);
    this.#cx.output.arguments(this.#early);
    return true;
  }

  *#readArguments(): Reading<boolean> {
    const next = yield* this.#cx.input.peek();
    const isQuoted = next === '"' && this.#data.quotedArguments === true;
    if (next !== '{' && !isQuoted) return false;
    this.#hasArguments = true;
    if (isQuoted) {
      const text = stringOf(yield* takeString(this.#cx));
      if (text === undefined) return false;
      this.#give(text);
    } else if (this.#name === undefined) this.#early = yield* takeValue(this.#cx, this.#ends);
    else {
      this.#cx.announce(this.#name, this.#id);
      yield* passValue(this.#cx, this.#ends, (text) => this.#cx.output.arguments(text));
    }
    return true;
  }

  #give(text: string): void {
    if (this.#name === undefined) this.#early = text;
    else {
      this.#cx.announce(this.#name, this.#id);
      this.#cx.output.arguments(text);
    }
  }

  /** At the closing brace: whether it closes a call. */
  #end(): boolean {
    if (this.#cx.isAnnounced) return true;
    if (this.#name === undefined || this.#isBare) return false;
    this.#cx.announce(this.#name, this.#id);
    this.#cx.output.arguments('{}');
    return true;
  }
}

function* takeString(cx: Context): Reading<string> {
  let text = '';
  yield* passString(cx, (piece) => {
    text += piece;
  });
  return text;
}

/** Whether a JSON value may begin here. */
function* startsValue(cx: Context): Reading<boolean> {
  const next = yield* cx.input.peek();
  return next !== '' && !isBlank(next) && /^["{[\-0-9tfn]$/.test(next);
}
