// Calls whose arguments are one object in a notation of its own, as Gemma writes them: call:f{a:1,b:<|"|>x<|"|>}.
import { type Context, MAX_NAME } from '../reading/context.js';
import type { Reading } from '../reading/input.js';
import { LiteralReader, type LiteralSyntax } from '../reading/literal.js';
import type { Around, Shape } from './shape.js';

export interface LiteralObjectData {
  readonly open: readonly string[];
  readonly close: readonly string[];
  readonly quotes: readonly string[];
}

export class LiteralObject implements Shape {
  readonly starts: readonly string[];
  readonly #data: LiteralObjectData;
  readonly #syntax: LiteralSyntax;

  constructor(data: LiteralObjectData) {
    this.#data = data;
    this.starts = data.open;
    this.#syntax = { quotes: data.quotes, escapes: false, bareKeys: true, ends: data.close };
  }

  *read(cx: Context, _around: Around): Reading<void> {
    const { input, output } = cx;
    yield* input.takeMark(this.starts);
    const { close } = this.#data;
    const name = (yield* input.takeUntil(['{', ...close], MAX_NAME))?.trim();
    if (name === undefined || name === '') return;
    cx.announce(name);
    if ((yield* input.takeMark(close)) !== undefined) return output.arguments('{}');
    input.take();
    output.arguments('{');
    const literal = new LiteralReader(cx, this.#syntax, (text) => output.arguments(text));
    yield* literal.members('}');
    yield* input.skipSpace();
    yield* input.takeMark(close);
  }
}
