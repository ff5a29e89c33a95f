// Lark's own grammar of Python, read from an installed Lark, beside Lark itself. Skipped, and says so, where none is
// installed (ESPALIER_LARK_PYTHON names an interpreter that has it).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from '../../../bench/lark/mutants.js';
import { larkVerdicts, pythonLark, standardLibrary } from '../../../bench/lark/reference.js';
import { compile } from '../../../src/compile/index.js';
import { seededRandom } from '../../support/random-schema.js';

const grammarText = pythonLark();

describe.skipIf(grammarText === undefined)('python.lark (needs an installed Lark)', () => {
  const files = ['abc.py', 'bisect.py', 'keyword.py', 'stat.py', 'heapq.py', 'contextlib.py'];
  const texts = () => files.map((name) => readFileSync(join(standardLibrary()!, name), 'utf8'));

  it('accepts files of the standard library', () => {
    const grammar = compile({ lark: grammarText!, root: 'file_input' });
    texts().forEach((text, i) => {
      expect(grammar.classify(text), files[i]).toBe('accepted');
    });
  }, 60_000);

  it('agrees with Lark on mutants of them', () => {
    const grammar = compile({ lark: grammarText!, root: 'file_input' });
    const list = mutants(texts(), 300, seededRandom(7));
    const expected = larkVerdicts({ grammar: 'python', texts: list });
    expect(expected.length).toBe(list.length);
    list.forEach((text, i) => {
      if (expected[i] !== null)
        expect(grammar.classify(text) === 'accepted', JSON.stringify(text)).toBe(expected[i]);
    });
  }, 120_000);
});
