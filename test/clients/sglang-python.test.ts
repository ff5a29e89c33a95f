// SGLang's frontend language against the running server: python/check_sglang.py in the interpreter that ESPALIER_PYTHON names
// (default python3). Skipped, and said so, where there is no such interpreter or it lacks sglang.
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { outputOf, run } from './programs.js';
import { served } from './served.js';

const python = process.env.ESPALIER_PYTHON ?? 'python3';
const tellVersion =
  "import importlib.metadata as m, requests, aiohttp, msgspec, numpy, tqdm; print(m.version('sglang'))";
const version = outputOf(python, '-c', tellVersion);
const script = fileURLToPath(new URL('python/check_sglang.py', import.meta.url));

if (version === undefined) it.skip(`SGLang's frontend: skipped, as ${python} with sglang is not there`);
else {
  const server = served();
  it(`SGLang ${version}'s frontend`, async () => {
    const root = server.baseURL.replace(/\/v1$/, '');
    const stdout = await run(python, script, root);
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(checks).toHaveLength(11);
    for (const { name, problem } of checks) expect(problem, name).toBeNull();
  }, 60_000);
}
