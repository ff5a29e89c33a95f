// Calls whose parameters stand between tags, one by one, strings as they are. They become JSON while they are read.
import { type Context, MAX_NAME } from '../reading/context.js';
import type { Reading } from '../reading/input.js';
import { passValue } from '../reading/json-text.js';
import type { Kinds } from '../reading/kinds.js';
import { StringWriter } from '../reading/string-writer.js';
import { jsonOf } from '../reading/untyped.js';
import type { Around, Shape } from './shape.js';

export interface TaggedData {
  /** Before the name of the tool. */
  readonly open: readonly string[];
  /** What ends the name. Of these, `behindName` is taken with it. */
  readonly nameEnd: readonly string[];
  readonly behindName?: readonly string[];
  readonly close: readonly string[];
  readonly names?: (text: string) => string | undefined;
  /** Whether names are written with XML entities. */
  readonly entities?: boolean;
  readonly parameter: {
    /** Before the name of a parameter, and behind it. */
    readonly open: readonly string[];
    readonly nameEnd: readonly string[];
    /** An attribute that tells the kind of the value, and which of its texts mean a string. */
    readonly kind?: {
      /** Between the name and the attribute, as it is written. */
      readonly lead: string;
      readonly open: string;
      readonly close: string;
      readonly string: string;
      /** What is written for a kind of value. */
      readonly of: (kind: string) => string;
    };
    /** Before the value, behind white space. */
    readonly valueOpen?: readonly string[];
    readonly close: readonly string[];
    /** Whether a line break stands behind the opening and before the closing tag; it is not part of a string. */
    readonly lines?: boolean;
    /** Text around a string that is none of it, such as CDATA's. */
    readonly wrap?: readonly [string, string];
  };
}

export class Tagged implements Shape {
  readonly starts: readonly string[];
  readonly #data: TaggedData;

  constructor(data: TaggedData) {
    this.#data = data;
    this.starts = data.open;
  }

  *read(cx: Context, around: Around): Reading<void> {
    const { input } = cx;
    const { nameEnd, behindName = [], names = asWritten } = this.#data;
    yield* input.takeMark(this.starts);
    const head = yield* input.takeUntil(nameEnd, MAX_NAME);
    const written = head === undefined ? undefined : names(head.trim());
    if (written === undefined || written === '') return;
    const name = this.#data.entities === true ? plain(written) : written;
    yield* input.takeMark(behindName);
    cx.announce(name);
    yield* new CallReading(cx, this.#data, name, [...this.starts, ...around.ends].filter(Boolean)).read();
  }
}

class CallReading {
  readonly #cx: Context;
  readonly #data: TaggedData;
  readonly #tool: string;
  readonly #ends: readonly string[];
  #count = 0;

  constructor(cx: Context, data: TaggedData, tool: string, ends: readonly string[]) {
    this.#cx = cx;
    this.#data = data;
    this.#tool = tool;
    this.#ends = ends;
  }

  /** From behind the name to the end of the call; a mark that can only follow a call ends it too. */
  *read(): Reading<void> {
    const { input, output } = this.#cx;
    const { close, parameter } = this.#data;
    for (;;) {
      const next = yield* input.skipSpace();
      if (next === '') return;
      const mark = yield* input.at([...parameter.open, ...close, ...this.#ends]);
      if (mark !== undefined && parameter.open.includes(mark)) {
        input.take(mark.length);
        if (!(yield* this.#parameter())) return;
      } else if (mark !== undefined) {
        if (close.includes(mark)) input.take(mark.length);
        output.arguments(this.#count === 0 ? '{}' : '}');
        return;
      } else if (next === '{' && this.#count === 0) return yield* this.#jsonBody();
      else input.take();
    }
  }

  *#jsonBody(): Reading<void> {
    const { input, output } = this.#cx;
    yield* passValue(this.#cx, [...this.#data.close, ...this.#ends], (text) => output.arguments(text));
    yield* input.skipSpace();
    yield* input.takeMark(this.#data.close);
  }

  /** A parameter from its name on; false when the output ended in it. */
  *#parameter(): Reading<boolean> {
    const { input, output } = this.#cx;
    const { nameEnd, kind, valueOpen = [] } = this.#data.parameter;
    const written = yield* input.takeUntil(nameEnd);
    if (written === undefined) return false;
    yield* input.takeMark(nameEnd);
    const name = this.#data.entities === true ? plain(written) : written.trim();
    let isString: boolean | undefined;
    if (kind !== undefined) {
      yield* this.#spaceBefore([kind.open, ...valueOpen]);
      if ((yield* input.takeMark([kind.open])) !== undefined) {
        const text = yield* input.takeUntil([kind.close]);
        if (text === undefined) return false;
        input.take(kind.close.length);
        isString = text === kind.string;
      }
    }
    if (valueOpen.length > 0) {
      yield* this.#spaceBefore(valueOpen);
      yield* input.takeMark(valueOpen);
    }
    output.arguments(`${this.#count++ === 0 ? '{' : ', '}${JSON.stringify(name)}: `);
    return yield* this.#value(this.#cx.kinds(this.#tool, name), isString);
  }

  /** White space belongs to the value where none of the marks follows; they are written right behind where they can. */
  *#spaceBefore(marks: readonly string[]): Reading<void> {
    if (marks.length > 0) yield* this.#cx.input.skipSpace();
  }

  *#value(kinds: Kinds | undefined, isString: boolean | undefined): Reading<boolean> {
    const { output } = this.#cx;
    const emit = (text: string) => output.arguments(text);
    const isLiteral =
      kinds === undefined ? (isString ?? !this.#cx.defines(this.#tool)) : isText(kinds, isString);
    if (isLiteral) {
      const writer = new StringWriter(emit);
      const isWhole = yield* this.#text((text) => writer.write(text));
      writer.end(isWhole);
      return isWhole;
    }
    let text = '';
    const isWhole = yield* this.#text((piece) => {
      text += piece;
    });
    if (isWhole) emit(jsonOf(text, kinds));
    return isWhole;
  }

  /** The text of a value, without what belongs to the tags; false when the output ended in it. */
  *#text(emit: (text: string) => void): Reading<boolean> {
    const { input } = this.#cx;
    const { close, lines, wrap } = this.#data.parameter;
    const ends = lines === true ? [...close, ...close.map((mark) => `\n${mark}`)] : close;
    const starters = new Set(ends.map((mark) => mark[0]));
    if (lines === true) yield* input.takeMark(['\n']);
    if (wrap && (yield* input.takeMark([wrap[0]])) !== undefined) return yield* this.#wrapped(wrap[1], emit);
    for (;;) {
      const next = yield* input.peek();
      if (next === '') return false;
      if (starters.has(next) && (yield* input.takeMark(ends)) !== undefined) return true;
      emit(input.take());
    }
  }

  *#wrapped(end: string, emit: (text: string) => void): Reading<boolean> {
    const { input } = this.#cx;
    for (;;) {
      if ((yield* input.peek()) === '') return false;
      if ((yield* input.takeMark([end])) !== undefined) break;
      emit(input.take());
    }
    yield* input.skipSpace();
    yield* input.takeMark(this.#data.parameter.close);
    return true;
  }
}

/** Whether a value is a string as it stands: what the schema admits counts before what the tag says. */
function isText(kinds: Kinds, isString: boolean | undefined): boolean {
  if (!kinds.has('string')) return false;
  return kinds.size === 1 || isString === true;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
};

function plain(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => ENTITIES[entity]);
}

function asWritten(name: string): string {
  return name;
}
