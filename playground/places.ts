// Where in an editor's text an error's place is: a line and column, or a JSON pointer, to a range of characters.
import type { PlaceView } from '../src/server/playground/protocol.js';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Undefined where the text has no such place: it may have changed since. */
export function rangeOf(text: string, { pointer, line = 1, column }: PlaceView): Range | undefined {
  if (pointer !== undefined) return pointerRange(text, pointer);
  const lines = text.split('\n');
  if (line > lines.length) return undefined;
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const from = Math.min(start + (column ?? 1) - 1, start + lines[line - 1].length);
  const word = /^[\w-]+/.exec(text.slice(from))?.[0].length ?? 1;
  return { from, to: from + word };
}

export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^\s{}[\],:"]+))/y;

/**
 * The value at a JSON pointer. Where the pointer goes beyond what is there, the nearest value above it: errors may point at
 * what a keyword implies.
 */
export function pointerRange(text: string, pointer: string): Range | undefined {
  const path = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return new PointerReader(text).find(path);
}

class PointerReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(path: readonly string[]): Range | undefined {
    const token = this.#next();
    if (token === undefined) return undefined;
    const from = this.#at - token.length;
    if (token !== '{' && token !== '[') return { from, to: this.#at };
    for (let index = 0; this.#peek() !== '}' && this.#peek() !== ']'; index++) {
      const name = token === '{' ? this.#key() : String(index);
      if (name === undefined) return undefined;
      const found = this.find(name === path[0] ? path.slice(1) : []);
      if (!found || name === path[0]) return found;
      if (this.#peek() === ',') this.#next();
    }
    this.#next();
    return { from, to: this.#at };
  }

  #key(): string | undefined {
    const token = this.#next();
    if (!token?.startsWith('"') || this.#next() !== ':') return undefined;
    try {
      return JSON.parse(token) as string;
    } catch {
      return undefined;
    }
  }

  #next(): string | undefined {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (!match) return undefined;
    this.#at = TOKEN.lastIndex;
    return match[1] ?? match[2] ?? match[3];
  }

  #peek(): string | undefined {
    const at = this.#at;
    const token = this.#next();
    this.#at = at;
    return token;
  }
}
