// The characters of a pattern, with a cursor and the errors that name a place in it.
import { CompileError, type SourceLocation } from '../../../errors.js';

/** Letters for control characters behind a backslash, outside classes; `b` is one inside them only. */
export const ESCAPED_CONTROLS: Readonly<Record<string, number>> = {
  a: 0x07,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
};

const NUMBERED = [
  /\\x([0-9A-Fa-f]{2})/y,
  /\\u([0-9A-Fa-f]{4})/y,
  /\\U([0-9A-Fa-f]{8})/y,
  /\\[xu]\{([0-9A-Fa-f]{1,6})\}/y,
];

export class PatternReader {
  readonly #source: string;
  readonly #location: SourceLocation;
  #at = 0;

  constructor(source: string, location: SourceLocation) {
    this.#source = source;
    this.#location = location;
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  is(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  skip(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** A code point. */
  take(): number {
    const codePoint = this.#source.codePointAt(this.#at);
    if (codePoint === undefined) throw this.invalid('it ends too early');
    this.#at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  }

  back(characters: number): void {
    this.#at -= characters;
  }

  /** Moves behind what a sticky expression matches here. */
  match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#source);
    if (match) this.#at += match[0].length;
    return match;
  }

  /** White space and comments, which flag x gives no meaning. */
  skipVerbose(): void {
    this.match(/(?:\s|#[^\n]*)*/y);
  }

  property(): { readonly name: string; readonly negative: boolean } | undefined {
    const match = this.match(/\\([pP])(?:\{(\^?)([^}]+)\}|([A-Z]))/y);
    if (!match) return undefined;
    const [, letter, caret, name, short] = match;
    return { name: name ?? short, negative: (letter === 'P') !== (caret === '^') };
  }

  /** The code point of an escape that stands for one character. */
  escapedCharacter(controls: Readonly<Record<string, number>>): number {
    for (const numbered of NUMBERED) {
      const match = this.match(numbered);
      if (!match) continue;
      const codePoint = Number.parseInt(match[1], 16);
      if (codePoint > 0x10ffff) throw this.invalid('this is beyond U+10FFFF');
      return codePoint;
    }
    const octal = this.match(/\\(0[0-7]{0,2}|[0-3][0-7]{2})/y);
    if (octal) return Number.parseInt(octal[1], 8);
    const control = this.match(/\\c([A-Za-z])/y);
    if (control) return control[1].charCodeAt(0) & 31;
    this.take();
    if (this.atEnd) throw this.invalid('it ends with a backslash');
    const letter = String.fromCodePoint(this.take());
    if (letter in controls) return controls[letter];
    if (/[A-Za-z0-9]/.test(letter)) throw this.invalid(`there is no escape \\${letter}`);
    return letter.codePointAt(0)!;
  }

  invalid(message: string): CompileError {
    return new CompileError('invalid_regex', `${message} in the pattern ${this.#shown()}`, this.#location);
  }

  unsupported(construct: string, reason: string): CompileError {
    return new CompileError(
      'unsupported_regex',
      `${construct} in the pattern ${this.#shown()} is not supported: ${reason}`,
      { ...this.#location, keyword: construct },
    );
  }

  #shown(): string {
    const shown = this.#source.length > 80 ? `${this.#source.slice(0, 80)}…` : this.#source;
    return `/${shown}/ (offset ${this.#at})`;
  }
}
