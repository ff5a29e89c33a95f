// What each command refuses of its arguments, before an engine is opened.
import { describe, expect, it } from 'vitest';
import { type Command, UsageError } from '../../src/cli/command.js';
import { engineOptions } from '../../src/cli/engine.js';
import { command as explain, flags as explainFlags } from '../../src/cli/explain.js';
import { command as generate, flags as generateFlags } from '../../src/cli/generate.js';
import { command as quickstart } from '../../src/cli/quickstart.js';
import { command as serve, flags as serveFlags } from '../../src/cli/serve.js';

describe('usage errors', () => {
  it.each<[string, Command, string[], string]>([
    ['generate', generate, [], 'generate takes one prompt, not 0'],
    ['generate', generate, ['a', 'b'], 'generate takes one prompt, not 2'],
    [
      'generate',
      generate,
      ['--max-tokens', 'many', 'hi'],
      "--max-tokens must be a whole number of at least 1, not 'many'",
    ],
    ['generate', generate, ['--max-tokens', '1.5', 'hi'], '--max-tokens must be a whole number'],
    ['generate', generate, ['--temperature', '-1', 'hi'], "Option '--temperature' argument is ambiguous"],
    [
      'generate',
      generate,
      ['--temperature=-1', 'hi'],
      "--temperature must be a number from 0 to 100, not '-1'",
    ],
    ['generate', generate, ['--seed=', 'hi'], '--seed must be a whole number'],
    [
      'generate',
      generate,
      ['--regex', 'a', '--grammar', 'b', 'hi'],
      '--regex and --grammar cannot be combined',
    ],
    ['generate', generate, ['--chat', '--raw', 'hi'], '--chat and --raw cannot be combined'],
    ['generate', generate, ['--system', 'a', '--raw', 'hi'], '--raw and --system cannot be combined'],
    ['generate', generate, ['--schema'], "Option '--schema <value>' argument missing"],
    ['explain', explain, [], 'explain needs one of --schema, --regex, --structural-tag, --lark, --grammar'],
    ['explain', explain, ['a'], "explain takes no arguments, but got 'a'"],
    ['explain', explain, ['--regex', 'a', '--schema', 'b'], '--schema and --regex cannot be combined'],
    ['explain', explain, ['--regex', 'a', '--gbnf', 'b'], '--gbnf cannot be combined'],
    ['explain', explain, ['--regex', 'a', '--root', 'b'], '--root is for grammars with rules'],
    [
      'explain',
      explain,
      ['--regex', 'a', '--text', 'a', '--text-file', 'b'],
      '--text and --text-file cannot',
    ],
    ['serve', serve, ['--log-level', 'loud'], '--log-level must be one of silent, fatal,'],
    ['serve', serve, ['--grammar-backend', 'none'], '--grammar-backend must be one of espalier, xgrammar,'],
    ['serve', serve, ['--max-concurrent-requests', '0'], '--max-concurrent-requests must be a whole number'],
    ['serve', serve, ['now'], "serve takes no arguments, but got 'now'"],
    ['serve', serve, ['--threads', '0'], "--threads must be a whole number of at least 1, not '0'"],
    ['quickstart', quickstart, ['now'], "quickstart takes no arguments, but got 'now'"],
  ])('%s %j %j', async (_, command, args, message) => {
    const error: unknown = await command.run(args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('\n');
  });
});

describe('engineOptions', () => {
  it('knows flags by SGLang’s names', () => {
    expect(
      engineOptions({
        'model-path': 'm',
        'tp-size': '2',
        'mem-fraction-static': '0.8',
        'enable-radix-cache': true,
        'chat-template': '{{ messages }}',
      }),
    ).toEqual({ model: 'm', tp: 2, memoryShare: 0.8, chatTemplate: '{{ messages }}' });
    expect(() => engineOptions({ tp: '0' })).toThrow('--tp must be');
    expect(() => engineOptions({ model: 'a', 'model-path': 'a' })).toThrow(
      '--model and --model-path cannot be combined',
    );
    expect(() => engineOptions({ 'enable-radix-cache': true, 'disable-radix-cache': true })).toThrow(
      'cannot be combined',
    );
    expect(() => engineOptions({ 'mem-fraction-static': '1' })).toThrow('above 0 and below 1');
    expect(() => engineOptions({ 'chat-template': '/no/such.jinja' })).toThrow('ENOENT');
  });

  it('has what was given, under the engine’s names', () => {
    expect(
      engineOptions({
        'speculative-algorithm': 'STANDALONE',
        'speculative-draft-model-path': 'd',
        'speculative-num-draft-tokens': '3',
      }),
    ).toEqual({ speculation: { kind: 'draft', model: 'd', maxTokens: 3 } });
    expect(engineOptions({ 'speculative-algorithm': 'ngram' })).toEqual({ speculation: { kind: 'ngram' } });
    expect(() => engineOptions({ 'speculative-algorithm': 'eagle' })).toThrow(/grammar, ngram, standalone/);
    expect(() => engineOptions({ 'speculative-num-draft-tokens': '3' })).toThrow(/speculative-algorithm/);
    expect(engineOptions({ 'speculative-model': 'd', 'speculative-num-steps': '5' })).toEqual({
      speculation: { kind: 'draft', model: 'd', maxTokens: 5 },
    });
    expect(engineOptions({})).toEqual({});
    expect(
      engineOptions({
        model: 'm',
        threads: '2',
        'max-total-tokens': '1000',
        'page-size': '8',
        'max-running-requests': '3',
        'max-queued-requests': '4',
        'chunked-prefill-size': '64',
        'disable-radix-cache': true,
        'disable-overlap-schedule': true,
        'jump-forward': 'off',
        'compile-threads': '3',
        'max-compile-ms': '500',
        'load-format': 'dummy',
      }),
    ).toEqual({
      model: 'm',
      threads: 2,
      kvTokens: 1000,
      pageSize: 8,
      maxRunning: 3,
      maxQueued: 4,
      chunkedPrefillSize: 64,
      radixCache: false,
      overlap: false,
      jumpForward: false,
      compiler: { maxCompileThreads: 3, maxCompileMs: 500 },
      loadFormat: 'dummy',
    });
  });
});

it('each command’s help names every flag it takes', () => {
  for (const flag of Object.keys(generateFlags)) expect(generate.help).toContain(`  --${flag}`);
  for (const flag of Object.keys(explainFlags)) expect(explain.help).toContain(`  --${flag}`);
  for (const flag of Object.keys(serveFlags)) expect(serve.help).toContain(`  --${flag}`);
});
