// The reasoning formats by SGLang's names.
import { behindReasoning } from './constraint.js';
import type { ReasoningFormat, ReasoningMarks } from './format.js';
import { MarkedSplitter } from './splitter.js';

export {
  collectReasoning,
  type ReasoningEvent,
  type ReasoningFormat,
  type ReasoningOptions,
  type ReasoningSplitter,
} from './format.js';

const think = { start: ['<think>'], end: ['</think>'] };

const marks: readonly ReasoningMarks[] = [
  { name: 'deepseek-r1', ...think, isOpen: true },
  { name: 'deepseek-v3', aliases: ['deepseek-v31', 'deepseek-v4', 'deepseek-v41'], ...think },
  {
    name: 'qwen3',
    aliases: [
      'glm45',
      'ling3',
      'kimi_k2',
      'step3',
      'step3p5',
      'interns1',
      'nemotron_3',
      'granite_thinking_parser',
      'hunyuan',
      'mimo',
      'poolside_v1',
      'dots',
      'nanbeige',
      'gigachat35',
      'iquest_q1',
    ],
    ...think,
  },
  { name: 'qwen3-thinking', ...think, isOpen: true },
  { name: 'minimax', ...think, isOpen: true },
  { name: 'minimax-m3', start: ['<mm:think>'], end: ['</mm:think>'] },
  { name: 'kimi', start: ['◁think▷'], end: ['◁/think▷'] },
  { name: 'mistral', start: ['[THINK]'], end: ['[/THINK]'] },
  { name: 'gemma4', start: ['<|channel>thought\n', '<|channel>'], end: ['<channel|>'] },
  { name: 'apertus2509', start: ['<|inner_prefix|>'], end: ['<|inner_suffix|>'] },
  { name: 'cohere_command4', start: ['<|START_THINKING|>'], end: ['<|END_THINKING|>'] },
  {
    name: 'k2_horizon',
    start: ['<ifm|think>', '<ifm|think_fast>', '<ifm|think_faster>'],
    end: ['</ifm|think>', '</ifm|think_fast>', '</ifm|think_faster>'],
  },
  { name: 'kimi_k3', start: ['<|open|>think<|sep|>'], end: ['<|close|>think<|sep|>'] },
  {
    name: 'gpt-oss',
    start: ['<|channel|>analysis<|message|>', '<|start|>assistant<|channel|>analysis<|message|>'],
    end: ['<|end|>'],
    anywhere: true,
    silent: [
      '<|channel|>final<|message|>',
      '<|start|>assistant<|channel|>final<|message|>',
      '<|end|>',
      '<|return|>',
    ],
    between: '<|start|>assistant',
    answerOpen: '<|channel|>final<|message|>',
  },
];

const formats: readonly ReasoningFormat[] = marks.map((each) => ({
  name: each.name,
  aliases: each.aliases ?? [],
  isOpen: each.isOpen ?? false,
  starts: each.start,
  ends: each.end,
  start: each.start[0],
  end: each.end[0],
  between: each.between ?? '',
  answerOpen: each.answerOpen ?? '',
  splitter: (options = {}) => new MarkedSplitter(each, options),
  constraint: (grammar, options = {}) => behindReasoning(each, grammar, options),
}));

/** The reasoning format with this name or alias, or undefined. */
export function findReasoningFormat(name: string): ReasoningFormat | undefined {
  return formats.find((format) => format.name === name || format.aliases.includes(name));
}

/** Names of all reasoning formats, without aliases. */
export function reasoningFormatNames(): string[] {
  return formats.map((format) => format.name);
}

/**
 * The reasoning format that a chat template asks for, by the marks in its text; the longest marks count. Whether outputs
 * begin inside the thinking is seen from the rendered prompt, not here.
 */
export function detectReasoningFormat(template: string): ReasoningFormat | undefined {
  const length = (format: ReasoningFormat) => {
    // Where an answer has marks of its own, what ends the thinking ends every other turn, too.
    const marks = format.answerOpen ? format.starts : [...format.starts, ...format.ends];
    const isThere = marks.some((mark) => template.includes(mark));
    return isThere ? format.start.length + format.end.length : 0;
  };
  const best = formats.filter(({ isOpen }) => !isOpen).toSorted((a, b) => length(b) - length(a))[0];
  return length(best) > 0 ? best : undefined;
}
