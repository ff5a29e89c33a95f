// The C++ unit tests of a room, built and run.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = join(root, 'build', 'native');

/** The lines that espalier_ROOM_units prints, one for each test, and its exit status. */
export function runUnits(room: string, env: Readonly<Record<string, string>> = {}) {
  const target = `espalier_${room}_units`;
  // A sanitizer that tests run with is not for the compiler.
  execFileSync('cmake', ['--build', build, '--target', target, '--parallel', '2'], {
    env: { ...process.env, LD_PRELOAD: '' },
  });
  const { status, stdout } = spawnSync(join(build, target), {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, ...env },
  });
  return { status, lines: stdout.trim().split('\n') };
}
