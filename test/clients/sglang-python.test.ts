// SGLang's frontend language against the running server: python/check_sglang.py in the interpreter that ESPALIER_PYTHON names
// (default python3). Skipped, and said so, where there is no such interpreter or it lacks sglang.
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { served } from './served.js';

const python = process.env.ESPALIER_PYTHON ?? 'python3';
const tellVersion =
  "import importlib.metadata as m, requests, aiohttp, msgspec, numpy, tqdm; print(m.version('sglang'))";
const found = spawnSync(python, ['-c', tellVersion], { encoding: 'utf8' });
const script = fileURLToPath(new URL('python/check_sglang.py', import.meta.url));

if (found.status !== 0) it.skip(`SGLang's frontend: skipped, as ${python} with sglang is not there`);
else {
  const server = served();
  it(`SGLang ${found.stdout.trim()}'s frontend`, async () => {
    const root = server.baseURL.replace(/\/v1$/, '');
    const { stdout } = await promisify(execFile)(python, [script, root]);
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(checks).toHaveLength(11);
    for (const { name, problem } of checks) expect(problem, name).toBeNull();
  }, 60_000);
}
