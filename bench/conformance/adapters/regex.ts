// Regular expressions with strings that they match in full and strings that they do not.
import type { Judgement } from '../case.js';
import type { Adapter } from './adapter.js';

interface RegexRow {
  readonly id: string;
  readonly pattern: string;
  readonly flags: string;
  readonly features: readonly string[];
  readonly valid: boolean;
  readonly oracle_lacks?: unknown;
  readonly matches: readonly string[];
  readonly rejects: readonly string[];
}

/** What makes a pattern hard, the hardest first; a row is counted under its first. */
const hardest = [
  'backreference',
  'lookbehind',
  'lookahead',
  'modifiers',
  'unicode-sets',
  'word-boundary',
  'not-word-boundary',
  'ignore-case',
  'unicode-property',
  'named-group',
  'anchor-inside',
  'large-repeat',
  'lazy',
  'dot-all',
  'non-ascii',
];

export const regex: Adapter = {
  name: 'regex',
  reads: (row) => 'pattern' in row && 'matches' in row,
  cases: (row) => {
    const { id, pattern, flags, features, valid, oracle_lacks, matches, rejects } =
      row as unknown as RegexRow;
    // The suite's oracle anchors the pattern and leaves `m` out.
    const source = { regex: pattern, flags: flags.replace('m', '') };
    const kind = `regex/${hardest.find((feature) => features.includes(feature)) ?? 'core'}`;
    if (!valid) {
      const judgements: Judgement[] = oracle_lacks === undefined ? [{ expect: 'refused' }] : [];
      return [{ id, kind: 'regex/not-valid', source, judgements, unjudged: 1 - judgements.length }];
    }
    const texts = [
      ...matches.map((text): Judgement => ({ expect: 'accept', text })),
      ...rejects.map((text): Judgement => ({ expect: 'reject', text })),
    ];
    // A lone surrogate has no UTF-8 spelling: no text of bytes to judge.
    const judgements = texts.filter(({ text }) => typeof text === 'string' && !/\p{Surrogate}/u.test(text));
    return [{ id, kind, source, judgements, unjudged: texts.length - judgements.length }];
  },
};
