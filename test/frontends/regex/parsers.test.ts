// Both adapters give one syntax tree, and what regexp-tree misreads goes to regexpp.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegexNode } from '../../../src/frontends/regex/ast.js';
import { readFlags } from '../../../src/frontends/regex/flags.js';
import { fromRegexpTree } from '../../../src/frontends/regex/from-regexp-tree.js';
import { fromRegexpp } from '../../../src/frontends/regex/from-regexpp.js';

/** Nested sequences and choices flattened, which the parsers nest differently. */
function flat(node: RegexNode): RegexNode {
  switch (node.kind) {
    case 'sequence': {
      const items = node.items.map(flat).flatMap((item) => (item.kind === 'sequence' ? item.items : [item]));
      return items.length === 1 ? items[0] : { kind: 'sequence', items };
    }
    case 'choice':
      return {
        kind: 'choice',
        options: node.options.map(flat).flatMap((item) => (item.kind === 'choice' ? item.options : [item])),
      };
    case 'repeat':
      return { ...node, item: flat(node.item) };
    default:
      return node;
  }
}

const PIECES = [
  ...[
    'a',
    'B',
    '1',
    '.',
    '-',
    '/',
    ',',
    ' ',
    '|',
    'a*',
    'b+?',
    'c{2}',
    'd{2,}',
    'e{0,3}?',
    '(a)',
    '(?:b|c)',
    '()',
  ],
  ...[
    '^',
    '$',
    '\\b',
    '\\B',
    '\\d',
    '\\D',
    '\\s',
    '\\w',
    '\\W',
    '\\S',
    '\\n',
    '\\t',
    '\\v',
    '\\f',
    '\\r',
    '\\0',
  ],
  ...[
    '\\/',
    '\\.',
    '\\x41',
    '\\u0041',
    '\\^',
    '\\|',
    '[]',
    '[^]',
    '[a-z]',
    '[^\\d_]',
    '[.\\b]',
    '[\\]\\\\^-]',
  ],
  ...['[+--]', '[\\x30-\\u0039]', '[-a]', '[a-]'],
];
const UNICODE = [
  '\\u{1F600}',
  '\\ud83d\\ude00',
  '\\p{L}',
  '\\P{Script=Greek}',
  '[\\p{Lu}\\-]',
  '\\p{ASCII}',
  '[\\p{sc=Grek}]',
];
const LEGACY = ['\\-', '\\_', '\\a', ']', '}', '{', 'a{,2}', '\\u12', '\\x1', '\\p{L}', '\\u{2}'];

describe('the adapters', () => {
  it.each([
    ['u', UNICODE],
    ['iu', UNICODE],
    ['', LEGACY],
    ['ims', LEGACY],
  ])('agree on patterns with flags %j', (flags, more) => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES, ...more), { maxLength: 6 }), (pieces) => {
        const pattern = pieces.join('');
        try {
          new RegExp(pattern, flags);
        } catch {
          return;
        }
        const tree = fromRegexpTree(pattern, readFlags(flags));
        if (!tree) return;
        compared++;
        expect(flat(tree), pattern).toEqual(flat(fromRegexpp(pattern, readFlags(flags))));
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it.each([
    ['\\ud83d\\ude00', '', 'halves of characters'],
    ['😀', 'u', 'halves of characters'],
    ['[😀-😎]', 'u', 'refused as out of order'],
    ['\\cA', 'u', 'no code point'],
    ['\\c', '', 'the backslash is lost'],
    ['[\\c1]', '', 'a control character read as two'],
    ['\\8', '', 'read as U+0008'],
    ['[\\d-x]', '', 'a range from a set'],
    ['[[a-z]&&[aeiou]]', 'v', 'set operations are unknown'],
    ['(?<name>a)', 'u', 'named groups'],
    ['(?i:a)', 'u', 'modifiers are unknown'],
    ['a'.repeat(3000), 'u', 'time grows with the square of the length'],
  ])('%# is left to regexpp', (pattern, flags) => {
    expect(fromRegexpTree(pattern, readFlags(flags))).toBeUndefined();
    expect(fromRegexpp(pattern, readFlags(flags))).toBeDefined();
  });
});
