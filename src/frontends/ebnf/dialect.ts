// The dialects of `::=` grammars that are read, and how one is told from the others.
import { macroNames } from './macro-names.js';

/** `gbnf`: llama.cpp's; `xgrammar`: with macros, rule attributes and lookahead; `w3c`: as W3C's specifications write. */
export type EbnfDialect = 'gbnf' | 'xgrammar' | 'w3c';

/** What a scan stops at, leftmost first; what only hides other signs (literals, classes, comments) comes with it. */
const sign =
  /"(?:[^"\\\n]|\\.)*"|(?<class>\[(?:[^\]\\\n]|\\.)*\])|(?<character>#x[0-9A-Fa-f]+[ \t]*(?=[|)*+?\-\r\n]|$))|#[^\n]*|(?<w3c>'|\/\*|(?<=\s)-(?=\s))|(?<own>\(=|,\s*-1\s*\})|(?<name>[A-Za-z_][\w.-]*)/g;

/**
 * The dialect of a text by the constructs that only one has: quotes `'`, comments between slashes and stars, `#x41` and
 * ` - ` are W3C's; macros, `(= …)`, attributes, dots in rule names, `[]` and `{m, -1}` are xgrammar's. Anything else is GBNF, which
 * all three read alike.
 */
export function detectDialect(text: string): EbnfDialect {
  const defined = new Set(
    [...text.matchAll(/^[ \t]*([A-Za-z_][\w.-]*)(?=[ \t]*::=)/gm)].map(([, name]) => name),
  );
  let xgrammar = [...defined].some((name) => name.includes('.'));
  for (const match of text.matchAll(sign)) {
    const { class: set, character, w3c, own, name } = match.groups!;
    if (character || w3c || (set && /#x[0-9A-Fa-f]+-#x/.test(set))) return 'w3c';
    const behind = text.slice(match.index + match[0].length, match.index + match[0].length + 400);
    if (own || set === '[]') xgrammar = true;
    if (!name) continue;
    if (macroNames.has(name) && !defined.has(name) && /^\s*\(/.test(behind)) xgrammar = true;
    if (/^\[(?:"(?:[^"\\]|\\.)*"|[^\]"\n])*\][ \t]*::=/.test(behind)) xgrammar = true;
  }
  return xgrammar ? 'xgrammar' : 'gbnf';
}
