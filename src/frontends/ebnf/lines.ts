// Newlines in a grammar text: one ends a rule where the next begins, and means nothing elsewhere.
import type { IToken } from 'chevrotain';
import { Attributes, CharacterClass, Defines, isName, Newline } from './tokens.js';

/**
 * The tokens with those newlines alone behind which a rule begins: a name, perhaps attributes, and `::=`. The numbers
 * `[1]` that W3C puts before its rules are left out.
 */
export function joinLines(tokens: readonly IToken[]): IToken[] {
  const kept: IToken[] = [];
  let startsLine = true;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token.tokenType === Newline) {
      startsLine = true;
      continue;
    }
    const at = startsLine && isNumber(token) && beginsRule(tokens, i + 1) ? i + 1 : i;
    if (startsLine && kept.length > 0 && kept.at(-1)!.tokenType !== Defines && beginsRule(tokens, at))
      kept.push(tokens[i - 1]);
    kept.push(tokens[at]);
    i = at;
    startsLine = false;
  }
  return kept;
}

function beginsRule(tokens: readonly IToken[], at: number): boolean {
  const behind = tokens[at + 1]?.tokenType === Attributes ? at + 2 : at + 1;
  return isName(tokens[at]) && tokens[behind]?.tokenType === Defines;
}

function isNumber({ tokenType, image }: IToken): boolean {
  return (tokenType.CATEGORIES ?? []).includes(CharacterClass) && /^\[\d+[a-z]?\]$/.test(image);
}
