// Formats whose calls are a name and, behind it, the arguments as one JSON object.
import { type Declaration, JSON_ARGUMENTS, trigger } from '../declaration.js';
import { NamedJson } from '../shapes/named-json.js';
import { objects } from './json-objects.js';

const SECTION = '<｜tool▁calls▁begin｜>';
const SECTION_END = '<｜tool▁calls▁end｜>';
const CALL = '<｜tool▁call▁begin｜>';
const CALL_END = '<｜tool▁call▁end｜>';
const SEPARATOR = '<｜tool▁sep｜>';
const deepseek = { before: [SECTION], behind: [SECTION_END, '<｜end▁of▁sentence｜>'] };
const deepseekWritten = {
  triggers: trigger(SECTION),
  open: SECTION,
  close: SECTION_END,
  arguments: JSON_ARGUMENTS,
  callEnd: CALL_END,
};

export const namedJsonFormats: readonly Declaration[] = [
  {
    name: 'deepseekv3',
    wire: {
      ...deepseek,
      shapes: [
        new NamedJson({
          open: [CALL],
          nameEnd: ['```json', '{'],
          close: [`\`\`\`${CALL_END}`, CALL_END],
          names: (text) => ({ name: text.slice(text.indexOf(SEPARATOR) + SEPARATOR.length).trim() }),
        }),
      ],
    },
    written: {
      ...deepseekWritten,
      between: '\n',
      call: (name) => ({
        before: `${CALL}function${SEPARATOR}${name}\n\`\`\`json\n`,
        after: `\n\`\`\`${CALL_END}`,
      }),
    },
    template: [[CALL, '```json']],
  },
  {
    name: 'deepseekv31',
    wire: { ...deepseek, shapes: [new NamedJson({ open: [CALL], nameEnd: [SEPARATOR], close: [CALL_END] })] },
    written: {
      ...deepseekWritten,
      between: '',
      call: (name) => ({ before: `${CALL}${name}${SEPARATOR}`, after: CALL_END }),
    },
    template: [[CALL]],
  },
  {
    name: 'kimi_k2',
    wire: {
      before: ['<|tool_calls_section_begin|>'],
      behind: ['<|tool_calls_section_end|>'],
      shapes: [
        new NamedJson({
          open: ['<|tool_call_begin|>'],
          nameEnd: ['<|tool_call_argument_begin|>'],
          close: ['<|tool_call_end|>'],
          names: (id) => {
            const name = /^(?:functions\.)?(.+):\d+$/.exec(id)?.[1];
            return name === undefined ? undefined : { name, id };
          },
        }),
      ],
    },
    written: {
      triggers: trigger('<|tool_calls_section_begin|>'),
      open: '<|tool_calls_section_begin|>',
      close: '<|tool_calls_section_end|>',
      between: '',
      call: (name, index) => ({
        before: `<|tool_call_begin|>functions.${name}:${index}<|tool_call_argument_begin|>`,
        after: '<|tool_call_end|>',
      }),
      arguments: JSON_ARGUMENTS,
      callEnd: '<|tool_call_end|>',
    },
    template: [['<|tool_calls_section_begin|>']],
  },
  {
    name: 'mistral',
    wire: {
      before: ['[TOOL_CALLS]'],
      shapes: [],
      inside: [
        objects(),
        new NamedJson({
          open: [''],
          nameEnd: ['[ARGS]', '{'],
          close: [],
          names: (text) => ({ name: text.split('[')[0].trim() }),
        }),
      ],
    },
    written: {
      triggers: trigger('[TOOL_CALLS]'),
      between: '',
      call: (name) => ({ before: `[TOOL_CALLS]${name}[ARGS]`, after: '' }),
      arguments: JSON_ARGUMENTS,
      callEnd: '</s>',
    },
    template: [['[TOOL_CALLS]']],
  },
  {
    name: 'gpt-oss',
    wire: {
      silent: ['<|start|>assistant', '<|end|>', '<|return|>', '<|channel|>final<|message|>'],
      shapes: [
        new NamedJson({
          open: [
            '<|start|>assistant<|channel|>commentary to=',
            '<|channel|>commentary to=',
            '<|start|>assistant to=',
          ],
          nameEnd: ['<|message|>'],
          close: ['<|call|>'],
          names: (text) => ({ name: text.split(/<\||\s/)[0].replace(/^functions\./, '') }),
        }),
      ],
    },
    written: {
      triggers: trigger('<|channel|>commentary to='),
      call: (name) => ({
        before: `<|channel|>commentary to=functions.${name} <|constrain|>json<|message|>`,
        after: '<|call|>',
      }),
      arguments: JSON_ARGUMENTS,
      callEnd: '<|call|>',
    },
    template: [['<|channel|>commentary'], ['<|channel|>analysis']],
  },
];
