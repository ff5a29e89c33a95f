// What is certain of an object whose JSON text was cut: a call that ran into max_tokens is answered with it.
// One pass notes the last place behind a complete value, or behind a bracket that opens; what is open there is closed.

const TOKEN =
  /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,}\]])/sy;

/** The object that `text`, a prefix of an object's JSON text, surely begins. A number counts once something follows it. */
export function closedJson(text: string): object {
  const closers: string[] = [];
  let certain = { end: 0, closers: '' };
  let isKey = false;
  const space = /\s*/y;
  for (let at = 0; ; ) {
    space.lastIndex = at;
    space.test(text);
    TOKEN.lastIndex = space.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) break;
    at = TOKEN.lastIndex;
    const inObject = closers.at(-1) === '}';
    if (token === '{' || token === '[') {
      closers.push(token === '{' ? '}' : ']');
      isKey = token === '{';
    } else if (token === '}' || token === ']') {
      closers.pop();
      isKey = false;
    } else if (token === ',' || token === ':') {
      isKey = token === ',' && inObject;
      continue;
    } else if (isKey) continue;
    certain = { end: at, closers: closers.toReversed().join('') };
  }
  const known: unknown = certain.end === 0 ? {} : JSON.parse(text.slice(0, certain.end) + certain.closers);
  return known as object;
}
