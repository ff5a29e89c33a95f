// Builds and runs the C++ unit tests of units/: the sampler, the radix tree, and the engine with a scripted mask plugin.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = fileURLToPath(new URL('../../../build/native', import.meta.url));

it('the C++ units pass', { timeout: 240_000 }, () => {
  execFileSync('cmake', ['--build', build, '--target', 'espalier_engine_units', '--parallel', '2']);
  const { status, stdout } = spawnSync(join(build, 'espalier_engine_units'), { encoding: 'utf8', cwd: root });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(15);
  expect(status).toBe(0);
});
