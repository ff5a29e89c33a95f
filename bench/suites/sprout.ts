// The embedded model's scores on its held-out sets, with the constraint and without, through the engine.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { compile } from '../../src/compile/index.js';
import { Engine, type GenerateRequest, type ToolDefinition } from '../../src/engine/index.js';
import { collect, hermes } from '../../src/tools/index.js';
import type { BenchOptions } from '../options.js';

interface Row {
  readonly id: string;
  readonly task: string;
  readonly messages: NonNullable<GenerateRequest['messages']>;
  readonly tools?: readonly ToolDefinition[];
  readonly schema?: unknown;
  readonly regex?: string;
  readonly expected: unknown;
}

interface Score {
  readonly rows: number;
  /** Exactly the expected value. */
  readonly exact: number;
  /** A sentence of the task's constraint, all of it. */
  readonly valid: number;
}

const TASKS = ['extract', 'tools', 'classify', 'email', 'date', 'answer'];
const QUICK_ROWS = 50;
const SHOWN_MISSES = 5;

export const name = 'sprout';
export const description = 'scores of models/sprout on its held-out sets, with constraint and without';

export async function run({ quick, log }: BenchOptions): Promise<Record<string, unknown>> {
  await using engine = new Engine();
  const results: Record<string, { constrained?: Score; free: Score }> = {};
  for (const task of TASKS) {
    const rows = readRows(task).slice(0, quick ? QUICK_ROWS : undefined);
    const constrained = rows.some(hasConstraint) ? await score(engine, rows, true, log) : undefined;
    const free = await score(engine, rows, false, () => {});
    results[task] = { ...(constrained ? { constrained } : {}), free };
    const line = (kind: string, s: Score) =>
      `${kind} ${percent(s.exact, s.rows)} exact, ${percent(s.valid, s.rows)} valid`;
    log(
      `${task.padEnd(9)}${rows.length} rows: ${constrained ? `${line('constrained', constrained)}; ` : ''}${line('free', free)}`,
    );
  }
  return results;
}

function readRows(task: string): Row[] {
  const file = new URL(`../../models/sprout/eval/${task}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

const hasConstraint = (row: Row) =>
  row.schema !== undefined || row.regex !== undefined || row.tools !== undefined;

async function score(
  engine: Engine,
  rows: readonly Row[],
  constrained: boolean,
  log: (line: string) => void,
): Promise<Score> {
  const outputs = await Promise.all(rows.map((row) => answer(engine, row, constrained)));
  let exact = 0;
  let valid = 0;
  rows.forEach((row, i) => {
    const right = isDeepStrictEqual(read(row, outputs[i]), row.expected);
    if (right) exact++;
    else if (i - exact < SHOWN_MISSES)
      log(
        `  ${row.id}: expected ${JSON.stringify(row.expected)}\n    answered ${JSON.stringify(outputs[i])}`,
      );
    if (isValid(row, outputs[i])) valid++;
  });
  return { rows: rows.length, exact, valid };
}

async function answer(engine: Engine, row: Row, constrained: boolean): Promise<string> {
  const { messages, tools } = row;
  const constraint = constrained ? constraintOf(row) : {};
  const { text } = await engine.generate({
    messages,
    ...(tools ? { tools } : {}),
    ...constraint,
    maxTokens: 400,
  });
  return text;
}

function constraintOf(row: Row): Pick<GenerateRequest, 'schema' | 'regex' | 'grammar'> {
  if (row.schema !== undefined) return { schema: row.schema };
  if (row.regex !== undefined) return { regex: row.regex };
  return row.tools ? { grammar: hermes.constraint(row.tools, 'required') } : {};
}

/** The value that an output stands for, undefined when it cannot be read. */
function read(row: Row, output: string): unknown {
  try {
    if (row.tools) {
      const parser = hermes.parser();
      const { calls } = collect([...parser.push(output), ...parser.finish()]);
      return calls.length === 1
        ? { name: calls[0].name, arguments: JSON.parse(calls[0].arguments) }
        : undefined;
    }
    return row.schema === undefined ? output.trim() : JSON.parse(output);
  } catch {
    return undefined;
  }
}

function isValid(row: Row, output: string): boolean {
  const { schema, regex, grammar } = constraintOf(row);
  if (schema !== undefined) return compile({ schema }).test(output);
  if (regex !== undefined) return compile({ regex }).test(output);
  return grammar === undefined || compile({ grammar }).test(output);
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
