// Calls whose arguments are elements inside of each other, as MiniMax M3 writes them: <city>Tokyo</city>, each tag behind
// a prefix. Members are elements by name, elements of a list stand in <item>.
import { type Context, MAX_NAME } from '../reading/context.js';
import type { Reading } from '../reading/input.js';
import { inString } from '../reading/json-text.js';
import { kindsOf, memberSchema } from '../reading/kinds.js';
import { jsonOf } from '../reading/untyped.js';
import type { Around, Shape } from './shape.js';

export interface NestedTagsData {
  /** Before every tag. */
  readonly prefix: string;
  /** Before and behind the name of the tool. */
  readonly open: string;
  readonly nameEnd: string;
  readonly close: string;
  readonly item: string;
}

const MAX_DEPTH = 128;
type Schema = Readonly<Record<string, unknown>>;

export class NestedTags implements Shape {
  readonly starts: readonly string[];
  readonly #data: NestedTagsData;

  constructor(data: NestedTagsData) {
    this.#data = data;
    this.starts = [data.prefix + data.open];
  }

  *read(cx: Context, _around: Around): Reading<void> {
    const { input, output } = cx;
    const { prefix, nameEnd, close } = this.#data;
    yield* input.takeMark(this.starts);
    const name = (yield* input.takeUntil([nameEnd], MAX_NAME))?.trim();
    if (name === undefined || name === '') return;
    input.take(nameEnd.length);
    cx.announce(name);
    const root: Schema = cx.parameters(name) ?? {};
    for (let count = 0; ; count++) {
      if ((yield* input.skipSpace()) === '') return;
      if ((yield* input.takeMark([prefix + close])) !== undefined) {
        output.arguments(count === 0 ? '{}' : '}');
        return;
      }
      const tag = yield* this.#openTag(cx);
      if (tag === undefined) return;
      output.arguments(`${count === 0 ? '{' : ', '}"${inString(tag)}": `);
      const value = yield* this.#value(cx, tag, memberSchema(root, tag, root), root, 0);
      if (value === undefined) return;
      output.arguments(value);
    }
  }

  *#openTag(cx: Context): Reading<string | undefined> {
    const { input } = cx;
    if ((yield* input.takeMark([`${this.#data.prefix}<`])) === undefined) return undefined;
    const tag = yield* input.takeUntil(['>'], MAX_NAME);
    if (tag === undefined || tag.startsWith('/')) return undefined;
    input.take();
    return tag;
  }

  /** The JSON of an element's content, and its closing tag; undefined when it breaks off. */
  *#value(
    cx: Context,
    tag: string,
    schema: unknown,
    root: Schema,
    depth: number,
  ): Reading<string | undefined> {
    if (depth > MAX_DEPTH) return undefined;
    const { input } = cx;
    const { prefix, item } = this.#data;
    const text = yield* input.takeUntil([prefix]);
    if (text === undefined) return undefined;
    const members: [string, string][] = [];
    while ((yield* input.takeMark([`${prefix}</${tag}>`])) === undefined) {
      const inner = yield* this.#openTag(cx);
      if (inner === undefined) return undefined;
      const inside = memberSchema(schema, inner === item ? undefined : inner, root);
      const value = yield* this.#value(cx, inner, inside, root, depth + 1);
      if (value === undefined) return undefined;
      members.push([inner, value]);
      yield* input.skipSpace();
    }
    const kinds = kindsOf(schema, root);
    const isList = kinds?.has('array') === true && (members.length === 0 || members[0][0] === item);
    if (members.length === 0 && !(text.trim() === '' && (isList || kinds?.has('object'))))
      return jsonOf(text, kinds);
    if (isList || (!kinds?.has('object') && members[0]?.[0] === item))
      return `[${members.map(([, value]) => value).join(', ')}]`;
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(', ')}}`;
  }
}
