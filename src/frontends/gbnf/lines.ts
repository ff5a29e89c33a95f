// Newlines in GBNF: they end a rule, except where the rule visibly goes on. This filter keeps those that end one.
import type { IToken } from 'chevrotain';
import { Bar, Close, Defines, Name, Newline, Open } from './tokens.js';

/**
 * The tokens without the newlines that end nothing: those inside parentheses, behind `::=` or `|` (unless a rule
 * starts there: its predecessor ends with an empty alternative), before `|`, and all but the first of several.
 */
export function joinLines(tokens: readonly IToken[]): IToken[] {
  const kept: IToken[] = [];
  let depth = 0;
  tokens.forEach((token, i) => {
    const { tokenType } = token;
    if (tokenType === Open) depth++;
    else if (tokenType === Close) depth--;
    else if (tokenType === Bar && kept.at(-1)?.tokenType === Newline) kept.pop();
    if (tokenType !== Newline || (depth === 0 && endsRule(kept.at(-1), tokens, i))) kept.push(token);
  });
  if (kept.at(-1)?.tokenType === Newline) kept.pop();
  return kept;
}

function endsRule(before: IToken | undefined, tokens: readonly IToken[], newline: number): boolean {
  switch (before?.tokenType) {
    case undefined:
    case Newline:
    case Defines:
      return false;
    case Bar:
      return tokens[newline + 1]?.tokenType === Name && tokens[newline + 2]?.tokenType === Defines;
    default:
      return true;
  }
}
