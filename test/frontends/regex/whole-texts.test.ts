import { describe, expect, it } from 'vitest';
import { acceptsText } from '../../../src/automata/index.js';
import { regexSearchDfa } from '../../../src/frontends/regex/index.js';

const LISTED = [
  '^$',
  '^()$',
  '^(|a)$',
  '^ab$',
  '^(a|ab|b)$',
  '^(?:a\\||b)$',
  '^a\\-b$',
  '^\\.\\/$',
  '^a|b$',
  '^(a)(b)$',
  '^ä€$',
];
const LOOKING = [
  '^(?!a)b?',
  '^(?=a)(?!ab)',
  '^(?!.*b$)a',
  '^(?=(?!ab)a)a.?$',
  '^(?=(?=a)(?!ab))',
  '^(?!a)|b',
  '^(?!(?<=b)a)b?a',
  '^(?!.*\\bab\\b).+',
  '^(?=.{2,3}$)(?!.*-)',
];

function texts(letters: readonly string[], length: number): string[] {
  const shorter = length === 0 ? [] : texts(letters, length - 1);
  return ['', ...letters.flatMap((letter) => shorter.map((text) => letter + text))];
}

describe('patterns about whole texts', () => {
  const all = texts(['a', 'b', '-', '|', '.', '/', 'ä', '€'], 4);
  it.each([...LISTED, ...LOOKING])('%s means what RegExp says', (pattern) => {
    const dfa = regexSearchDfa(pattern);
    const plain = /\\-/.test(pattern) ? new RegExp(pattern) : new RegExp(pattern, 'u');
    for (const text of all) expect([text, acceptsText(dfa, text)]).toEqual([text, plain.test(text)]);
  });
});
