// Reads an output of a format: text, and calls in one of the format's shapes. The whole is read by feeding it at once.
import type { ParserOptions, ToolCallParser, ToolEvent } from './format.js';
import { Context, MAX_NAME } from './reading/context.js';
import type { Reading } from './reading/input.js';
import type { Around, Shape } from './shapes/shape.js';

/** The marks of a format that stand around calls and are no text. */
export interface Wire {
  readonly shapes: readonly Shape[];
  /** Before a call; text where no call follows. */
  readonly before?: readonly string[];
  /** A header before a call: what opens it and what ends it. Text where no call follows. */
  readonly header?: { readonly open: string; readonly end: string };
  /** Shapes that are read only behind one of `before` or a header. */
  readonly inside?: readonly Shape[];
  /** Behind a call; text where none came before. */
  readonly behind?: readonly string[];
  /** Never text. */
  readonly silent?: readonly string[];
}

export class OutputParser implements ToolCallParser {
  readonly #cx: Context;
  readonly #reading: Reading<void>;

  constructor(wire: Wire, options: ParserOptions = {}) {
    this.#cx = new Context(options.tools, options.unknownTools === 'drop');
    this.#reading = readOutput(wire, this.#cx);
  }

  push(text: string): ToolEvent[] {
    this.#cx.input.feed(text);
    this.#reading.next();
    return this.#cx.output.take();
  }

  finish(): ToolEvent[] {
    this.#cx.input.end();
    this.#reading.next();
    this.#cx.output.end();
    return this.#cx.output.take();
  }
}

function* readOutput(wire: Wire, cx: Context): Reading<void> {
  const { shapes, before = [], behind = [], silent = [], header } = wire;
  const { input, output } = cx;
  const around = { ends: [...before, ...behind] };
  const starts = shapes.flatMap((shape) => shape.starts);
  const headers = header === undefined ? [] : [header.open];
  const marks = [...new Set([...starts, ...around.ends, ...silent, ...headers])];
  const plain = runWithout(marks);
  let hasCalls = false;
  for (;;) {
    output.text(input.takeRun(plain));
    if ((yield* input.peek()) === '') return;
    const mark = yield* input.at(marks);
    if (mark === undefined) output.text(input.take());
    else if (silent.includes(mark) || (behind.includes(mark) && hasCalls)) {
      input.take(mark.length);
      output.around();
    } else {
      cx.attempt();
      yield* readCall(wire, cx, around);
      hasCalls = cx.settle() || hasCalls;
    }
  }
}

/** From a mark on: a call, or text of at least one character. */
function* readCall(wire: Wire, cx: Context, around: Around): Reading<void> {
  const { shapes, before = [], inside = [], header } = wire;
  const { input } = cx;
  for (;;) {
    const isBefore = (yield* input.takeMark(before)) !== undefined;
    if (!isBefore && !(yield* takeHeader(cx, header))) break;
    yield* input.skipSpace();
  }
  for (const shape of input.hasHeld ? [...shapes, ...inside] : shapes)
    if ((yield* input.at(shape.starts)) !== undefined) return yield* shape.read(cx, around);
  if (!input.hasHeld) input.take();
}

function* takeHeader(cx: Context, header: Wire['header']): Reading<boolean> {
  const { input } = cx;
  if (header === undefined || (yield* input.takeMark([header.open])) === undefined) return false;
  if ((yield* input.takeUntil([header.end], MAX_NAME)) === undefined) return false;
  input.take(header.end.length);
  return true;
}

/** Text that holds the beginning of none of the marks. */
function runWithout(marks: readonly string[]): RegExp {
  const first = new Set(marks.map((mark) => mark.charCodeAt(0).toString(16).padStart(4, '0')));
  return new RegExp(`[^${[...first].map((code) => `\\u${code}`).join('')}]+`, 'y');
}
