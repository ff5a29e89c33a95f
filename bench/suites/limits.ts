// How long and how much memory the largest grammars take to compile or to be refused, each in a process of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cases } from '../limits/cases.js';
import type { BenchOptions } from '../options.js';

export const name = 'limits';
export const description = 'enormous and hostile grammars: time and memory to compile or refuse each';

const script = fileURLToPath(new URL('../limits/one.ts', import.meta.url));

export async function run({ log }: BenchOptions): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {};
  for (const name of Object.keys(cases)) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, name]);
    const { outcome, millis, memoryMiB } = JSON.parse(stdout);
    log(
      `${name.padEnd(32)} ${String(millis).padStart(6)} ms ${String(memoryMiB).padStart(5)} MiB  ${outcome}`,
    );
    figures[name] = { outcome, millis, memoryMiB };
  }
  return { cases: figures };
}
