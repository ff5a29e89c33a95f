// The conformance runner itself: adapters on small rows of each format, the judge, the deadline, and the command.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { adapterOf } from '../../bench/conformance/adapters/index.js';
import type { Case, Verdicts } from '../../bench/conformance/case.js';
import { judge } from '../../bench/conformance/judge.js';
import { SuiteError, suiteCases, suiteFiles } from '../../bench/conformance/suite-files.js';
import { Tally } from '../../bench/conformance/tally.js';
import { judgeAll } from '../../bench/conformance/workers.js';
import { compile } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

function casesOf(row: object, order: 'as-given' | 'schema' = 'as-given'): Case[] {
  const line = JSON.stringify(row);
  const parsed = JSON.parse(line);
  return adapterOf(parsed)!.cases(parsed, line, { order });
}

function countsOf(row: object): Verdicts['counts'] {
  return judge(casesOf(row)[0], compile).counts;
}

const maskbenchRow = {
  name: 'Github_easy---o1.json',
  schema: {
    properties: { b: { type: 'integer' }, 1: { $ref: '#/definitions/pair' } },
    definitions: { pair: { properties: { y: {}, x: {} } } },
  },
  features: ['properties'],
  tests: [{ valid: true, data: { z: 0, 1: { x: 1, y: 2 }, b: 3 } }],
};

describe('adapters', () => {
  it('state the draft of a JSON-Schema-Test-Suite row', () => {
    const row = (schema: string) => ({
      id: 'draft7/x/0',
      draft: 'draft7',
      class: 'core',
      schema_text: schema,
      tests: [{ text: '1', valid: true, description: 'one' }],
    });
    const dialect = '"$schema":"http://json-schema.org/draft-07/schema#"';
    expect(casesOf(row('{"type":"integer"}'))[0]).toMatchObject({
      kind: 'core',
      source: { schema: `{${dialect},"type":"integer"}` },
      judgements: [{ expect: 'accept', text: '1', note: 'one' }],
    });
    expect(casesOf(row('{}'))[0].source).toEqual({ schema: `{${dialect}}` });
    expect(casesOf(row('true'))[0].source).toEqual({ schema: 'true' });
  });

  it('keep MaskBench instances as they are spelt', () => {
    const line =
      '{"name":"BFCL_1.json","schema":{"type":"object"},"features":[],"tests":[{"valid":true,"data":{"10":1.0,"2":1e3,"é":"\\u00e9"}}]}';
    const row = JSON.parse(line);
    const [testCase] = adapterOf(row)!.cases(row, line, { order: 'as-given' });
    expect(testCase.kind).toBe('maskbench/BFCL');
    expect(testCase.judgements).toEqual([{ expect: 'accept', text: '{"10":1.0,"2":1e3,"é":"\\u00e9"}' }]);
  });

  it('put instances into schema order on request', () => {
    expect(casesOf(maskbenchRow)[0].judgements[0].text).toBe('{"1":{"x":1,"y":2},"z":0,"b":3}');
    const schema =
      '{"properties":{"b":{},"1":{"$ref":"#/definitions/pair"}},"definitions":{"pair":{"properties":{"y":{},"x":{}}}}}';
    const line = `{"name":"a","schema":${schema},"features":[],"tests":[{"valid":true,"data":{"z":0,"1":{"x":1,"y":2},"b":3}}]}`;
    const row = JSON.parse(line);
    const [testCase] = adapterOf(row)!.cases(row, line, { order: 'schema' });
    expect(testCase.judgements[0].text).toBe('{"b":3,"1":{"y":2,"x":1},"z":0}');
  });

  it('judge xgrammar labels only where JSON Schema agrees with them', () => {
    const row = {
      id: 'x',
      schema_text: '{"type":"object","properties":{"a":{"type":"integer"}}}',
      options: {},
      tests: [
        { text: '{"a":1}', valid: true },
        { text: '{"a":"x"}', valid: false },
        { text: '{"a":1,"b":2}', valid: false },
      ],
    };
    expect(casesOf(row)[0]).toMatchObject({
      unjudged: 1,
      judgements: [{ text: '{"a":1}' }, { text: '{"a":"x"}' }],
    });
  });

  it('count a pattern that is not valid as right when it is refused', () => {
    const row = { id: 'r', pattern: 'a++', flags: 'u', features: [], valid: false, matches: [], rejects: [] };
    expect(countsOf(row)).toEqual({ right: 1, wrong: 0, refused: 0, crashed: 0 });
    expect(casesOf({ ...row, oracle_lacks: true })[0]).toMatchObject({ judgements: [], unjudged: 1 });
    expect(
      countsOf({ ...row, pattern: 'a+', valid: true, matches: ['aa', 'b'], rejects: ['\ud800'] }),
    ).toEqual({
      right: 1,
      wrong: 1,
      refused: 0,
      crashed: 0,
    });
  });

  it('judge grammars by their class', () => {
    const row = { id: 'g', dialect: 'gbnf', root: 'root', grammar: 'root ::= "a" "b"', class: 'language' };
    const tests = [
      { text: 'ab', accept: true },
      { text: 'a', accept: false, incomplete: true },
      { text: 'b', accept: true },
    ];
    expect(countsOf({ ...row, tests })).toEqual({ right: 3, wrong: 1, refused: 0, crashed: 0 });
    const broken = { ...row, grammar: 'root ::= nothing', tests: [] };
    expect(countsOf({ ...broken, class: 'must-not-compile' }).right).toBe(1);
    expect(countsOf({ ...broken, class: 'compile-only' }).refused).toBe(1);
    expect(casesOf({ ...broken, class: 'must-not-compile', grammar_ok: { other: true } })[0].unjudged).toBe(
      1,
    );
  });

  it('judge JSON texts with white space around them', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(countsOf({ id: 'y', expect: 'accept', base64: base64(' [1]\n') }).right).toBe(1);
    expect(countsOf({ id: 'n', expect: 'reject', base64: base64('[1') }).right).toBe(1);
  });

  it('judge tokens one by one', () => {
    const row = {
      id: 't',
      dialect: 'gbnf-token',
      root: 'root',
      class: 'needs-token-vocabulary',
      grammar: 'root ::= <[10]> (!<[11]>)* <[11]>',
      tests: [
        { parts: [{ token: 10 }, 'text', { token: 12 }, { token: 11 }], accept: true },
        { parts: [{ token: 10 }, 'text'], accept: false },
        { parts: [{ token: 11 }], accept: true },
      ],
    };
    expect(countsOf(row)).toEqual({ right: 2, wrong: 1, refused: 0, crashed: 0 });
  });

  it('read structural tags, with objects closed as their labels have them', () => {
    const schema = { type: 'object', properties: { a: {} } };
    const format = { type: 'json_schema', json_schema: schema, any_order: false };
    const tests = [
      { text: '{"a": 1}', accept: true },
      { text: '{"b": 1}', accept: false },
      { text: '{"a"', accept: false, incomplete: true },
    ];
    const structural_tag = { type: 'structural_tag', format };
    expect(countsOf({ id: 's', structural_tag, tests }).right).toBe(4);
    const anyOrder = { type: 'structural_tag', format: { ...format, any_order: true } };
    const { judgements, unjudged } = casesOf({ id: 's', structural_tag: anyOrder, tests })[0];
    expect([judgements.length, unjudged]).toEqual([2, 2]);
    const broken = { id: 'e', structural_tag: { type: 'x' }, tests: [], expect_error: 'wrong type' };
    expect(countsOf(broken).right).toBe(1);
  });

  it('judges outputs with calls: whole, cut in every way, and the text left over', () => {
    const output = '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>';
    const expected_calls = [{ name: 'f', arguments: { a: 1 } }];
    const row = {
      id: 'f',
      model_output: output,
      format: 'hermes',
      tools: null,
      class: 'c',
      expected_text: '',
    };
    expect(countsOf({ ...row, expected_calls })).toMatchObject({ right: 5, wrong: 0 });
    expect(countsOf({ ...row, expected_calls: [] }).wrong).toBe(1);
    const advisory = { ...row, class: 'edge-engine-specific', expected_calls: [] };
    expect(judge(casesOf(advisory)[0], compile)).toMatchObject({
      unjudged: 2,
      counts: { right: 3, wrong: 0 },
    });
  });
});

