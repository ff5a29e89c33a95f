// Reads a schema given as JSON text (RFC 8259) into the exact form: keeps the order of properties and every digit.
// JSON.parse would reorder integer-like names and round numbers; errors carry line and column.
import { CompileError } from '../../errors.js';
import { Decimal } from './decimal.js';
import { type Json, JsonBudget, type JsonLimits, type PathStep } from './json-value.js';

/**
 * @throws CompileError `invalid_schema` with line and column for text that is not JSON; LimitError for a document
 *   too deep or too large. Of members with one name the last counts, as in JSON.parse.
 */
export function parseJsonText(text: string, limits: JsonLimits): Json {
  return new JsonTextReader(text, limits).document();
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const PLAIN_STRING = /"[^"\\\u0000-\u001f]*"/y;
const ANY_STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class JsonTextReader {
  readonly #text: string;
  readonly #budget: JsonBudget;
  /** Where the value that is being read stands. */
  readonly #path: PathStep[] = [];
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#budget = new JsonBudget(limits);
  }

  document(): Json {
    const value = this.#value();
    if (this.#at < this.#text.length) this.#fail('nothing more after the value');
    return value;
  }

  #value(): Json {
    this.#budget.enter(this.#path);
    this.#space();
    const first = this.#text[this.#at];
    let value: Json;
    if (first === '{') value = this.#object();
    else if (first === '[') value = this.#array();
    else if (first === '"') value = this.#string();
    else if (first === 't') value = this.#word('true', true);
    else if (first === 'f') value = this.#word('false', false);
    else if (first === 'n') value = this.#word('null', null);
    else value = this.#number();
    this.#space();
    return value;
  }

  #object(): Json {
    const members = new Map<string, Json>();
    this.#at++;
    this.#space();
    if (this.#take('}')) return members;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail('a property name in double quotes');
      const name = this.#string();
      this.#space();
      if (!this.#take(':')) this.#fail("':' after the property name");
      this.#path.push(name);
      members.set(name, this.#value());
      this.#path.pop();
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail("',' or '}'");
    return members;
  }

  #array(): Json {
    const items: Json[] = [];
    this.#at++;
    this.#space();
    if (this.#take(']')) return items;
    do {
      this.#path.push(items.length);
      items.push(this.#value());
      this.#path.pop();
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail("',' or ']'");
    return items;
  }

  #string(): string {
    const start = this.#at;
    if (this.#match(PLAIN_STRING)) return this.#text.slice(start + 1, this.#at - 1);
    if (this.#match(ANY_STRING)) return JSON.parse(this.#text.slice(start, this.#at));
    return this.#fail("a string that ends in '\"', without control characters or unknown escapes");
  }

  #number(): Decimal {
    const start = this.#at;
    if (!this.#match(NUMBER)) return this.#fail('a JSON value');
    return Decimal.parse(this.#text.slice(start, this.#at)) ?? this.#fail('an exponent of fewer digits');
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('a JSON value');
    this.#at += word.length;
    return value;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #fail(expected: string): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - before.lastIndexOf('\n');
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'the end of the text';
    throw new CompileError('invalid_schema', `the schema is not JSON: expected ${expected}, found ${found}`, {
      line,
      column,
    });
  }
}
