// docs/benchmarks/speculation.{json,md}: the figures of one whole run.
import { cpus } from 'node:os';
import { writeBeside, writeSection } from '../masks/sections.js';
import type { JumpRate } from './json-jump.js';

export interface SpeculationFigures {
  readonly extraction: Readonly<Record<string, Readonly<Record<string, Way>>>>;
  readonly jumps: Readonly<Record<string, Readonly<Record<string, JumpRate>>>>;
}

export interface Way {
  readonly speedup: number;
  readonly tokensPerSecond: number;
  readonly stepsPerToken: number;
  readonly drafted: number;
  /** Share of the drafted tokens that were kept. */
  readonly accepted: number;
}

export function writeSpeculationPages(figures: SpeculationFigures): void {
  const machine = `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`;
  writeBeside('speculation.json', `${JSON.stringify({ machine, ...figures }, null, 2)}\n`);
  writeSection(
    'speculation.md',
    '# Drafts and forced text',
    `Written by \`npm run bench -- speculation\`, on sprout (${machine}). Each way has its turn in each round; a ratio is the median of
the rounds' ratios. sprout fits in the cache, so a pass over several tokens is not cheap here: steps a token say what drafts
save where reading the weights is what takes time.`,
  );
  writeSection(
    'speculation.md',
    '## Extraction',
    `Held-out records under their schemas, greedy. Outputs are the same in all ways.

| at once | drafts | tokens/s | against off | steps a token | drafted a token | kept |
|---|---|---|---|---|---|---|
${rows(figures.extraction, wayCells)}`,
  );
  writeSection(
    'speculation.md',
    '## JSON of long keys',
    `An object of eight keys of forty letters, each true or false. \`off\`: every token is sampled; \`tokens\`: those without an
alternative are appended (the default); \`text\`: \`jumpForward: 'text'\`; \`drafts\`: \`speculation: { kind: 'grammar' }\`.

| at once | way | objects/s | against off |
|---|---|---|---|
${rows(figures.jumps, jumpCells)}`,
  );
}

function rows<T>(
  batches: Readonly<Record<string, Readonly<Record<string, T>>>>,
  cells: (of: T) => string[],
): string {
  return Object.entries(batches)
    .flatMap(([batch, ways]) =>
      Object.entries(ways).map(([way, of]) => `| ${[batch, way, ...cells(of)].join(' | ')} |`),
    )
    .join('\n');
}

const wayCells = ({ tokensPerSecond, speedup, stepsPerToken, drafted, accepted }: Way) => [
  tokensPerSecond.toFixed(0),
  speedup.toFixed(2),
  stepsPerToken.toFixed(2),
  drafted.toFixed(2),
  drafted === 0 ? '' : `${(100 * accepted).toFixed(0)} %`,
];

const jumpCells = ({ objects, speedup }: JumpRate) => [objects.toFixed(1), speedup.toFixed(2)];
