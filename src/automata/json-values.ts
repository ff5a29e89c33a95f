// Equality of JSON values as texts: two texts have one key exactly when they are spellings of one value. Numbers of any
// size are compared by value, strings by their characters, objects whatever their order. Read by the values that
// `distinct` tells apart (tracks.ts); natively native/grammar/json_values.cc.

const decoder = new TextDecoder();

/**
 * The key of a JSON text without white space between its tokens. A text that is no JSON value is its own key, marked as
 * such. Runs without recursion: nesting is bounded by the text alone.
 */
export function jsonValueKey(text: Uint8Array): string {
  const source = decoder.decode(text);
  try {
    return new KeyReader(source).read();
  } catch (error) {
    if (error instanceof NotJson) return `?${source}`;
    throw error;
  }
}

/** Longer exponents are compared as they are spelled. */
const MAX_EXPONENT_LENGTH = 15;

class NotJson extends Error {}

/** An array or object that is being read: the keys of its members so far. */
interface Open {
  readonly kind: '[' | '{';
  readonly parts: string[];
  /** By name; of members of one name the last counts, as JSON.parse has it. */
  readonly members: Map<string, string>;
  name: string;
}

const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y;
const WORD = /true|false|null/y;

class KeyReader {
  readonly #source: string;
  readonly #open: Open[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): string {
    for (;;) {
      let key = this.#opening();
      if (key === undefined) continue;
      for (;;) {
        const container = this.#open.at(-1);
        if (!container) {
          if (this.#at !== this.#source.length) throw new NotJson();
          return key;
        }
        this.#put(container, key);
        if (this.#take(',')) {
          if (container.kind === '{') this.#readName(container);
          break;
        }
        this.#expect(container.kind === '[' ? ']' : '}');
        key = close(this.#open.pop()!);
      }
    }
  }

  /** Reads a scalar or an empty container and gives its key; undefined when a container was opened. */
  #opening(): string | undefined {
    const first = this.#source[this.#at];
    if (first === '[' || first === '{') {
      this.#at++;
      const container: Open = { kind: first, parts: [], members: new Map(), name: '' };
      if (this.#take(first === '[' ? ']' : '}')) return close(container);
      this.#open.push(container);
      if (first === '{') this.#readName(container);
      return undefined;
    }
    if (first === '"') return `"${this.#string()}`;
    return this.#match(WORD)?.[0] ?? this.#number();
  }

  #readName(container: Open): void {
    container.name = this.#string();
    this.#expect(':');
  }

  #put(container: Open, key: string): void {
    if (container.kind === '[') container.parts.push(key);
    else container.members.set(container.name, key);
  }

  #string(): string {
    const match = this.#match(STRING);
    try {
      if (match) return JSON.parse(match[0]) as string;
    } catch {
      // Told below: an escape that JSON does not know.
    }
    throw new NotJson();
  }

  #number(): string {
    const match = this.#match(NUMBER);
    if (!match) throw new NotJson();
    const [, sign, whole, fraction = '', exponent = '0'] = match;
    if (exponent.length > MAX_EXPONENT_LENGTH) throw new NotJson();
    const digits = `${whole}${fraction}`.replace(/^0+/, '');
    if (digits === '') return '0';
    const significant = digits.replace(/0+$/, '');
    const power = Number(exponent) - fraction.length + (digits.length - significant.length);
    return `${sign}${significant}e${power}`;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw new NotJson();
  }
}

/** Strings are written with their length before them, so that no two lists of parts run together alike. */
function close({ kind, parts, members }: Open): string {
  const written = (part: string) => `${part.length}:${part}`;
  if (kind === '[') return `[${parts.map(written).join('')}`;
  const names = [...members.keys()].sort();
  return `{${names.map((name) => written(name) + written(members.get(name)!)).join('')}`;
}
