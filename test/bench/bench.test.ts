import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { percentiles } from '../../bench/percentiles.js';
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
