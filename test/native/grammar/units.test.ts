// Builds and runs the C++ unit tests of units/: the memory of tables, texts that are followed, places of lexemes,
// counted characters, grammars that threads share.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runUnits } from '../units/run-units.js';
import { sharedGrammars } from './shared-grammars.js';

const folder = mkdtempSync(join(tmpdir(), 'espalier-units-'));

afterAll(() => rmSync(folder, { recursive: true }));

it('the C++ units pass', { timeout: 240_000 }, () => {
  const shared = join(folder, 'shared-grammars');
  writeFileSync(shared, sharedGrammars(17));
  const { status, lines } = runUnits('grammar', { ESPALIER_SHARED_GRAMMARS: shared });
  expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(5);
  expect(status).toBe(0);
});
