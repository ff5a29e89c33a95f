// JSON that keeps what JSON.parse loses: the order of integer-like keys and the spelling of numbers and strings.

export type RawJson =
  /** A number, string, true, false or null as it was spelt. */
  | { readonly kind: 'scalar'; readonly spelling: string }
  | { readonly kind: 'array'; readonly items: readonly RawJson[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, value: RawJson])[] };

const scalar = /"(?:[^"\\]|\\.)*"|[^\s,\]}:]+/y;

/** Reads JSON text that JSON.parse accepts. */
export function parseRaw(text: string): RawJson {
  let at = 0;
  const skip = () => {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
    return text[at];
  };
  const spelling = () => {
    scalar.lastIndex = at;
    const [found] = scalar.exec(text) ?? [];
    if (found === undefined) throw new SyntaxError(`no JSON value at offset ${at}`);
    at += found.length;
    return found;
  };
  const list = <T>(close: string, element: () => T): T[] => {
    const elements: T[] = [];
    at++;
    while (skip() !== close) {
      if (elements.length > 0) at++;
      skip();
      elements.push(element());
    }
    at++;
    return elements;
  };
  const member = (): [string, RawJson] => {
    const key: string = JSON.parse(spelling());
    skip();
    at++;
    return [key, value()];
  };
  const value = (): RawJson => {
    const first = skip();
    if (first === '{') return { kind: 'object', members: list('}', member) };
    if (first === '[') return { kind: 'array', items: list(']', value) };
    return { kind: 'scalar', spelling: spelling() };
  };
  return value();
}

/** Compact JSON text, spellings as they were read. */
export function printRaw(value: RawJson): string {
  switch (value.kind) {
    case 'scalar':
      return value.spelling;
    case 'array':
      return `[${value.items.map(printRaw).join(',')}]`;
    case 'object':
      return `{${value.members.map(([key, member]) => `${JSON.stringify(key)}:${printRaw(member)}`).join(',')}}`;
  }
}

/** The last member of that name, as JSON.parse has it. */
export function memberOf(value: RawJson | undefined, key: string): RawJson | undefined {
  return value?.kind === 'object' ? value.members.findLast(([name]) => name === key)?.[1] : undefined;
}