describe('judge', () => {
  const schemaCase = (schema: unknown, judgements: Case['judgements']): Case => ({
    id: 'c',
    kind: 'k',
    source: { schema },
    judgements,
    unjudged: 0,
  });
  const texts: Case['judgements'] = [
    { expect: 'accept', text: '1' },
    { expect: 'reject', text: 'x' },
  ];

  it('holds an unsatisfiable source to its labels', () => {
    const verdicts = judge(schemaCase(false, texts), compile);
    expect(verdicts.counts).toEqual({ right: 1, wrong: 1, refused: 0, crashed: 0 });
    expect(verdicts.failures).toEqual([
      { id: 'c', kind: 'k', outcome: 'wrong', expect: 'accept', got: 'unsatisfiable', text: '1' },
    ]);
  });

  it('tells refusals from crashes', () => {
    const refusing = judge(schemaCase(true, texts), () => {
      throw new CompileError('unsupported_keyword', 'no', { keyword: 'contains' });
    });
    expect(refusing).toMatchObject({ counts: { refused: 2 }, refusal: 'unsupported_keyword: contains' });
    const crashing = judge(schemaCase(true, texts), () => {
      throw new TypeError('oops');
    });
    expect(crashing.counts.crashed).toBe(2);
    expect(crashing.failures[0].got).toBe('TypeError: oops');
  });
});

