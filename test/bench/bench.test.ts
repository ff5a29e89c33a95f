import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { percentiles } from '../../bench/percentiles.js';
import * as compile from '../../bench/suites/compile.js';
import * as masks from '../../bench/suites/masks.js';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

afterEach(() => vi.unstubAllEnvs());

describe('percentiles', () => {
  it('are by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(percentiles(values)).toEqual({ count: 200, p50: 100, p90: 180, p99: 198, max: 200 });
    expect(percentiles([])).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });
});

describe('npm run bench', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', path('bench/main.ts'), ...args], { encoding: 'utf8' });

  it('lists the benchmarks and refuses unknown names', () => {
    const { status, stdout } = run();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}masks +compile, first mask/m);
    const unknown = run('nothing');
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain('no benchmark "nothing"; there are: ');
  });
});

describe('the benchmark masks', () => {
  it('measures the shipped grammars where MaskBench is absent', async () => {
    vi.stubEnv('ESPALIER_SUITES', path('nowhere'));
    const lines: string[] = [];
    const figures = await masks.run({
      quick: true,
      log: (line) => lines.push(line),
      tokenizer: path('test/fixtures/tokenizers/llama3/tokenizer.json'),
    });
    const shipped = readdirSync(path('grammars')).length;
    expect(figures).toMatchObject({ grammars: shipped, refused: 0, compileMillis: { count: shipped } });
    expect(lines.join('\n')).toContain('0 texts not accepted to their end');
    expect(figures.typescript).toMatchObject({ firstMaskMicros: { count: expect.any(Number) } });
  });
});

describe('the benchmark compile', () => {
  it('times every schema of a suite by phase, refused ones too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'));
    mkdirSync(join(folder, 'maskbench'));
    const rows = [{ type: 'integer' }, { type: 'string', minLength: 2, maxLength: 1 }].map((schema, i) =>
      JSON.stringify({ name: `row${i}`, features: [], schema, tests: [] }),
    );
    writeFileSync(join(folder, 'maskbench/maskbench-dev.jsonl.gz'), gzipSync(`${rows.join('\n')}\n`));
    const lines: string[] = [];
    const figures = await compile.run({ quick: true, log: (line) => lines.push(line), suites: folder });
    rmSync(folder, { recursive: true });
    expect(figures).toMatchObject({ propertyOrder: 'schema', schemas: 2, refused: 1 });
    expect(lines.join('\n')).toMatch(/ms {2}row1 .* refused: unsatisfiable/);
  });
});
