// JSON as it stands in the text: passed on by quotes and brackets alone, what is inside is not judged.
import type { Context } from './context.js';
import type { Reading } from './input.js';

const IN_STRING = /[^"\\]+/y;
const PLAIN = /[ \t\n\r:,0-9.eE+-]+/y;

/**
 * Passes a JSON value on to `emit` as it comes. Outside of strings one of `ends` also ends it, so that broken JSON does
 * not swallow the rest. Nothing is taken where no value begins.
 */
export function* passValue(
  cx: Context,
  ends: readonly string[],
  emit: (text: string) => void,
): Reading<void> {
  const { input } = cx;
  let depth = 0;
  for (;;) {
    const next = yield* input.peek();
    if (next === '') return;
    if (next === '"') yield* passString(cx, emit);
    else if (next === '{' || next === '[') {
      depth++;
      emit(input.take());
      continue;
    } else if (next === '}' || next === ']') {
      if (depth === 0) return;
      depth--;
      emit(input.take());
    } else if (depth === 0) return yield* passScalar(cx, ends, emit);
    else {
      const run = input.takeRun(PLAIN);
      if (run === '' && (yield* input.at(ends)) !== undefined) return;
      emit(run === '' ? input.take() : run);
      continue;
    }
    if (depth === 0) return;
  }
}

/** A string, from its opening quote. */
export function* passString(cx: Context, emit: (text: string) => void): Reading<void> {
  const { input } = cx;
  emit(input.take());
  for (;;) {
    emit(input.takeRun(IN_STRING));
    const next = yield* input.peek();
    if (next === '') return;
    if (next === '"') return emit(input.take());
    if (next !== '\\') continue;
    emit(input.take());
    if ((yield* input.peek()) !== '') emit(input.take());
  }
}

function* passScalar(cx: Context, ends: readonly string[], emit: (text: string) => void): Reading<void> {
  const { input } = cx;
  for (;;) {
    const next = yield* input.peek();
    if (next === '' || ' \t\n\r,:}]'.includes(next)) return;
    if ((yield* input.at(ends)) !== undefined) return;
    emit(input.take());
  }
}

/** A JSON value as a whole. */
export function* takeValue(cx: Context, ends: readonly string[]): Reading<string> {
  let value = '';
  yield* passValue(cx, ends, (text) => {
    value += text;
  });
  return value;
}

/** The value of JSON text that is a string, or undefined when it is not one. */
export function stringOf(json: string): string | undefined {
  const value = parsedJson(json);
  return typeof value === 'string' ? value : undefined;
}

/** The value of JSON text, or undefined when it is none. */
export function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The text as it stands inside of a JSON string. */
export function inString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
