// docs/benchmarks/radix.json and radix.md: the figures of one whole run.
import { writeBeside } from '../masks/sections.js';
import { AGENT, CHAT, FEWSHOT } from './loads.js';
import type { BenchModel } from './models.js';

/** By model, then by figure. */
export type Figures = Record<string, Record<string, number>>;

type Described = Pick<BenchModel, 'name' | 'requests' | 'uncachedRequests' | 'objects' | 'rounds'>;

const round = (value: number) =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(3)).toString();

function rows(figures: Record<string, number>): string {
  const cell = (key: string) => (figures[key] === undefined ? '' : round(figures[key]));
  const times = (key: string) => (figures[key] === undefined ? '' : `**${figures[key].toFixed(1)} ×**`);
  const loads = [AGENT, FEWSHOT].flatMap(({ key, what }) => [
    `| ${what}: output tokens/s | ${cell(`${key}_on`)} | ${cell(`${key}_off`)} | ${times(`${key}_speedup`)} |`,
    `| … time to first token, ms | ${cell(`${key}_ttft_on`)} | ${cell(`${key}_ttft_off`)} | ${times(`${key}_ttft_speedup`)} |`,
  ]);
  return [
    '| load | on | off | |',
    '|---|---|---|---|',
    ...loads,
    `| chat: time to first token in turn 2, ms | ${cell('chat_second_on')} | ${cell('chat_second_off')} | |`,
    `| … in turn ${CHAT.turns} | ${cell('chat_last_on')} | ${cell('chat_last_off')} | ${times('chat_ttft_speedup')} |`,
    `| JSON of long keys: objects/s, one at a time | ${cell('json_jump_one_on')} | ${cell('json_jump_one_off')} | ${times('json_jump_one_speedup')} |`,
    `| … several at once | ${cell('json_jump_on')} | ${cell('json_jump_off')} | ${times('json_jump_speedup')} |`,
  ].join('\n');
}

const section = (model: Described, figures: Record<string, number>) => `## ${model.name}

${model.requests} requests at once with the cache on, ${model.uncachedRequests} with it off; times to first token are those of ${model.uncachedRequests} at once
in both. ${model.objects} objects at once. ${model.rounds === 1 ? 'One round' : `Medians of ${model.rounds} rounds`}.

${rows(figures)}`;

/** Writes both files. */
export function writeReport(models: readonly Described[], figures: Figures, threads: number): void {
  const json = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    threads,
    models: figures,
  };
  writeBeside('radix.json', `${JSON.stringify(json, null, 2)}\n`);
  writeBeside(
    'radix.md',
    `# Prefix cache and jump-forward

Written by \`npm run bench -- radix\` in Node ${process.version}, ${threads} threads on the CPU; each figure beside its counterpart of the same run,
the engine with \`radixCache\` on and off. Prompts are random tokens, new in every round, so that the first request of a load
finds nothing cached. Agents have ${AGENT.own} tokens of their own and ${AGENT.output} of output, the examples' questions ${FEWSHOT.own} and ${FEWSHOT.output}; a turn of the chat
has a message of ${CHAT.message} tokens and an answer of ${CHAT.answer}, and a prompt of all that was said before. Time to first token is counted from
submission, on average. The objects of the last rows have twelve keys of forty letters, with \`jumpForward: 'text'\` and \`false\`:
objects a second, because forced text is spelt in fewer tokens than a random model would spell it in.

${models.map((model) => section(model, figures[model.name] ?? {})).join('\n\n')}
`,
  );
}
