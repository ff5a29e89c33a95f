// espalier explain as a process: what it prints, its exit codes, and the files it writes.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'espalier-explain-'));
  writeFileSync(
    join(folder, 'a.json'),
    '{"type": "object", "properties": {"n": {"type": "integer"}, "s": {"format": "x"}}}',
  );
  writeFileSync(join(folder, 'a.lark'), 'start: N ("+" N)*\nother: "o"\nN: /[0-9]+/\n%ignore " "\n');
  writeFileSync(join(folder, 'a.gbnf'), 'top ::= "a" tail\ntail ::= "b" | "c"\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function explain(args: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: folder };
    const child = execFile(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), main, 'explain', ...args],
      options,
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

describe.concurrent('espalier explain', () => {
  it('prints what a schema enforces, and its rules', async () => {
    const { code, stdout } = await explain(['--schema', 'a.json']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^source {6}schema\nautomaton {3}\d+ states, \d+ edges, \d+ bytes, compiled in [\d.]+ ms/,
    );
    expect(stdout).toContain('\nenforced\n  #/type\n  #/properties\n  #/properties/n/type\n');
    expect(stdout).toContain('\nonly annotations\n  #/properties/s/format\n');
    expect(stdout).toContain('\nrules\n  # ::= "{" ws ');
  });

  it('says where a text is refused, with exit code 1', async () => {
    const { code, stdout } = await explain(['--schema', 'a.json', '--text', '{"n": x}']);
    expect(code).toBe(1);
    expect(stdout).toContain("\ntext\n  refused at line 1, column 7 (byte 6): found 'x'");
    expect(stdout).toContain('\n    {"n": x}\n          ^\n    in #{n}');
  });

  it('takes GBNF files with a root, and texts from files and standard input', async () => {
    const from = ['--gbnf', 'a.gbnf', '--root', 'top', '--text-file', '-'];
    expect(await explain(from, 'ab')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('\n  accepted\n'),
    });
    expect(await explain(from, 'a')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('incomplete at'),
    });
    const { stdout } = await explain(['--gbnf', 'a.gbnf', '--root', 'top', '--text-file', 'a.json']);
    expect(stdout).toContain("found '{', expected `a`");
  });

  it('takes Lark grammars', async () => {
    const { code, stdout } = await explain(['--lark', 'a.lark', '--text', '1 + x']);
    expect(code).toBe(1);
    expect(stdout).toContain('\nsource      lark\n'.trimStart());
    expect(stdout).toContain("refused at line 1, column 5 (byte 4): found 'x', expected a byte of [ 0-9]");
    expect(await explain(['--lark', 'a.lark', '--root', 'other', '--text', 'o'])).toMatchObject({ code: 0 });
  });

  it('knows the grammars that come along, and prints JSON', async () => {
    const { code, stdout } = await explain(['--grammar', 'semver', '--text', '1.2.x', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'gbnf',
      text: { verdict: 'refused', place: { offset: 4 }, expected: { bytes: '[0-9]' } },
    });
  });

  it('writes railroad diagrams as a page or an image', async () => {
    await explain(['--grammar', 'csv', '--railroad', 'csv.html']);
    await explain(['--grammar', 'csv', '--railroad', 'csv.svg']);
    expect(readFileSync(join(folder, 'csv.html'), 'utf8')).toContain('<h1>csv</h1>');
    expect(readFileSync(join(folder, 'csv.svg'), 'utf8')).toMatch(/^<svg [^>]+><title>csv<\/title>/);
  });

  it('ends with one line for a grammar that cannot be compiled', async () => {
    const { code, stdout, stderr } = await explain(['--regex', '(a)\\1']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^espalier: \[unsupported_regex\] .+\n$/);
    expect((await explain(['--grammar', 'nothing'])).stderr).toMatch(/^espalier: \[ENOENT\] .*nothing.*\n$/);
  });
});
