// The table of keywords in docs/json-schema.md: how many schemas of the suites hold each, and how their judgements ended.
import { readFileSync, writeFileSync } from 'node:fs';
import { assertingKeywords } from '../../src/frontends/json-schema/index.js';
import type { Case, Verdicts } from './case.js';
import { SuiteError } from './suite-files.js';

interface KeywordCounts {
  schemas: number;
  passing: number;
  refusedByName: number;
  refusedOtherwise: number;
  other: number;
}

const BEGIN = '<!-- keywords: begin; written by npm run conformance -- … --keywords FILE -->';
const END = '<!-- keywords: end -->';

export class KeywordTable {
  readonly #held = new Map<string, ReadonlySet<string>>();
  readonly #counts = new Map<string, KeywordCounts>();

  /** Remembers the keywords of a case that is about to be judged. */
  note({ id, kind, source }: Case): void {
    if (!source || !('schema' in source)) return;
    try {
      this.#held.set(
        `${kind} ${id}`,
        new Set(assertingKeywords(source.schema).map(({ keyword }) => keyword)),
      );
    } catch {
      // What is no schema has no keywords.
    }
  }

  add({ id, kind, counts, refusal }: Verdicts): void {
    for (const keyword of this.#held.get(`${kind} ${id}`) ?? []) {
      const row = this.#counts.get(keyword) ?? {
        schemas: 0,
        passing: 0,
        refusedByName: 0,
        refusedOtherwise: 0,
        other: 0,
      };
      this.#counts.set(keyword, row);
      row.schemas++;
      if (counts.wrong + counts.crashed > 0) row.other++;
      else if (counts.refused === 0) row.passing++;
      else if (refusal?.startsWith('unsupported') && refusal.endsWith(`: ${keyword}`)) row.refusedByName++;
      else row.refusedOtherwise++;
    }
  }

  /**
   * Puts the table between its two marks in a file.
   * @throws SuiteError when the file lacks them
   */
  write(file: string): void {
    const text = readFileSync(file, 'utf8');
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (begin < 0 || end < begin) throw new SuiteError(`${file} has no place for the table (${BEGIN})`);
    writeFileSync(file, `${text.slice(0, begin)}${BEGIN}\n\n${this.#markdown()}\n${text.slice(end)}`);
  }

  #markdown(): string {
    const rows = [...this.#counts].sort(([, a], [, b]) => b.schemas - a.schemas);
    return [
      '| keyword | schemas | all right | refused by its name | refused by a limit or another keyword | some text judged otherwise |',
      '|---|--:|--:|--:|--:|--:|',
      ...rows.map(
        ([keyword, { schemas, passing, refusedByName, refusedOtherwise, other }]) =>
          `| \`${keyword}\` | ${schemas} | ${passing} | ${refusedByName} | ${refusedOtherwise} | ${other} |`,
      ),
      '',
    ].join('\n');
  }
}
