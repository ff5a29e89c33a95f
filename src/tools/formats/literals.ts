// Formats whose arguments are literals of another notation than JSON: Python's, Gemma's, MiniMax M3's elements.
import { ELEMENTS, gemma as gemmaNotation, PYTHON } from '../constraint/notation.js';
import { type Declaration, trigger } from '../declaration.js';
import { LiteralObject } from '../shapes/literal-object.js';
import { NestedTags } from '../shapes/nested-tags.js';
import { Pythonic } from '../shapes/pythonic.js';
import { objects } from './json-objects.js';

const call = (name: string) => ({ before: `${name}(`, after: ')' });

function gemma(name: string, open: string, close: string, quotes: readonly string[]): Declaration {
  return {
    name,
    wire: { shapes: [new LiteralObject({ open: [`${open}call:`, `${open}:`], close: [close], quotes })] },
    written: {
      triggers: trigger(`${open}call:`),
      between: '',
      call: (tool) => ({ before: `${open}call:${tool}`, after: close }),
      arguments: { form: 'notation', notation: gemmaNotation(quotes[0]) },
      callEnd: close,
    },
    template: [[open]],
  };
}

export const literalFormats: readonly Declaration[] = [
  {
    name: 'pythonic',
    aliases: ['llama4', 'llama4_pythonic'],
    wire: {
      before: ['<|python_start|>'],
      behind: ['<|python_end|>'],
      shapes: [new Pythonic({ open: [], close: ['<|python_end|>'] })],
    },
    written: {
      triggers: (tools) => tools.map((name) => `[${name}(`),
      open: '[',
      close: ']',
      between: ', ',
      call,
      arguments: { form: 'notation', notation: PYTHON },
      callEnd: '<|eot|>',
    },
    template: [['<|python_start|>'], ['<|header_start|>', '[func_name1(']],
  },
  {
    name: 'lfm2',
    wire: {
      before: ['<|tool_call_start|>'],
      behind: ['<|tool_call_end|>'],
      shapes: [],
      inside: [new Pythonic({ open: [''], close: ['<|tool_call_end|>'], objects: objects() })],
    },
    written: {
      triggers: trigger('<|tool_call_start|>'),
      open: '<|tool_call_start|>[',
      close: ']<|tool_call_end|>',
      between: ', ',
      call,
      arguments: { form: 'notation', notation: PYTHON },
      callEnd: '<|tool_call_end|>',
    },
    template: [['<|tool_call_start|>'], ['<|tool_list_start|>']],
  },
  {
    name: 'olmo3',
    wire: {
      before: ['<function_calls>'],
      behind: ['</function_calls>'],
      shapes: [],
      inside: [new Pythonic({ open: [''], close: ['</function_calls>'] })],
    },
    written: {
      triggers: trigger('<function_calls>'),
      open: '<function_calls>',
      close: '</function_calls>',
      between: '\n',
      call,
      arguments: { form: 'notation', notation: PYTHON },
      callEnd: '</function_calls>',
    },
    template: [['<function_calls>']],
  },
  gemma('gemma4', '<|tool_call>', '<tool_call|>', ['<|"|>', '"']),
  gemma('functiongemma', '<start_function_call>', '<end_function_call>', ['<escape>']),
  {
    name: 'minimax-m3',
    wire: {
      before: [']<]minimax[>[<tool_call>'],
      behind: [']<]minimax[>[</tool_call>'],
      shapes: [
        new NestedTags({
          prefix: ']<]minimax[>[',
          open: '<invoke name="',
          nameEnd: '">',
          close: '</invoke>',
          item: 'item',
        }),
      ],
    },
    written: {
      triggers: trigger(']<]minimax[>[<tool_call>'),
      open: ']<]minimax[>[<tool_call>',
      close: ']<]minimax[>[</tool_call>',
      between: '',
      call: (name) => ({
        before: `]<]minimax[>[<invoke name="${name}">`,
        after: ']<]minimax[>[</invoke>',
      }),
      arguments: { form: 'notation', notation: ELEMENTS },
      callEnd: ']<]minimax[>[</invoke>',
    },
    template: [[']<]minimax[>[']],
  },
];
