// Patterns that list whole words, `^word$` and `^(one|another)$`: schemas have them by the hundred, and their automaton is that
// of a list, without a syntax tree.
import { type Dfa, literalDfa, literalsDfa } from '../../automata/index.js';

/** Characters that stand for themselves, with `u` and without, and escapes that mean their character in both. */
const WORD = String.raw`(?:[^\\^$.*+?()[\]{}|\ud800-\udfff]|\\[\\^$.*+?()[\]{}|/-])*`;
const LISTED = new RegExp(`^\\^(?:(${WORD})|\\((?:\\?:)?(${WORD}(?:\\|${WORD})*)\\))\\$$`);

/** Longer patterns go the ordinary way, which keeps the limits. */
const MAX_LENGTH = 1_000;

/** The words that a pattern without flags lists between `^` and `$`; undefined where it is of another form. */
export function listedWords(pattern: string, maxStates = Number.POSITIVE_INFINITY): Dfa | undefined {
  if (pattern.length > Math.min(MAX_LENGTH, maxStates - 2)) return undefined;
  const [, one, several] = LISTED.exec(pattern) ?? [];
  if (one === undefined && several === undefined) return undefined;
  const listed = words(one ?? several);
  return listed.length === 1 ? literalDfa(listed[0]) : literalsDfa(listed);
}

function words(text: string): number[][] {
  const found: number[][] = [[]];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '|') found.push([]);
    else found[found.length - 1].push(text.charCodeAt(text[at] === '\\' ? ++at : at));
  }
  return found;
}
