// A cursor over tokens with the questions that the parsers ask.
import { CompileError } from '../../errors.js';
import type { Token, TokenKind } from './tokens.js';

export class TokenStream {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  is(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  isOperator(text: string): boolean {
    const token = this.peek();
    return token.kind === 'operator' && token.text === text;
  }

  skip(kind: TokenKind): boolean {
    if (!this.is(kind)) return false;
    this.take();
    return true;
  }

  skipOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.take();
    return true;
  }

  /** A `|`, also one that begins the next line. */
  skipBar(): boolean {
    let ahead = 0;
    while (this.peek(ahead).kind === 'newline') ahead++;
    const token = this.peek(ahead);
    if (token.kind !== 'operator' || token.text !== '|') return false;
    this.#at += ahead + 1;
    return true;
  }

  expect(operator: string): void {
    if (!this.skipOperator(operator)) throw this.unexpected(`expected '${operator}'`);
  }

  expectKind(kind: TokenKind, message: string): Token {
    if (!this.is(kind)) throw this.unexpected(message);
    return this.take();
  }

  /** A name of a rule or a terminal. */
  name(message: string): Token {
    const token = this.expectKind('name', message);
    if (!/^_?(?:[a-z][a-z0-9_-]*|[A-Z][A-Z0-9_-]*)$/.test(token.text))
      throw new CompileError(
        'invalid_grammar',
        `'${token.text}' is no name: rules are in lower case, terminals in upper case`,
        { ...token.position },
      );
    return token;
  }

  unexpected(message: string, token: Token = this.peek()): CompileError {
    return new CompileError('invalid_grammar', `${message}, found ${shown(token)}`, { ...token.position });
  }
}

function shown({ kind, text }: Token): string {
  if (kind === 'newline') return 'the end of the line';
  if (kind === 'end') return 'the end of the text';
  return kind === 'string' ? `"${text}"` : `'${text}'`;
}