describe('judgeAll', () => {
  it('ends a case at its deadline and goes on with the others', async () => {
    const script = join(folder, 'slow-worker.mjs');
    writeFileSync(
      script,
      `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ id, kind }) => {
        if (id === 'endless') for (;;);
        const counts = { right: 1, wrong: 0, refused: 0, crashed: 0 };
        parentPort.postMessage({ id, kind, counts, unjudged: 0, failures: [], compileMillis: 1 });
      });
      parentPort.postMessage('ready');`,
    );
    const ids = ['a', 'endless', 'b', 'c'];
    async function* cases(): AsyncGenerator<Case> {
      for (const id of ids) yield { id, kind: 'k', judgements: [{ expect: 'compiles' }], unjudged: 0 };
    }
    const tally = new Tally(10);
    await judgeAll(
      cases(),
      { workers: 2, timeoutMillis: 300, script: new URL(`file://${script}`) },
      (verdicts) => tally.add(verdicts),
    );
    expect(tally.total).toEqual({ right: 3, wrong: 0, refused: 0, crashed: 1, unjudged: 0 });
    expect(tally.failures).toMatchObject([{ id: 'endless', outcome: 'crashed', got: 'timeout' }]);
    expect(tally.passed).toBe(false);
  });
});

describe('suite files', () => {
  it('are the .jsonl files of a folder, plain or compressed', async () => {
    const suite = join(folder, 'suite');
    const row = JSON.stringify({ id: 'y', expect: 'accept', base64: 'MQ==' });
    mkdirSync(join(suite, 'inner'), { recursive: true });
    writeFileSync(join(suite, 'a.jsonl'), `${row}\n\n${row}\n`);
    writeFileSync(join(suite, 'inner', 'b.jsonl.gz'), gzipSync(`${row}\n`));
    writeFileSync(join(suite, 'other.json'), '{}');
    expect(suiteFiles(suite)).toEqual([join(suite, 'a.jsonl'), join(suite, 'inner', 'b.jsonl.gz')]);
    const read = async (file: string, limit: number) => {
      const found: string[] = [];
      for await (const { id } of suiteCases(file, { order: 'as-given' }, limit)) found.push(id);
      return found;
    };
    expect(await read(join(suite, 'a.jsonl'), 10)).toEqual(['y', 'y']);
    expect(await read(join(suite, 'a.jsonl'), 1)).toEqual(['y']);
    expect(await read(join(suite, 'inner', 'b.jsonl.gz'), 10)).toEqual(['y']);
    const separated = row.replace('"y"', '"y\u2028z"');
    writeFileSync(join(suite, 'c.jsonl'), `${separated}\r\n${separated}`);
    expect(await read(join(suite, 'c.jsonl'), 10)).toEqual(['y\u2028z', 'y\u2028z']);
    writeFileSync(join(suite, 'inner', 'b.jsonl.gz'), gzipSync(`${row}\n`).subarray(0, 20));
    await expect(read(join(suite, 'inner', 'b.jsonl.gz'), 10)).rejects.toThrow(/unexpected end of file/);
  });

  it('of an unknown format are a clear error', async () => {
    const file = join(folder, 'unknown.jsonl');
    writeFileSync(file, '{"what": 1, "ever": 2}\n');
    const first = () => suiteCases(file, { order: 'as-given' }, 1).next();
    await expect(first).rejects.toThrow(/unknown suite format; its first row has what, ever/);
    writeFileSync(file, 'not json\n');
    await expect(first).rejects.toThrow(/row 1 is not JSON/);
    expect(() => suiteFiles(join(folder, 'nowhere'))).toThrow(SuiteError);
  });
});

describe('npm run conformance', () => {
  const main = fileURLToPath(new URL('../../bench/conformance/main.ts', import.meta.url));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', main, ...args], { encoding: 'utf8' });

  it('prints counts by kind and ends with JSON', () => {
    const file = join(folder, 'run.jsonl');
    const row = (pattern: string, matches: string[]) =>
      JSON.stringify({
        id: pattern,
        pattern,
        flags: 'u',
        features: [],
        valid: true,
        matches,
        rejects: ['?'],
      });
    writeFileSync(file, `${row('a', ['a'])}\n${row('b', ['c'])}\n`);
    const { status, stdout } = run(file, '--json', '--show', '3', '--workers', '1');
    expect(status).toBe(1);
    expect(stdout).toContain('WRONG regex/core b');
    const counts = { right: 3, wrong: 1, refused: 0, crashed: 0, unjudged: 0 };
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toEqual({
      ...counts,
      kinds: { 'regex/core': counts },
      rows: { passing: 1, refused: 0, wrong: 1, crashed: 0 },
    });
    expect(run(file, '--kind', 'ebnf').status).toBe(0);
    expect(run(join(folder, 'nowhere')).status).toBe(2);
  });
});
