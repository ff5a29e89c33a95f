// docs/benchmarks/radix.json and radix.md: the figures of the last runs, each model a section.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { writeBeside, writeSection } from '../masks/sections.js';
import { AGENT, CHAT, FEWSHOT } from './loads.js';
import type { BenchModel } from './models.js';

export type Figures = Record<string, number>;

const JSON_FILE = fileURLToPath(new URL('../../docs/benchmarks/radix.json', import.meta.url));

type Described = Pick<BenchModel, 'name' | 'requests' | 'uncachedRequests' | 'objects' | 'rounds'>;

const round = (value: number) =>
  value >= 1000 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(3)).toString();

function rows(figures: Figures): string {
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
    `| … tokens/s | | | ${times('json_jump_one_tokens')} |`,
    `| … objects/s, several at once | ${cell('json_jump_on')} | ${cell('json_jump_off')} | ${times('json_jump_speedup')} |`,
    `| … tokens/s | | | ${times('json_jump_tokens')} |`,
  ].join('\n');
}

const TITLE = '# Prefix cache and jump-forward';
const INTRODUCTION = `Written by \`npm run bench -- radix\`: each figure stands beside its counterpart of the same run, the engine with \`radixCache\` on and
off, on the CPU. Prompts are random tokens, new in every round, so that the first request of a load finds nothing cached. Agents
have ${AGENT.own} tokens of their own and ${AGENT.output} of output, the examples' questions ${FEWSHOT.own} and ${FEWSHOT.output}; a turn of the chat has a message of ${CHAT.message} tokens
and an answer of ${CHAT.answer}, and a prompt of all that was said before. Time to first token is counted from submission, on average.
The objects of the last rows have twelve keys of forty letters, with \`jumpForward: 'text'\` and \`false\`: objects a second, because
forced text is spelt in fewer tokens than a random model would spell it in. Single figures drift with what else the machine
does; what is compared is of one run.`;

/** Writes a model's section, and its figures beside those of the others; what did not run keeps the figures it has. */
export function writeReport(model: Described, fresh: Figures, threads: number): void {
  const known = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {};
  const figures: Figures = { ...known[model.name]?.figures, ...fresh };
  const run = { date: new Date().toISOString().slice(0, 10), node: process.version, threads, figures };
  writeBeside('radix.json', `${JSON.stringify({ ...known, [model.name]: run }, null, 2)}\n`);
  writeSection('radix.md', TITLE, INTRODUCTION);
  writeSection(
    'radix.md',
    `## ${model.name}`,
    `${model.requests} requests at once with the cache on, ${model.uncachedRequests} with it off; times to first token are those of ${model.uncachedRequests} at once in
both. ${model.objects} objects at once. ${model.rounds === 1 ? 'One round' : `Medians of ${model.rounds} rounds`}, ${threads} threads, Node ${process.version}.

${rows(figures)}`,
  );
}
