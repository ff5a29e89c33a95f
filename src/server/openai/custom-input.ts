// The input of a custom tool's call, read out of the JSON that the model writes.

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads the input out of such a call's arguments as they come: `{"input": "…"}` in pieces of any size to the text of the
 * string in pieces. The grammar holds the model to this form, so all that is before the string's text is skipped.
 */
export class CustomInput {
  #state: 'before' | 'text' | 'end' = 'before';
  /** An escape that is not complete. */
  #escaped = '';
  /** The first half of a surrogate pair: both come in one piece. */
  #high = '';
  #quotes = 0;

  push(json: string): string {
    let text = '';
    for (const character of json) text += this.#read(character);
    return text;
  }

  #read(character: string): string {
    if (this.#state === 'end') return '';
    if (this.#state === 'before') {
      // The key has two quotes, and the third begins the text.
      if (character === '"' && ++this.#quotes === 3) this.#state = 'text';
      return '';
    }
    if (this.#escaped !== '') return this.#unescape(this.#escaped + character);
    if (character === '\\') this.#escaped = character;
    else if (character === '"') this.#state = 'end';
    else return character;
    return '';
  }

  #unescape(sequence: string): string {
    const isCode = sequence[1] === 'u';
    this.#escaped = isCode && sequence.length < 6 ? sequence : '';
    if (this.#escaped !== '') return '';
    if (!isCode) return escapes[sequence[1]] ?? sequence[1];
    const unit = String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
    const pair = this.#high + unit;
    this.#high = /[\uD800-\uDBFF]$/.test(pair) ? unit : '';
    return pair.slice(0, pair.length - this.#high.length);
  }
}
