// Builds and runs the C++ unit tests of units/: the memory of tables, texts that are followed, places of lexemes.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = fileURLToPath(new URL('../../../build/native', import.meta.url));

it('the C++ units pass', { timeout: 240_000 }, () => {
  execFileSync('cmake', ['--build', build, '--target', 'espalier_grammar_units', '--parallel', '2']);
  const { status, stdout } = spawnSync(join(build, 'espalier_grammar_units'), {
    encoding: 'utf8',
    cwd: root,
  });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(3);
  expect(status).toBe(0);
});
