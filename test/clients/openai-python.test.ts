// The openai package for Python against the running server: python/check_openai.py in the interpreter that ESPALIER_PYTHON
// names (default python3). Skipped, and said so, where there is no such interpreter or it lacks openai or pydantic.
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { outputOf, run } from './programs.js';
import { served } from './served.js';

const python = process.env.ESPALIER_PYTHON ?? 'python3';
const version = outputOf(python, '-c', 'import openai, pydantic; print(openai.__version__)');
const script = fileURLToPath(new URL('python/check_openai.py', import.meta.url));

if (version === undefined)
  it.skip(`openai for Python: skipped, as ${python} with openai and pydantic is not there`);
else {
  const server = served();
  it(`openai ${version} for Python`, async () => {
    const stdout = await run(python, script, server.baseURL);
    const checks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(checks.length).toBeGreaterThan(10);
    for (const { name, problem } of checks) expect(problem, name).toBeNull();
  });
}
