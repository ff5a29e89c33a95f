// The grammar half in a browser: its bundle holds nothing of Node, no native code, and works without them.
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../src/portable.ts', import.meta.url));
let code = '';
let inputs: string[] = [];
let external: unknown[] = [];

beforeAll(async () => {
  // platform 'browser' resolves no Node builtin: importing one, from our code or a library's, fails the build.
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'espalier',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  expect(result.warnings).toEqual([]);
  code = result.outputFiles[0].text;
  inputs = Object.keys(result.metafile.inputs);
  external = Object.values(result.metafile.outputs).flatMap(({ imports }) => imports);
});

describe('espalier/grammar, bundled for a browser', () => {
  it('pulls in none of the rooms that need Node', () => {
    expect(inputs.filter((path) => /^src\/(native|engine|server|cli)\/|\.node$|^node:/.test(path))).toEqual(
      [],
    );
    expect(inputs).toContain('src/compile/compile.ts');
    expect(external).toEqual([]);
  });

  it('compiles, masks, explains and draws with what browsers have alone', () => {
    const { TextEncoder, TextDecoder, URL, performance } = globalThis;
    const context = vm.createContext({ TextEncoder, TextDecoder, URL, performance });
    const result = vm.runInContext(
      `${code}
      (() => {
        const { buildImageFromBytes, compile, g, grammars } = espalier;
        const words = ['{"n": ', '1', '2', '}', 'x'].map((text) => new TextEncoder().encode(text));
        const matcher = compile({ schema: { type: 'object', properties: { n: { type: 'integer' } } } })
          .matcher(buildImageFromBytes([...words, null], [5]));
        const row = new Int32Array(matcher.words);
        const masks = [0, 1, 3].map((token) => (matcher.fill(row), matcher.accept(token), row[0]));
        const list = compile(g.recursive('list', (self) => g.seq('[', g.repeat(self, { separator: ',' }), ']')));
        return JSON.stringify({
          masks,
          list: [list.test('[[],[]]'), list.explainText('[[').verdict],
          regex: compile({ regex: '\\\\p{Lu}+', flags: 'u' }).test('ÄÖ'),
          json5: compile(grammars.json5).test('{a: 1,}'),
          svg: list.railroad().slice(0, 4),
        });
      })()`,
      context,
    );
    expect(JSON.parse(String(result))).toEqual({
      masks: [0b000001, 0b000110, expect.any(Number)],
      list: [true, 'incomplete'],
      regex: true,
      json5: true,
      svg: '<svg',
    });
  });
});
