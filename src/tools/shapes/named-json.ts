// Calls whose name stands before their arguments, which are one JSON object.
import { type Context, MAX_NAME } from '../reading/context.js';
import type { Reading } from '../reading/input.js';
import { passValue } from '../reading/json-text.js';
import type { Around, Shape } from './shape.js';

export interface NamedJsonData {
  readonly open: readonly string[];
  /** What ends the name; the arguments begin behind it and white space. */
  readonly nameEnd: readonly string[];
  /** Behind the arguments. */
  readonly close: readonly string[];
  /** What the text up to `nameEnd` says; undefined when it names no tool. */
  readonly names?: (text: string) => { readonly name: string; readonly id?: string } | undefined;
}

export class NamedJson implements Shape {
  readonly starts: readonly string[];
  readonly #data: NamedJsonData;

  constructor(data: NamedJsonData) {
    this.#data = data;
    this.starts = data.open;
  }

  *read(cx: Context, around: Around): Reading<void> {
    const { input, output } = cx;
    const { nameEnd, close, names = asWritten } = this.#data;
    yield* input.takeMark(this.starts);
    const head = yield* input.takeUntil(nameEnd, MAX_NAME);
    if (head === undefined) return;
    const call = names(head.trim());
    if (call === undefined) return;
    yield* input.takeMark(nameEnd);
    if ((yield* input.skipSpace()) !== '{') return;
    cx.announce(call.name, call.id);
    const ends = [...close, ...around.ends];
    yield* passValue(cx, ends, (text) => output.arguments(text));
    yield* input.skipSpace();
    yield* input.takeMark(close);
  }
}

function asWritten(name: string): { name: string; id?: string } | undefined {
  return name === '' ? undefined : { name };
}
