// Builds native/ with CMake into build/native. Says in one sentence what is missing when it cannot.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'build', 'native');

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (done.error?.code === 'ENOENT') {
    console.error(
      `espalier: cannot build the native engine: '${command}' is not installed (CMake >= 3.20 and a C++20 compiler are needed).`,
    );
    process.exit(1);
  }
  if (done.status !== 0) {
    console.error(
      `espalier: the native build failed at '${command} ${args[0]}' (see above). The grammar half works without it.`,
    );
    process.exit(done.status ?? 1);
  }
}

const configure = ['-S', root, '-B', out, '-DCMAKE_BUILD_TYPE=Release', ...process.argv.slice(2)];
run('cmake', configure);
run('cmake', ['--build', out, '--parallel', String(Math.min(8, availableParallelism()))]);
