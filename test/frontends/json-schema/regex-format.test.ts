// The format regex as a grammar: groups of any depth, names that differ, references to names that there are. The runtime's
// RegExp is the judge, and the native matcher sees the same as the portable one.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/automata/index.js';
import { compile } from '../../../src/compile/index.js';
import { compareSentence } from '../../support/compare-matchers.js';
import { randomSentence, seededRandom } from '../../support/random-schema.js';
import { judges } from './examples.js';

const schema = { type: 'string', format: 'regex' };
const grammar = compile({ schema });
const asTexts = (sources: readonly string[]) => sources.map((source) => JSON.stringify(source));

describe('the format regex as a grammar', () => {
  judges(
    'takes groups of any depth and named ones',
    schema,
    asTexts([
      `${'('.repeat(20)}a${')'.repeat(20)}`,
      '(?<=a(?!b(c)))d',
      '(?<year>\\d{4})-(?<month>\\d\\d)',
      '((?<a>x)|(?<b>y))+\\k<a>\\k<b>?',
      '(?<a>(?<ab>(?<abc>c)))',
    ]),
    asTexts([
      '(?<a>x)(?<a>y)',
      '\\k<a>',
      '(?<a>x)\\k<ab>',
      '(?<ab>x)\\k<a>',
      '(?<1>x)',
      '(?<a>x',
      '(?<>x)',
      'x)',
    ]),
  );
  judges('as values of enum', { ...schema, enum: ['(?<a>x)\\1', '(', 'é'] }, asTexts(['(?<a>x)\\1', 'é']), [
    '"("',
  ]);
  judges(
    'under not, no pattern is taken',
    { type: 'string', not: { format: 'regex' } },
    asTexts(['*', 'a\\', ')']),
    asTexts(['a', '(?<a>x)', '((((a))))', '\\\\']),
  );
  judges('as an automaton beside others', { ...schema, maxLength: 20 }, ['"(a)"'], asTexts(['(?<a>x)', '(']));
});

test('random walks write patterns, and both matchers agree on the way', () => {
  let named = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed);
    const machine = grammar.machine as Machine;
    const begun = new TextEncoder().encode(seed % 2 === 0 ? '"' : '"(?<a>x)(?<');
    let set = machine.start;
    for (const byte of begun) set = machine.step(set, byte)!;
    const rest = randomSentence(machine, random, 150, set);
    if (!rest) continue;
    const sentence = Uint8Array.of(...begun, ...rest);
    const source: string = JSON.parse(new TextDecoder().decode(sentence));
    expect(() => new RegExp(source, 'u'), source).not.toThrow();
    if (source.includes('(?<a>')) named++;
    compareSentence(grammar, sentence, random, seed % 4 > 0);
  }
  expect(named).toBeGreaterThan(10);
}, 120_000);
