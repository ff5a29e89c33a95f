// The names of literals in rules: that of a terminal with the same text, else one that their characters suggest. They decide
// ties in the order of trial, and which terminals are brackets.
import type { Definition } from './definitions.js';
import { type TerminalText, type TerminalTexts, toRegexp } from './terminal-text.js';

/** Names of punctuation, as Lark's documentation lists them. */
const PUNCTUATION: Readonly<Record<string, string>> = {
  '.': 'DOT',
  ',': 'COMMA',
  ':': 'COLON',
  ';': 'SEMICOLON',
  '+': 'PLUS',
  '-': 'MINUS',
  '*': 'STAR',
  '/': 'SLASH',
  '\\': 'BACKSLASH',
  '|': 'VBAR',
  '?': 'QMARK',
  '!': 'BANG',
  '@': 'AT',
  '#': 'HASH',
  $: 'DOLLAR',
  '%': 'PERCENT',
  '^': 'CIRCUMFLEX',
  '&': 'AMPERSAND',
  _: 'UNDERSCORE',
  '<': 'LESSTHAN',
  '>': 'MORETHAN',
  '=': 'EQUAL',
  '"': 'DBLQUOTE',
  "'": 'QUOTE',
  '`': 'BACKQUOTE',
  '~': 'TILDE',
  '(': 'LPAR',
  ')': 'RPAR',
  '{': 'LBRACE',
  '}': 'RBRACE',
  '[': 'LSQB',
  ']': 'RSQB',
  '\n': 'NEWLINE',
  '\r\n': 'CRLF',
  '\t': 'TAB',
  ' ': 'SPACE',
};

export class LiteralNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  #anonymous = 0;

  constructor(definitions: ReadonlyMap<string, Definition>, texts: TerminalTexts) {
    for (const { name, isTerminal, body } of definitions.values()) {
      if (!isTerminal || !body) continue;
      this.#taken.add(name);
      this.#names.set(keyOf(texts.ofTerminal(name)), name);
    }
  }

  /** The terminal that a literal of this text is. */
  of(text: TerminalText): string {
    const key = keyOf(text);
    let name = this.#names.get(key);
    if (name === undefined) {
      name = this.#suggested(text) ?? `__ANON_${this.#anonymous++}`;
      this.#names.set(key, name);
      this.#taken.add(name);
    }
    return name;
  }

  #suggested({ kind, value }: TerminalText): string | undefined {
    if (kind !== 'string') return undefined;
    const isName = /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*$/u.test(value);
    const suggestion = Object.hasOwn(PUNCTUATION, value)
      ? PUNCTUATION[value]
      : isName
        ? value.toUpperCase()
        : undefined;
    return suggestion === undefined || this.#taken.has(suggestion) ? undefined : suggestion;
  }
}

function keyOf(text: TerminalText): string {
  return `${text.kind} ${toRegexp(text)}`;
}
