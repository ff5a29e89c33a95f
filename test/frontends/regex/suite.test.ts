// Every tenth row of the regex suite (patterns of MaskBench, test262 and others, with strings judged by Node's RegExp).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols } from '../../../src/automata/index.js';
import { CompileError } from '../../../src/errors.js';
import { regexSearchDfa, regexToDfa } from '../../../src/frontends/regex/index.js';

interface Row {
  readonly id: string;
  readonly pattern: string;
  readonly flags: string;
  readonly valid: boolean;
  readonly features: readonly string[];
  readonly matches: readonly string[];
  readonly rejects: readonly string[];
  readonly search_only?: readonly string[];
}

const EVERY = 10;
/** One row repeats up to 20,000 times. */
const MAX_STATES = 25_000;
const folder =
  process.env.ESPALIER_SUITES ?? join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'suites');
const file = join(folder, 'regex', 'cases.jsonl.gz');
const present = existsSync(file);
if (!present) console.warn(`regex suite: ${file} is absent, its rows are not run`);

const codePoints = (text: string) => Array.from(text, (character) => character.codePointAt(0) as number);

/** What the row's pattern gets wrong, and `refused` where it is refused by name. */
function judge(row: Row): string[] | 'refused' {
  const { pattern, flags } = row;
  let full: ReturnType<typeof regexToDfa>;
  let search: typeof full;
  try {
    full = regexToDfa(pattern, { flags, maxStates: MAX_STATES });
    search = regexSearchDfa(pattern, { flags, maxStates: MAX_STATES });
  } catch (error) {
    expect(error, pattern).toBeInstanceOf(CompileError);
    return 'refused';
  }
  const accepts = (text: string) => acceptsSymbols(full, codePoints(text));
  const finds = (text: string) => acceptsSymbols(search, codePoints(text));
  return [
    ...row.matches.filter((text) => !accepts(text) || !finds(text)),
    ...row.rejects.filter(accepts),
    ...(row.search_only ?? []).filter((text) => !finds(text)),
  ];
}

describe.skipIf(!present)(`regex suite, every ${EVERY}th row`, () => {
  it('agrees with Node on every string, and refuses only backreferences and invalid patterns', () => {
    const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
    const wrong: string[] = [];
    let judged = 0;
    for (let i = 0; i < lines.length; i += EVERY) {
      const row = JSON.parse(lines[i]) as Row;
      const result = judge(row);
      if (result === 'refused') {
        if (row.valid && !row.features.includes('backreference'))
          wrong.push(`/${row.pattern}/${row.flags} is refused`);
      } else if (row.valid) {
        judged++;
        if (result.length > 0) wrong.push(`/${row.pattern}/${row.flags}: ${JSON.stringify(result[0])}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(judged).toBeGreaterThan(lines.length / EVERY / 2);
  });
});
