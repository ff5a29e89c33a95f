// A pattern as a row of parts with counts, so that a large count can become a counter instead of copies of states.

export interface RegexPart {
  readonly pattern: string;
  readonly min: number;
  readonly max: number;
}

const PART = /(?:\\[\s\S]|\[(?:[^\]\\]|\\[\s\S])*\]|[^\\[\](){}*+?|^$])/y;
const QUANTIFIER = /(?:\{(\d+)(?:(,)(\d*))?\}|([*+?]))\??/y;

/**
 * The parts of a pattern that is a plain concatenation of characters, classes and groups, with and without quantifiers;
 * undefined where it is anything else, such as an alternation, or holds assertions or references.
 */
export function regexParts(pattern: string): RegexPart[] | undefined {
  const parts: RegexPart[] = [];
  for (let at = 0; at < pattern.length; ) {
    const end = pattern[at] === '(' ? groupEnd(pattern, at) : matchEnd(PART, pattern, at);
    if (end === undefined) return undefined;
    const text = pattern.slice(at, end);
    if (/\\[1-9bBk]/.test(text)) return undefined;
    QUANTIFIER.lastIndex = end;
    const match = QUANTIFIER.exec(pattern);
    at = match ? QUANTIFIER.lastIndex : end;
    parts.push({ pattern: text, ...countsOf(match) });
  }
  return parts;
}

function countsOf(match: RegExpExecArray | null): { min: number; max: number } {
  if (!match) return { min: 1, max: 1 };
  const [, low, comma, high, sign] = match;
  if (sign === '?') return { min: 0, max: 1 };
  if (sign) return { min: sign === '+' ? 1 : 0, max: Number.POSITIVE_INFINITY };
  const min = Number(low);
  if (!comma) return { min, max: min };
  return { min, max: high ? Number(high) : Number.POSITIVE_INFINITY };
}

function matchEnd(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}

/** Behind the group that opens at `at`; undefined for one that is not closed or looks around. */
function groupEnd(pattern: string, at: number): number | undefined {
  let depth = 0;
  for (let i = at; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === '[') {
      const end = matchEnd(PART, pattern, i);
      if (end === undefined) return undefined;
      i = end - 1;
    } else if (pattern[i] === '(') {
      if (/^\(\?<?[=!]/.test(pattern.slice(i, i + 4))) return undefined;
      depth++;
    } else if (pattern[i] === ')' && --depth === 0) return i + 1;
  }
  return undefined;
}
