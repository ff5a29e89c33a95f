// docs/benchmarks/gpu.json and gpu.md: the figures of one whole run, beside the aims of the project.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Figures = Record<string, number>;

/** What vLLM measured on the same card. */
export interface Peer {
  readonly version: string;
  /** Under the keys of our own figures. */
  readonly figures: Figures;
  /** Only what constraints cost with llguidance. */
  readonly guidance: Figures;
}

/** What each figure is, what is aimed at on an H200, and which way is better. */
const ROWS: readonly [key: string, what: string, unit: string, aim: string][] = [
  ['decode_b1', 'decode after 512 in, batch 1', 'tok/s', '≥ 225'],
  ['decode_b1_ratio', '… of the limit', '', '0.85'],
  ['decode_b16', 'batch 16', 'tok/s', '≥ 3,250'],
  ['decode_b16_ratio', '… of the limit', '', '0.77'],
  ['decode_b64', 'batch 64', 'tok/s', '≥ 10,500'],
  ['decode_b64_ratio', '… of the limit', '', '0.76'],
  ['decode_b256', 'batch 256', 'tok/s', '≥ 20,500'],
  ['decode_b256_ratio', '… of the limit', '', '0.64'],
  ['prefill', 'prefill, 8 x 2,048', 'tok/s', '≥ 43,000'],
  ['throughput_512', '512 requests, 512 in, 128 out', 'output tok/s', '≥ 7,700'],
  ['constrained_ratio', '128 requests under a schema against free, the lowest of those below', '', '≥ 0.98'],
  ['constrained_t0_ratio', 'one schema, greedy', '', '≥ 0.98'],
  ['constrained_t0_first_ratio', '… its first run', '', ''],
  ['constrained_t0_many_ratio', '128 different schemas, cold, greedy', '', '≥ 0.98'],
  ['constrained_t1_ratio', 'one schema, temperature 1', '', '≥ 0.98'],
  ['constrained_t1_first_ratio', '… its first run', '', ''],
  ['constrained_t1_many_ratio', '128 different schemas, cold, temperature 1', '', '≥ 0.98'],
  ['jump_forward_gain', 'requests/s on a key-heavy schema, jump-forward on / off', '', '≥ 2'],
  ['prefix_1024', '256 x (1,024 shared + 64 own, 32 out)', 's', '≤ 0.95'],
  ['prefix_1024_gain', '… against the cache off', '', '≥ 7'],
  ['prefix_4096', '512 x (4,096 shared + 32 own, 8 out)', 's', '≤ 1.7'],
  ['prefix_4096_gain', '… against the cache off', '', '≥ 28'],
  ['sample_temperature_masks', 'sampling 256 rows of 128,256 with masks, call to tokens', 'µs', '≤ 100'],
  ['start_seconds', 'opening an engine to its first token', 's', '≤ 15'],
];

/** The lowest ratio of repeated and of cold constrained runs, under one name. */
function withSummary(figures: Figures): Figures {
  const keys = ['t0_ratio', 't0_many_ratio', 't1_ratio', 't1_many_ratio'].map((key) => `constrained_${key}`);
  return { ...figures, constrained_ratio: Math.min(...keys.map((key) => figures[key])) };
}

const format = (value: number) =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);

/** Columns beside ours: vLLM's figures, if it was there. */
function columnsOf(peer: Peer | undefined): readonly (readonly [head: string, figures: Figures])[] {
  if (peer === undefined) return [];
  return [
    [`vLLM ${peer.version}`, peer.figures],
    ['… with llguidance', peer.guidance],
  ];
}

/** Each figure under its key behind a prefix: `vllm_decode_b1`. */
const prefixed = (prefix: string, figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([key, value]) => [prefix + key, value]));

function vllmText(peer: Peer): string {
  const plain = ({ constrained_t0_plain_ratio: greedy, constrained_t1_plain_ratio: sampled }: Figures) =>
    `${format(greedy)} and ${format(sampled)}`;
  return `
vLLM ran behind ours on the same card (\`ESPALIER_VLLM\`): one engine with xgrammar, its default, one with llguidance for the
constraints; the same shape with random weights, Llama 3's vocabulary in place of the made one, the same loads and schemas, its own clock
around \`LLM.generate\`. Its start ends when the engine is ready. Without the bounds and patterns of the schema its ratios are ${plain(peer.figures)}
(greedy, temperature 1) with xgrammar, ${plain(peer.guidance)} with llguidance.
`;
}

/** Writes both files. */
export function writeReport(card: string, given: Figures, peer?: Peer): void {
  const figures = withSummary(given);
  const folder =
    process.env.ESPALIER_BENCH_OUT ?? fileURLToPath(new URL('../../docs/benchmarks', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const json = {
    card,
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    ...(peer && { vllm: peer.version }),
    summary: {
      ...figures,
      ...(peer && { ...prefixed('vllm_', peer.figures), ...prefixed('vllm_guidance_', peer.guidance) }),
    },
  };
  writeFileSync(join(folder, 'gpu.json'), `${JSON.stringify(json, null, 2)}\n`);
  const columns = columnsOf(peer);
  const rows = ROWS.filter(([key]) => figures[key] !== undefined).map(([key, what, unit, aim]) => {
    const theirs = columns.map(([, theirs]) => (theirs[key] === undefined ? '' : format(theirs[key])));
    return `| ${[what, `${format(figures[key])} ${unit}`.trim(), ...theirs, aim].join(' | ')} |`;
  });
  const head = ['what', 'measured', ...columns.map(([name]) => name), 'aim on an H200'];
  writeFileSync(
    join(folder, 'gpu.md'),
    `# The engine on one GPU

Written by \`npm run bench -- gpu\`: Llama-3-8B's shape, random bfloat16 weights, a made vocabulary of 128,256 tokens, the public
API in Node ${process.version}. The card is one **${card}**, whose copies move ${(figures.copy_bytes_per_second / 1e12).toFixed(2)} TB/s (read and written); the aims are for an H200, which moves 4.28.

| ${head.join(' | ')} |
|${'---|'.repeat(head.length)}
${rows.join('\n')}

Decode is the time of 128 output tokens less that of one, on cached prompts; its limit is the time to read the weights (without
the embedding) and all keys and values once. Each figure is the median of three runs after a first one (128 cold schemas: three times others), except those
with the cache off, which ran once. The records of the schema have twelve properties: nesting, enumerations, patterns,
bounds; no output ended before its 128 tokens.
${peer === undefined ? '' : vllmText(peer)}`,
  );
}
