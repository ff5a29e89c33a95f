// Calls written as Python: [f(a=1, b='x'), g()], or one call a line.
import { type Context, MAX_NAME } from '../reading/context.js';
import type { Reading } from '../reading/input.js';
import { LiteralReader, type LiteralSyntax } from '../reading/literal.js';
import type { JsonObjects } from './json-objects.js';
import type { Around, Shape } from './shape.js';

export interface PythonicData {
  /** Before the calls; without any, a bracket with a call in it begins them anywhere in the text. */
  readonly open: readonly string[];
  readonly close: readonly string[];
  /** The list may also hold calls as JSON objects. */
  readonly objects?: JsonObjects;
}

const NAME_CHARACTER = /^[A-Za-z0-9_.:/-]$/;

export class Pythonic implements Shape {
  readonly starts: readonly string[];
  readonly #data: PythonicData;
  readonly #isBare: boolean;
  readonly #syntax: LiteralSyntax;

  constructor(data: PythonicData) {
    this.#data = data;
    this.#isBare = data.open.length === 0;
    this.starts = this.#isBare ? ['['] : data.open;
    this.#syntax = { quotes: ["'''", '"""', "'", '"'], escapes: true, bareKeys: false, ends: data.close };
  }

  *read(cx: Context, _around: Around): Reading<void> {
    const { input } = cx;
    if (!this.#isBare) yield* input.takeMark(this.starts);
    const isList = (yield* input.skipSpace()) === '[';
    if (isList) input.take();
    if (this.#data.objects && (yield* input.skipSpace()) === '{')
      return yield* this.#data.objects.readElements(cx, this.#data.close);
    for (;;) {
      const next = yield* input.skipSpace();
      if (next === ',' && cx.isAnnounced) input.take();
      else if (next === ']' && isList && cx.isAnnounced) {
        input.take();
        break;
      } else {
        if (cx.isAnnounced) {
          if ((yield* input.at(this.#data.close)) !== undefined) break;
          cx.attempt();
        }
        if (!(yield* this.#call(cx))) return;
      }
    }
    yield* input.skipSpace();
    yield* input.takeMark(this.#data.close);
  }

  /** One call; false when it is none, or broke off. */
  *#call(cx: Context): Reading<boolean> {
    const { input, output } = cx;
    const name = yield* takeName(cx);
    if (name === '' || (this.#isBare && !cx.knows(name))) return false;
    if ((yield* input.skipSpace()) !== '(') return false;
    input.take();
    for (let count = 0; ; count++) {
      const next = yield* input.skipSpace();
      if (next === ')') {
        if (count === 0) cx.announce(name);
        input.take();
        output.arguments(count === 0 ? '{}' : '}');
        return true;
      }
      const key = yield* takeName(cx);
      if (key === '' || (yield* input.skipSpace()) !== '=') return false;
      input.take();
      if (count === 0) cx.announce(name);
      output.arguments(`${count === 0 ? '{' : ', '}${JSON.stringify(key)}: `);
      const literal = new LiteralReader(cx, this.#syntax, (text) => output.arguments(text));
      if (!(yield* literal.value())) return false;
      const after = yield* input.skipSpace();
      if (after === ',') input.take();
      else if (after !== ')') return false;
    }
  }
}

function* takeName(cx: Context): Reading<string> {
  let name = '';
  while (name.length <= MAX_NAME && NAME_CHARACTER.test(yield* cx.input.peek())) name += cx.input.take();
  return name.length > MAX_NAME ? '' : name;
}
