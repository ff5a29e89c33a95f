// Builds dist/, the playground in it and build/native when their sources are newer: what `npm test` and `npm run quickstart` call first.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale(product, sources) {
  const path = join(root, product);
  return (
    !existsSync(path) ||
    statSync(path).mtimeMs < Math.max(...sources.map((source) => newest(join(root, source))))
  );
}

function npmRun(script) {
  console.error(`espalier: npm run ${script}`);
  const done = spawnSync('npm', ['run', '--silent', script], {
    cwd: root,
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

if (isStale('dist/.tsbuildinfo', ['src', 'tsconfig.json', 'tsconfig.build.json'])) npmRun('build:ts');
if (isStale('dist/playground/index.html', ['playground', 'scripts/build-playground.mjs']))
  npmRun('build:playground');
if (isStale('build/native/espalier.node', ['native', 'CMakeLists.txt'])) npmRun('build:native');
