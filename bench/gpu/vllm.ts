// vLLM on the same card, after our engines have given it back: the folder that the peers' `vllm/prepare` made, named in
// ESPALIER_VLLM, measures the same loads under the schemas of ours.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from './load.js';
import type { Figures, Peer } from './report.js';
import { mediumSchema } from './schemas.js';

/** Where the peer's `start` unpacks itself. */
const SITE = '/tmp/site';
/** One engine each: seconds at most, prefix cache, library of grammars, parts. */
const RUNS = [
  ['480', 'prefix_on', 'xgrammar', 'a,b,c,d,e'],
  ['300', 'prefix_on', 'guidance', 'e'],
] as const;

const DISTINCT = 128;

/** Takes the place of the peer's schemas: with a number one of 128 that share nothing, without one always the same. */
const SCHEMA_PY = `import json, os
SCHEMAS = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemas.json")))
def schema(i=None):
    return SCHEMAS[0] if i is None else SCHEMAS[1 + i % (len(SCHEMAS) - 1)]
def plain(i=None):
    bounds = ("minLength", "maxLength", "pattern", "minimum", "maximum")
    def strip(x):
        if isinstance(x, dict): return {k: strip(v) for k, v in x.items() if k not in bounds}
        return [strip(v) for v in x] if isinstance(x, list) else x
    return strip(schema(i))
`;

type Measured = Readonly<Record<string, Readonly<Record<string, number | readonly number[]>>>>;

/** @throws Error if the folder is not what `prepare` makes, or a run of vLLM gave no figures. */
export function runVllm(folder: string): Peer {
  const stage = stageFolder(resolve(folder));
  try {
    const out = join(stage, 'out');
    const { status, error } = spawnSync('bash', [join(stage, 'start'), ...RUNS.flat()], {
      env: { ...process.env, OUT: out },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (error) throw error;
    const [xgrammar, guidance] = RUNS.map(([, cache, library], i) => {
      const file = join(out, `r${i + 1}-${cache}-${library}.json`);
      if (!existsSync(file)) {
        throw new Error(
          `vLLM with ${library} wrote no figures (start ended with ${status}): see its log above`,
        );
      }
      return JSON.parse(readFileSync(file, 'utf8')) as Measured;
    });
    return {
      version: versionIn(SITE),
      figures: { ...loads(xgrammar), ...constrained(xgrammar, 'xgrammar') },
      guidance: constrained(guidance, 'guidance'),
    };
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** A copy of the folder with our schemas; what is large is linked. */
function stageFolder(folder: string): string {
  if (!existsSync(join(folder, 'start')) || !existsSync(join(folder, 'bench', 'bench.py'))) {
    throw new Error(
      `ESPALIER_VLLM: ${folder} has no start and bench/bench.py: name the folder that prepare made`,
    );
  }
  const stage = mkdtempSync(join(tmpdir(), 'espalier-vllm-'));
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tar.xz')) symlinkSync(join(folder, name), join(stage, name));
  }
  cpSync(join(folder, 'start'), join(stage, 'start'));
  cpSync(join(folder, 'bench'), join(stage, 'bench'), { recursive: true });
  rmSync(join(stage, 'bench', 'schema.py'), { force: true });
  writeFileSync(join(stage, 'bench', 'schema.py'), SCHEMA_PY);
  const schemas = [0, ...Array.from({ length: DISTINCT }, (_, i) => 1000 + i)].map(mediumSchema);
  writeFileSync(join(stage, 'bench', 'schemas.json'), JSON.stringify(schemas));
  return stage;
}

function versionIn(site: string): string {
  const info = readdirSync(site).find((name) => /^vllm-.*\.dist-info$/.test(name));
  return info?.slice('vllm-'.length, -'.dist-info'.length) ?? 'of unknown version';
}

const number = (measured: Measured, key: string, field: string) => measured[key]?.[field] as number;
const middle = (measured: Measured, key: string, field: string) =>
  median(measured[key][field] as readonly number[]);

function loads(measured: Measured): Figures {
  return {
    start_seconds: number(measured, 'engine', 'start_s'),
    ...Object.fromEntries(
      [1, 16, 64, 256].map((batch) => [
        `decode_b${batch}`,
        number(measured, `decode_b${batch}`, 'decode_tok_s'),
      ]),
    ),
    prefill: number(measured, 'prefill_8x2048', 'tok_s'),
    throughput_512: number(measured, 'throughput_512x512_128', 'out_tok_s'),
    prefix_1024: middle(measured, 'prefix_agent_256_1024+64_32', 'cold_s'),
    prefix_4096: middle(measured, 'prefix_fewshot_512_4096+32_8', 'cold_s'),
  };
}

/** Ratios to the same load without a schema. Different schemas were run at temperature 1 alone. */
function constrained(measured: Measured, library: string): Figures {
  const figures: Figures = {};
  for (const [key, temperature] of [
    ['t0', 'so_t0.0'],
    ['t1', 'so_t1.0'],
  ] as const) {
    const [medium, plain] = ['medium', 'plain'].map((schema) => `${temperature}_${schema}_${library}`);
    const free = number(measured, `${temperature}_free`, 'out_tok_s');
    const [first] = measured[medium].tokens as readonly number[];
    figures[`constrained_${key}_free`] = free;
    figures[`constrained_${key}_ratio`] = number(measured, medium, 'ratio_to_free');
    figures[`constrained_${key}_first_ratio`] = first / number(measured, medium, 'first_s') / free;
    figures[`constrained_${key}_plain_ratio`] = number(measured, plain, 'ratio_to_free');
  }
  const many = number(measured, `so_t1_distinct128_${library}`, 'out_tok_s');
  figures.constrained_t1_many_ratio = many / figures.constrained_t1_free;
  return figures;
}
