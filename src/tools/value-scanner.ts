// Finds where a JSON value ends in text that arrives in pieces, by quotes and brackets alone; what is inside is not judged.

const SPACE = ' \t\n\r';

/** Tells, one character at a time, whether a JSON value is over. */
export class ValueScanner {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #scalar = false;

  /** Whether the last character read was inside a string. */
  get inString(): boolean {
    return this.#inString;
  }

  /**
   * Reads the next character of the value.
   * @returns `more` when the value goes on, `last` when this character ends it, `past` when it ended before this one.
   */
  read(character: string): 'more' | 'last' | 'past' {
    if (this.#inString) return this.#readInString(character);
    if (this.#scalar) return SPACE.includes(character) || ',}]'.includes(character) ? 'past' : 'more';
    if (character === '"') this.#inString = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') {
      this.#depth--;
      if (this.#depth <= 0) return 'last';
    } else if (this.#depth === 0) this.#scalar = true;
    return 'more';
  }

  #readInString(character: string): 'more' | 'last' {
    if (this.#escaped) this.#escaped = false;
    else if (character === '\\') this.#escaped = true;
    else if (character === '"') {
      this.#inString = false;
      if (this.#depth === 0) return 'last';
    }
    return 'more';
  }
}

/** Whether a character is white space between JSON tokens. */
export function isJsonSpace(character: string): boolean {
  return SPACE.includes(character);
}
