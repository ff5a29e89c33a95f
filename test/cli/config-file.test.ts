// serve's flags from a file: what they may be, which win, and where the file is at fault.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/command.js';
import { engineOptions } from '../../src/cli/engine.js';
import { readFlags, serverOptions } from '../../src/cli/serve.js';

const folder = mkdtempSync(join(tmpdir(), 'espalier-'));

function file(text: string): string {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, text);
  return path;
}

const read = (text: string, ...args: string[]) => readFlags(['--config', file(text), ...args]);

describe('--config', () => {
  it('gives flags by their names, with _ or -, as texts, numbers, switches and lists', () => {
    const values = read(`
# a server
model-path: /models/a
port: 8000
tool_call_parser: hermes
api-key: [one, "2"]
cors-origin: https://a.example
disable-radix-cache: true
disable-metrics: false
request-timeout-seconds: 2.5
`);
    expect(serverOptions(values)).toEqual({
      logLevel: 'info',
      port: 8000,
      toolCallFormat: 'hermes',
      apiKey: ['one', '2'],
      corsOrigins: ['https://a.example'],
      answerTimeout: 2500,
    });
    expect(engineOptions(values)).toEqual({ model: '/models/a', radixCache: false });
  });

  it('stands behind the command line, whatever names a flag goes by', () => {
    const values = read(
      'model: a\nport: 1\ndisable-radix-cache: true',
      '--model-path',
      'b',
      '--enable-radix-cache',
    );
    expect(serverOptions(values).port).toBe(1);
    expect(engineOptions(values)).toEqual({ model: 'b' });
  });

  it('may be empty', () => {
    expect(serverOptions(read('# nothing\n'))).toEqual({ logLevel: 'info' });
  });

  it.each([
    ['port: 1\nprot: 2', "2: there is no flag 'prot'"],
    ['constructor: 2', "1: there is no flag 'constructor'"],
    ['config: other.yaml', "1: there is no flag 'config'"],
    ['? [a, b]\n: 1', '1: there is no flag'],
    ['tool-call-parser: a\ntool_call_parser: b', "2: 'tool-call-parser' is given twice"],
    ['port: 1\nport: 2', '2: Map keys must be unique'],
    ['\nport: true', "2: 'port' must be a text or a number"],
    ['port:', "1: 'port' must be a text or a number"],
    ['disable-metrics: yes please', "1: 'disable-metrics' must be true or false"],
    ['api-key: [a, [b]]', "1: 'api-key' must be a text or a number, or a list of them"],
    ['- port', '1: the file must be a map'],
    ['port: "1', '1: Missing closing "quote'],
    ['a: &a [1]\nport: *a', "1: there is no flag 'a'"],
  ])('%j is refused with its line', (text, message) => {
    const run = () => read(text);
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
    expect(run).toThrow(folder);
  });

  it('refuses what the flag itself refuses', () => {
    expect(() => serverOptions(read('port: 70000'))).toThrow(
      "--port must be a whole number from 0 to 65535, not '70000'",
    );
    expect(() => readFlags(['--config', join(folder, 'none.yaml')])).toThrow('ENOENT');
  });
});

describe('serve’s flags', () => {
  it('reads keys of a file beside those given, and levels by Python’s names', () => {
    const keys = join(folder, 'keys');
    writeFileSync(keys, 'b\n\n c \n');
    const { apiKey, logLevel, metrics } = serverOptions(
      readFlags(['--api-key', 'a', '--api-key-file', keys, '--log-level', 'WARNING', '--disable-metrics']),
    );
    expect(apiKey).toEqual(['a', 'b', 'c']);
    expect(logLevel).toBe('warn');
    expect(metrics).toBe(false);
    writeFileSync(keys, '\n');
    expect(() => serverOptions(readFlags(['--api-key-file', keys]))).toThrow('there is no key in');
  });
});
