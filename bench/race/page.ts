// docs/benchmarks/engine.{json,md}: the figures of one whole run.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RaceFigures, RaceModels, TaskFigures } from './race.js';

const page = (kind: string) =>
  fileURLToPath(new URL(`../../docs/benchmarks/engine.${kind}`, import.meta.url));

export function writeRacePages(figures: RaceFigures): void {
  const of = { machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`, ...figures };
  writeFileSync(page('json'), `${JSON.stringify(of, null, 2)}\n`);
  writeFileSync(
    page('md'),
    `# The engine and llama.cpp on one CPU

Written by \`npm run bench -- engine --only race\`. Both run the same GGUF file (Q8_0), with as many threads, in
turn; medians of ${figures.rounds} round(s). The opponent is ${figures.opponent}, which brings llama.cpp's CPU build; our kernels
here are ${figures.kernels}, on ${of.machine}. Rates are tokens a second by the clock; processor time is milliseconds
a token over all threads, which other work on the machine disturbs less. \`sprout\` is the model that comes along,
\`qwen2-0.5b\` random weights of that shape with a made vocabulary of its size.

The opponent's side of the JSON rows is its grammar mode, measured anew for each. Ours: plain, an engine as it is opened without
options; \`drafts\`, with \`speculation: { kind: 'grammar' }\`, whose outputs are the same tokens; \`text\`, with
\`jumpForward: 'text'\`, which spells forced text in the tokenizer's tokens and so writes other ones, fewer for the same text.
Random weights know no spelling: they refuse most drafts, as a trained model would not.

With all processors, llama.cpp's threads spin while they wait for each other and lose much to anything else that runs, the
JavaScript around them included; with one thread each, both have a processor to themselves. One request at a time reads all weights
for each token: there, with one thread, ours read them about as fast as the processor can.
${figures.races.map(({ threads, models }) => section(threads, models)).join('')}`,
  );
}

const section = (threads: number, models: RaceModels): string => `
## ${threads} thread(s) each

| model | task | ours | llama.cpp | ratio | ours, CPU ms | llama.cpp, CPU ms | ratio |
|---|---|---|---|---|---|---|---|
${Object.entries(models)
  .flatMap(([model, tasks]) => Object.entries(tasks).map(([task, found]) => row(model, task, found)))
  .join('\n')}
`;

function row(model: string, task: string, found: TaskFigures): string {
  const { ours, theirs, ratio, oursCpuMs, theirsCpuMs, cpuRatio } = found;
  const cells = [ours.toFixed(1), theirs.toFixed(1), ratio.toFixed(2), oursCpuMs.toFixed(3)];
  return `| ${[model, task, ...cells, theirsCpuMs.toFixed(3), cpuRatio.toFixed(2)].join(' | ')} |`;
}
