// Text that a format writes, with the marks in it that a vocabulary has as one special token each.
import { bytes, token } from './builder.js';
import type { Node } from './ir.js';
import { sequenceOf } from './lists.js';

/** The text; where it holds one of `tokens`, that token. Of several that begin at one place the longest counts. */
export function writtenText(text: string, tokens: readonly string[]): Node {
  const parts: Node[] = [];
  let plain = 0;
  for (let at = 0; at < text.length; ) {
    const special = tokenAt(text, at, tokens);
    if (special === undefined) at++;
    else {
      parts.push(bytes(text.slice(plain, at)), token({ except: false, tokens: [special] }));
      at += special.length;
      plain = at;
    }
  }
  return sequenceOf([...parts, bytes(text.slice(plain))]);
}

export function holdsToken(text: string, tokens: readonly string[]): boolean {
  return tokens.some((special) => special !== '' && text.includes(special));
}

function tokenAt(text: string, at: number, tokens: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const special of tokens)
    if (special.length > (longest?.length ?? 0) && text.startsWith(special, at)) longest = special;
  return longest;
}
