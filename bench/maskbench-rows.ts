// The rows of MaskBench's development part, for benchmarks: where its file lies, and its lines evenly thinned.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Lines of the file, at most `count`, evenly spread; undefined where there is no such file. */
export function maskbenchRows(
  count = Number.POSITIVE_INFINITY,
  suites = process.env.ESPALIER_SUITES ?? fileURLToPath(new URL('../../shared/suites', import.meta.url)),
): string[] | undefined {
  const file = `${suites}/maskbench/maskbench-dev.jsonl.gz`;
  if (!existsSync(file)) return undefined;
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  const stride = Math.max(1, Math.floor(lines.length / count));
  return lines.filter((_, i) => i % stride === 0).slice(0, count);
}
