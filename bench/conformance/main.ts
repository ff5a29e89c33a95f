// npm run conformance: judges the library against suites whose labels come from elsewhere. docs/conformance.md says
// what each count means.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { CompileOptions } from '../../src/compile/index.js';
import type { AdapterOptions } from './adapters/index.js';
import type { Case, Failure } from './case.js';
import { KeywordTable } from './keyword-table.js';
import { SuiteError, suiteCases, suiteFiles } from './suite-files.js';
import { Tally } from './tally.js';
import { judgeAll } from './workers.js';

const usage = `npm run conformance -- <suite folder or file> [...] [options]
  --kind NAME     only rows of kinds that begin with NAME
  --limit N       at most N rows of each file
  --order schema  put instances into the schema's property order first (default: as given)
  --property-order O  compile schemas with this property order: schema (default) or any
  --with JSON     more options of compile for every row, e.g. '{"integers":"any"}'
  --show N        print the first N wrong or crashed cases
  --refusals N    print the N most frequent reasons for refusals
  --keywords FILE writes the table of JSON Schema's keywords between its marks in FILE
  --timeout S     seconds for one row (default 10)
  --workers N     threads (default: 2, or the number of cores if less)
  --json          last line: one JSON object`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: 'string' },
    limit: { type: 'string' },
    order: { type: 'string', default: 'as-given' },
    'property-order': { type: 'string', default: 'schema' },
    with: { type: 'string', default: '{}' },
    show: { type: 'string', default: '0' },
    keywords: { type: 'string' },
    refusals: { type: 'string', default: '0' },
    timeout: { type: 'string', default: '10' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function count(name: 'show' | 'refusals' | 'timeout' | 'workers' | 'limit', least: number): number {
  const value = Number(values[name] ?? Number.POSITIVE_INFINITY);
  if (!(value >= least)) throw new SuiteError(`--${name} needs a number of at least ${least}`);
  return value;
}

const table = values.keywords === undefined ? undefined : new KeywordTable();

async function* selected(files: readonly string[], options: AdapterOptions): AsyncGenerator<Case> {
  const limit = count('limit', 0);
  const given = JSON.parse(values.with) as CompileOptions;
  for (const file of files)
    for await (const testCase of suiteCases(file, options, limit))
      if (testCase.kind.startsWith(values.kind ?? '')) {
        table?.note(testCase);
        yield { ...testCase, options: { ...testCase.options, ...given } };
      }
}

function show({ id, kind, outcome, expect, got, text, note }: Failure): string {
  const about = note === undefined ? '' : `\n  note      ${note}`;
  const shown = text === undefined ? '' : `\n  text      ${JSON.stringify(text.slice(0, 2000))}`;
  return `${outcome.toUpperCase()} ${kind} ${id}\n  expected  ${expect}\n  got       ${got}${shown}${about}`;
}

async function run(): Promise<boolean> {
  const { order, 'property-order': propertyOrder } = values;
  if (order !== 'as-given' && order !== 'schema') throw new SuiteError('--order is as-given or schema');
  if (propertyOrder !== 'schema' && propertyOrder !== 'any')
    throw new SuiteError('--property-order is schema or any');
  const tally = new Tally(count('show', 0));
  const options = {
    workers: count('workers', 1),
    timeoutMillis: 1000 * count('timeout', 0),
    script: new URL('./worker-entry.mjs', import.meta.url),
  };
  const files = positionals.flatMap((path) => suiteFiles(path));
  await judgeAll(selected(files, { order, propertyOrder }), options, (verdicts) => {
    tally.add(verdicts);
    table?.add(verdicts);
  });
  if (values.keywords !== undefined) table?.write(values.keywords);
  for (const failure of tally.failures) console.log(show(failure));
  const reasons = [...tally.refusals].sort(([, left], [, right]) => right - left);
  for (const [reason, tests] of reasons.slice(0, count('refusals', 0)))
    console.log(`refused ${tests}: ${reason}`);
  console.log(tally.report());
  if (values.json) console.log(JSON.stringify(tally));
  return tally.passed;
}

if (values.help || positionals.length === 0) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
