// Reads literals that are not JSON (Python's, Gemma's) and writes them as JSON while they come.
import type { Context } from './context.js';
import type { Reading } from './input.js';
import { StringWriter } from './string-writer.js';

export interface LiteralSyntax {
  /** Quotes, and whether a backslash escapes inside them. */
  readonly quotes: readonly string[];
  readonly escapes: boolean;
  /** Whether the keys of an object stand bare before the colon. */
  readonly bareKeys: boolean;
  /** What may end a value that was broken off. */
  readonly ends: readonly string[];
}

const WORDS: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
  true: 'true',
  false: 'false',
  null: 'null',
};
const NUMBER = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?)$/;
const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
};
const HEX_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const MAX_DEPTH = 256;

export class LiteralReader {
  readonly #cx: Context;
  readonly #syntax: LiteralSyntax;
  readonly #emit: (text: string) => void;

  constructor(cx: Context, syntax: LiteralSyntax, emit: (text: string) => void) {
    this.#cx = cx;
    this.#syntax = syntax;
    this.#emit = emit;
  }

  /** Reads one value; false when the text broke off or is none. */
  *value(depth = 0): Reading<boolean> {
    const { input } = this.#cx;
    const next = yield* input.skipSpace();
    if (next === '' || depth > MAX_DEPTH) return false;
    const quote = yield* input.at(this.#syntax.quotes);
    if (quote !== undefined) return yield* this.#string(quote);
    if (next === '{') return yield* this.#object(depth);
    if (next === '[' || next === '(') return yield* this.#list(depth);
    return yield* this.#word();
  }

  *#list(depth: number): Reading<boolean> {
    const { input } = this.#cx;
    const closer = CLOSERS[input.take()];
    this.#emit('[');
    for (let isFirst = true; ; isFirst = false) {
      if ((yield* input.skipSpace()) === closer) break;
      if (!isFirst) this.#emit(', ');
      if (!(yield* this.value(depth + 1))) return false;
      const next = yield* input.skipSpace();
      if (next === ',') input.take();
      else if (next !== closer) return false;
    }
    input.take();
    this.#emit(']');
    return true;
  }

  *#object(depth: number): Reading<boolean> {
    this.#cx.input.take();
    if (this.#syntax.bareKeys || (yield* this.#cx.input.skipSpace()) === '}') {
      this.#emit('{');
      return yield* this.members('}', depth);
    }
    let first = '';
    const ahead = new LiteralReader(this.#cx, this.#syntax, (text) => {
      first += text;
    });
    if (!(yield* ahead.value(depth + 1))) return false;
    const next = yield* this.#cx.input.skipSpace();
    if (next !== ':') return yield* this.#set(first, depth);
    this.#emit(`{${first.startsWith('"') ? first : JSON.stringify(first)}`);
    return yield* this.members('}', depth, true);
  }

  /** Python's set, behind its first element: a list in JSON. */
  *#set(first: string, depth: number): Reading<boolean> {
    const { input } = this.#cx;
    this.#emit(`[${first}`);
    while ((yield* input.skipSpace()) === ',') {
      input.take();
      if ((yield* input.skipSpace()) === '}') break;
      this.#emit(', ');
      if (!(yield* this.value(depth + 1))) return false;
    }
    if ((yield* input.peek()) !== '}') return false;
    input.take();
    this.#emit(']');
    return true;
  }

  /** The members of an object whose opening, and with `hasKey` the first key, has been read; and its end. */
  *members(closer: string, depth = 0, hasKey = false): Reading<boolean> {
    const { input } = this.#cx;
    for (let isFirst = true; ; isFirst = false) {
      if (!(isFirst && hasKey)) {
        if ((yield* input.skipSpace()) === closer) break;
        if (!isFirst) this.#emit(', ');
        if (!(yield* this.#key())) return false;
      }
      if ((yield* input.skipSpace()) !== ':') return false;
      input.take();
      this.#emit(': ');
      if (!(yield* this.value(depth + 1))) return false;
      const next = yield* input.skipSpace();
      if (next === ',') input.take();
      else if (next !== closer) return false;
    }
    input.take();
    this.#emit('}');
    return true;
  }

  *#key(): Reading<boolean> {
    const quote = yield* this.#cx.input.at(this.#syntax.quotes);
    if (quote !== undefined) return yield* this.#string(quote);
    if (!this.#syntax.bareKeys) return yield* this.#word(true);
    const key = yield* this.#cx.input.takeUntil([':', ...this.#syntax.ends]);
    if (key === undefined) return false;
    this.#emit(JSON.stringify(key.trim()));
    return true;
  }

  *#string(quote: string): Reading<boolean> {
    const { input } = this.#cx;
    input.take(quote.length);
    const writer = new StringWriter(this.#emit);
    for (;;) {
      const next = yield* input.peek();
      if (next === '') break;
      if (next === quote[0] && (yield* input.takeMark([quote])) !== undefined) {
        writer.end();
        return true;
      }
      if (next === '\\' && this.#syntax.escapes) writer.write(yield* this.#escape());
      else writer.write(input.take());
    }
    writer.end(false);
    return false;
  }

  *#escape(): Reading<string> {
    const { input } = this.#cx;
    input.take();
    const letter = yield* input.peek();
    if (letter === '') return '\\';
    input.take();
    if (letter in SIMPLE_ESCAPES) return SIMPLE_ESCAPES[letter];
    if (!(letter in HEX_ESCAPES)) return `\\${letter}`;
    let digits = '';
    while (digits.length < HEX_ESCAPES[letter]) {
      if (!/^[0-9a-fA-F]$/.test(yield* input.peek())) return `\\${letter}${digits}`;
      digits += input.take();
    }
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }

  /** A number or a word; other words are strings. `asKey` writes all as strings. */
  *#word(asKey = false): Reading<boolean> {
    const { input } = this.#cx;
    let word = '';
    for (;;) {
      const next = yield* input.peek();
      if (next === '' || ',:]})'.includes(next)) break;
      if ((yield* input.at(this.#syntax.ends)) !== undefined) break;
      word += input.take();
    }
    word = word.trim();
    if (word === '') return false;
    const json = WORDS[word] ?? numberText(word) ?? JSON.stringify(word);
    this.#emit(asKey && !json.startsWith('"') ? JSON.stringify(word) : json);
    return true;
  }
}

/** A Python number as JSON writes it, or undefined when it is none. */
function numberText(word: string): string | undefined {
  if (!NUMBER.test(word) || !/\d/.test(word)) return undefined;
  const plain = word.replaceAll('_', '').replace(/^\+/, '');
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(plain)) return plain;
  const value = plain.startsWith('-') ? -Number(plain.slice(1)) : Number(plain);
  return Number.isFinite(value) ? String(value) : undefined;
}
