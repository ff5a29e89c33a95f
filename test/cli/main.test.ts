// The command line as a process: help, version, and usage errors, none of which needs a model.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function espalier(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', main, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe.concurrent('help and version', () => {
  it('--help lists the commands', async () => {
    const { code, stdout, stderr } = await espalier('--help');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const name of ['quickstart', 'generate', 'serve'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('no command: the same help, as a usage error', async () => {
    const { code, stdout } = await espalier();
    expect(code).toBe(2);
    expect(stdout).toContain('Usage: espalier <command>');
  });

  it('a command has its own help', async () => {
    const { code, stdout } = await espalier('serve', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--max-running-requests N');
  });

  it('--version is that of the package', async () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect((await espalier('--version')).stdout).toBe(`${JSON.parse(text).version}\n`);
  });
});

describe.concurrent('usage errors are one line and exit code 2', () => {
  it.each<[string[], string]>([
    [['grow'], "there is no command 'grow'"],
    [['generate', '--nope', 'hi'], "Unknown option '--nope'"],
    [['serve', '--port', '70000'], "--port must be a whole number from 0 to 65535, not '70000'"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await espalier(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(`espalier: ${message}; see espalier --help\n`);
  });
});

describe.concurrent('errors that people can act on are one line and exit code 1', () => {
  it('a file that is not there', async () => {
    const { code, stderr } = await espalier('generate', '--schema', 'no-such-file.json', 'hi');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^espalier: \[ENOENT\] .*no-such-file\.json.*\n$/);
  });
});
