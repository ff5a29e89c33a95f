// Lark's words: names, literals, operators, and the JSON texts of the dialect's directives. Newlines count: they end
// a definition, except inside brackets and before `|`.
import { CompileError } from '../../errors.js';
import type { Position } from './syntax.js';

export type TokenKind =
  | 'name'
  | 'number'
  | 'string'
  | 'regex'
  | 'special'
  | 'directive'
  | 'json'
  | 'newline'
  | 'end'
  /** An operator: its text says which. */
  | 'operator';

export interface Token {
  readonly kind: TokenKind;
  /** Of a literal: what stands between its delimiters. */
  readonly text: string;
  readonly flags: string;
  readonly position: Position;
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', /"((?:\\[^\n]|[^"\\\n])*)"(i?)/y],
  ['regex', /\/(?!\/)((?:\\[\s\S]|[^/\\])*)\/([A-Za-z]*)/y],
  ['special', /<([^\s<>]+)>/y],
  ['directive', /(%[a-z_]+)/y],
  ['name', /([A-Za-z_](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_]))*)/y],
  ['number', /([+-]?(?:0x[0-9A-Fa-f]+|\d+(?:\.(?!\.)\d+)?))/y],
  ['operator', /(::|->|\.\.|[:|&*+?!~()[\]{},.=@])/y],
];
const BLANK = /(?:[ \t\f\v]|\\ *\r?\n|(?:\/\/|#)[^\n]*)+/y;
const NEWLINES = /(?:\r?\n|\r)\s*/y;

/** Directives that a JSON value follows. */
const TAKES_JSON = new Set(['%json', '%regex', '%llguidance', '%grammar_options']);

/**
 * The tokens of a Lark text. The last one is `end`.
 * @throws CompileError `invalid_grammar` for what starts no token.
 */
export function tokenize(text: string): Token[] {
  return new Tokenizer(text).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  #lineStart = 0;
  /** Open brackets: inside round and square ones a newline ends nothing. */
  readonly #open: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    while (this.#at < this.#text.length) this.#next();
    this.#push('newline', '', '');
    this.#push('end', '', '');
    return this.#tokens;
  }

  #next(): void {
    const blank = this.#match(BLANK);
    if (blank) {
      this.#advance(blank[0]);
      return;
    }
    const newline = this.#match(NEWLINES);
    if (newline) {
      if (!['(', '['].includes(this.#open.at(-1) ?? '')) this.#push('newline', '', '');
      this.#advance(newline[0]);
      return;
    }
    for (const [kind, pattern] of patterns) {
      const match = this.#match(pattern);
      if (!match) continue;
      this.#push(kind, match[1], match[2] ?? '');
      if (kind === 'operator' && '([{'.includes(match[1])) this.#open.push(match[1]);
      if (kind === 'operator' && ')]}'.includes(match[1])) this.#open.pop();
      this.#advance(match[0]);
      if (kind === 'directive' && TAKES_JSON.has(match[1])) this.#json(match[1]);
      return;
    }
    throw this.#stray();
  }

  /** The JSON value behind a directive, by its brackets alone: its reader says what is wrong inside. */
  #json(directive: string): void {
    this.#advance(/^\s*/.exec(this.#text.slice(this.#at))![0]);
    const end = endOfJson(this.#text, this.#at);
    if (end < 0) throw this.#invalid(`${directive} needs a JSON value that is complete`);
    this.#push('json', this.#text.slice(this.#at, end), '');
    this.#advance(this.#text.slice(this.#at, end));
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  #push(kind: TokenKind, text: string, flags: string): void {
    this.#tokens.push({ kind, text, flags, position: this.#position() });
  }

  #position(): Position {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #advance(matched: string): void {
    for (let i = matched.indexOf('\n'); i >= 0; i = matched.indexOf('\n', i + 1)) {
      this.#line++;
      this.#lineStart = this.#at + i + 1;
    }
    this.#at += matched.length;
  }

  #stray(): CompileError {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    if (character === '"') return this.#invalid('this string is not closed');
    if (character === '/') return this.#invalid('this regular expression is not closed');
    if (character === '<') return this.#invalid('this special token is not closed');
    return this.#invalid(`unexpected character ${JSON.stringify(character)}`);
  }

  #invalid(message: string): CompileError {
    return new CompileError('invalid_grammar', message, this.#position());
  }
}

/** Offset behind the JSON value that begins at `at`, or -1. */
function endOfJson(text: string, at: number): number {
  const scalar = /"(?:\\[\s\S]|[^"\\])*"|[^\s[\]{}"]+/y;
  let depth = 0;
  for (let i = at; i < text.length; ) {
    const character = text[i];
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if ('{}[]'.includes(character) || /\s/.test(character)) i++;
    else {
      scalar.lastIndex = i;
      const match = scalar.exec(text);
      if (!match) return -1;
      i += match[0].length;
    }
    if (depth === 0) return i;
  }
  return -1;
}
