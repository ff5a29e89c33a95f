// Builds and runs the C++ unit tests of units/: the memory of tables, texts that are followed, places of lexemes, grammars
// that threads share.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { sharedGrammars } from './shared-grammars.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = fileURLToPath(new URL('../../../build/native', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'espalier-units-'));

afterAll(() => rmSync(folder, { recursive: true }));

it('the C++ units pass', { timeout: 240_000 }, () => {
  const shared = join(folder, 'shared-grammars');
  writeFileSync(shared, sharedGrammars(17));
  execFileSync('cmake', ['--build', build, '--target', 'espalier_grammar_units', '--parallel', '2']);
  const { status, stdout } = spawnSync(join(build, 'espalier_grammar_units'), {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, ESPALIER_SHARED_GRAMMARS: shared },
  });
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(5);
  expect(status).toBe(0);
});
