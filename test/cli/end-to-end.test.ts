// The commands with the real engine and the embedded model, as processes.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const node = ['--import', 'tsx', main];

function espalier(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...node, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

it('quickstart shows JSON, a tool call, the cache and figures', async () => {
  const { code, stdout, stderr } = await espalier('quickstart');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const record = /^record {4}(.*)$/m.exec(stdout)?.[1] ?? '';
  expect(Object.keys(JSON.parse(record))).toEqual(['name', 'age', 'city', 'job']);
  const call = /^call {6}(get_\w+)\((.*)\)$/m.exec(stdout);
  expect(JSON.parse(call?.[2] ?? '')).toHaveProperty('city');
  const cached = /^again {5}(\d+) of (\d+) prompt tokens/m.exec(stdout);
  expect(Number(cached?.[1])).toBeGreaterThan(Number(cached?.[2]) / 2);
  expect(stdout).toMatch(
    /^figures {3}\d+ tokens\/s, mask [\d.]+ µs per token, \d+% of prompt tokens cached$/m,
  );
});

it('generate follows a schema, a regex and a grammar', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-'));
  const schema = join(folder, 'schema.json');
  const grammar = join(folder, 'grammar.gbnf');
  writeFileSync(
    schema,
    '{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"],"additionalProperties":false}',
  );
  writeFileSync(grammar, 'root ::= "left" | "right"');
  expect(JSON.parse((await espalier('generate', '--schema', schema, 'Is it ok?')).stdout)).toEqual({
    ok: expect.any(Boolean),
  });
  expect((await espalier('generate', '--regex', '[0-9]{4}', '--stream', 'A year')).stdout).toMatch(
    /^[0-9]{4}\n$/,
  );
  expect((await espalier('generate', '--grammar', 'semver', '--raw', 'Version ')).stdout).toMatch(
    /^\d+\.\d+\.\d+/,
  );
  expect((await espalier('generate', '--grammar', grammar, '--raw', 'Turn ')).stdout).toMatch(
    /^(left|right)\n$/,
  );
});

it('errors of the engine are one line and exit code 1', async () => {
  const regex = await espalier('generate', '--regex', '(', 'hi');
  expect(regex.code).toBe(1);
  expect(regex.stderr).toMatch(/^espalier: \[invalid_regex\] .*\n$/);
  const model = await espalier('generate', '--model', join(tmpdir(), 'no-such-model'), 'hi');
  expect(model.code).toBe(1);
  expect(model.stderr).toMatch(/^espalier: \[\w+\] .*no-such-model.*\n$/);
});

it('serve says where it listens, answers, and stops on SIGINT', async () => {
  const child = spawn(process.execPath, [...node, 'serve', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const url = await listening(child);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});

/** The URL in the line that the server prints once it listens. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (data: Buffer) => {
      text += data.toString();
      const url = / at (http:\S+)\n/.exec(text)?.[1];
      if (url) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the server ended: ${text}`)));
  });
}
