// npm run bench: runs one benchmark of bench/suites/, or lists them.
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench, BenchOptions } from './options.js';

const usage = `npm run bench -- NAME [options]
  --quick             end within 45 s on two cores
  --tokenizer FILE    a tokenizer.json, where only a vocabulary is needed
  --only PART,PART    some parts of a benchmark that has parts
  --order schema|any  the order of properties, where a benchmark has the choice
  --limit N           at most so many rows of a suite
  --suites FOLDER     the folder of the suites (default ESPALIER_SUITES, else ../shared/suites)
  --clients N         clients at once, where there are some
  --seconds N         how long they ask
  --json              last line: one JSON object`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    tokenizer: { type: 'string' },
    only: { type: 'string' },
    order: { type: 'string' },
    limit: { type: 'string' },
    suites: { type: 'string' },
    clients: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const folder = new URL('suites/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();

async function load(name: string): Promise<Bench> {
  const bench: Bench = await import(new URL(`${name}.ts`, folder).href);
  if (bench.name !== name) throw new Error(`bench/suites/${name}.ts calls itself ${bench.name}`);
  return bench;
}

async function list(): Promise<void> {
  console.log(`${usage}\n\nbenchmarks:`);
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) console.log(`  ${name.padEnd(width)}  ${(await load(name)).description}`);
}

async function run(name: string): Promise<void> {
  const bench = await load(name);
  const { quick, tokenizer, only, order, limit, suites, clients, seconds: during } = values;
  const options: BenchOptions = {
    quick,
    log: (line) => console.log(line),
    ...(tokenizer !== undefined && { tokenizer }),
    ...(only !== undefined && { only: only.split(',') }),
    ...(order !== undefined && { order: order === 'any' ? 'any' : 'schema' }),
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(clients !== undefined && { clients: Number(clients) }),
    ...(during !== undefined && { seconds: Number(during) }),
    ...(suites !== undefined && { suites }),
  };
  const start = performance.now();
  const figures = await bench.run(options);
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  console.log(`${name}: ${seconds} s`);
  if (values.json) console.log(JSON.stringify({ name, quick, seconds, ...figures }));
}

const [name] = positionals;
if (name === undefined || values.help) await list();
else if (names.includes(name)) await run(name);
else {
  console.error(`no benchmark ${JSON.stringify(name)}; there are: ${names.join(', ')}`);
  process.exitCode = 2;
}
