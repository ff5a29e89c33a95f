// Formats whose calls are JSON objects between two marks: {"name": ..., "arguments": {...}}.
import { type Declaration, JSON_ARGUMENTS, trigger, type Written } from '../declaration.js';
import { JsonObjects, type JsonObjectsData } from '../shapes/json-objects.js';

/** The shape of objects with these members, by default the usual ones. */
export function objects(data: Partial<JsonObjectsData> = {}): JsonObjects {
  return new JsonObjects({
    open: [],
    close: [],
    name: ['name'],
    arguments: ['arguments', 'parameters'],
    ...data,
  });
}

/** An object as it is written, around its arguments. */
export function object(name: string, key = 'arguments', nameKey = 'name') {
  return { before: `{"${nameKey}": ${JSON.stringify(name)}, "${key}": `, after: '}' };
}

/** Each call between marks of its own. */
function marked(open: string, close: string, space = '\n'): Written {
  return {
    triggers: trigger(open),
    between: '\n',
    call: (name) => {
      const { before, after } = object(name);
      return { before: `${open}${space}${before}`, after: `${after}${space}${close}` };
    },
    arguments: JSON_ARGUMENTS,
    callEnd: close,
  };
}

/** All calls in one list between marks. */
function listed(open: string, close: string, callEnd = close): Written {
  return {
    triggers: trigger(open),
    open: `${open}[`,
    between: ', ',
    close: `]${close}`,
    call: (name) => object(name),
    arguments: JSON_ARGUMENTS,
    callEnd,
  };
}

const toolCall = { open: ['<tool_call>'], close: ['</tool_call>'] };

export const jsonObjectFormats: readonly Declaration[] = [
  {
    name: 'hermes',
    aliases: ['qwen25', 'qwen'],
    wire: { shapes: [objects(toolCall)] },
    written: marked('<tool_call>', '</tool_call>'),
    template: [['<tool_call>']],
  },
  {
    name: 'trinity',
    wire: { shapes: [objects(toolCall)], silent: ['<think>', '</think>'] },
    written: marked('<tool_call>', '</tool_call>'),
  },
  {
    name: 'granite4',
    wire: { shapes: [objects({ ...toolCall, quotedArguments: true })] },
    written: marked('<tool_call>', '</tool_call>'),
    template: [['<tool_call>', '<|start_of_role|>']],
  },
  {
    name: 'ernie45',
    wire: { shapes: [objects(toolCall)] },
    written: marked('<tool_call>', '</tool_call>'),
    template: [['<tool_call>', '<|im_start|>', '<response>']],
  },
  {
    name: 'longcat',
    wire: { shapes: [objects({ open: ['<longcat_tool_call>'], close: ['</longcat_tool_call>'] })] },
    written: marked('<longcat_tool_call>', '</longcat_tool_call>'),
    template: [['<longcat_tool_call>']],
  },
  {
    name: 'granite_20b_fc',
    wire: { shapes: [objects({ open: ['<function_call>'] })] },
    written: { ...marked('<function_call>', '', ' '), callEnd: '<|endoftext|>' },
    template: [['<function_call>']],
  },
  {
    name: 'granite',
    aliases: ['granite_engine'],
    wire: { shapes: [objects({ open: ['<|tool_call|>', '<tool_call>'], close: ['</tool_call>'] })] },
    written: listed('<|tool_call|>', '', '<|end_of_text|>'),
    template: [['<|tool_call|>', '<|start_of_role|>']],
  },
  {
    name: 'hunyuan_a13b',
    wire: { shapes: [objects({ open: ['<tool_calls>'], close: ['</tool_calls>'] })] },
    written: listed('<tool_calls>', '</tool_calls>'),
    template: [['<tool_calls>', '<|startoftext|>']],
  },
  {
    name: 'jamba',
    wire: { shapes: [objects({ open: ['<tool_calls>'], close: ['</tool_calls>'] })] },
    written: listed('<tool_calls>', '</tool_calls>'),
    template: [['<tool_calls>', '<|bom|>']],
  },
  {
    name: 'phi4',
    aliases: ['phi4_mini_json', 'phi4mini'],
    wire: { shapes: [objects({ open: ['functools'] })] },
    written: listed('functools', '', '<|end|>'),
    template: [['functools'], ['<|tool|>', '<|/tool|>']],
  },
  {
    name: 'xlam',
    wire: {
      before: ['[TOOL_CALLS]', '<tool_call>', '```json', '```'],
      behind: ['</tool_call>', '```'],
      shapes: [objects({ anywhere: 'list' })],
      inside: [objects()],
    },
    written: { ...listed('', '', '<|im_end|>'), triggers: trigger('[{"name": ') },
    template: [['xLAM']],
  },
  {
    name: 'interns1',
    aliases: ['internlm', 'internlm2'],
    wire: {
      before: ['<|action_start|>', '<|plugin|>'],
      behind: ['<|action_end|>'],
      shapes: [],
      inside: [objects()],
    },
    written: {
      triggers: trigger('<|action_start|>'),
      between: '\n',
      call: (name) => ({
        before: `<|action_start|> <|plugin|>\n${object(name, 'parameters').before}`,
        after: '}<|action_end|>',
      }),
      arguments: JSON_ARGUMENTS,
      callEnd: '<|action_end|>',
    },
    template: [['<|action_start|>'], ['<|plugin|>']],
  },
  {
    name: 'apertus2509',
    aliases: ['apertus'],
    wire: {
      before: ['<|tools_prefix|>'],
      behind: ['<|tools_suffix|>'],
      shapes: [],
      inside: [objects({ name: [], arguments: [] })],
    },
    written: {
      triggers: trigger('<|tools_prefix|>'),
      open: '<|tools_prefix|>[',
      between: ', ',
      close: ']<|tools_suffix|>',
      call: (name) => ({ before: `{${JSON.stringify(name)}: `, after: '}' }),
      arguments: JSON_ARGUMENTS,
      callEnd: '<|tools_suffix|>',
    },
    template: [['<|tools_prefix|>']],
  },
  {
    name: 'cohere_command4',
    aliases: ['cohere'],
    wire: {
      before: ['<|START_ACTION|>'],
      behind: ['<|END_ACTION|>'],
      shapes: [],
      inside: [objects({ name: ['tool_name'], arguments: ['parameters'], id: ['tool_call_id'] })],
    },
    written: {
      triggers: trigger('<|START_ACTION|>'),
      open: '<|START_ACTION|>[\n    ',
      between: ',\n    ',
      close: '\n]<|END_ACTION|>',
      call: (name, index) => {
        const { before, after } = object(name, 'parameters', 'tool_name');
        return { before: before.replace('{', `{"tool_call_id": "${index}", `), after };
      },
      arguments: JSON_ARGUMENTS,
      callEnd: '<|END_ACTION|>',
    },
    template: [['<|START_ACTION|>']],
  },
  {
    name: 'gigachat3',
    wire: {
      before: ['<|function_call|>', 'function call<|role_sep|>'],
      silent: ['</s>', '<|message_sep|>'],
      shapes: [],
      inside: [objects()],
    },
    written: {
      triggers: trigger('<|function_call|>'),
      call: (name) => ({ before: `<|function_call|>${object(name).before}`, after: '}' }),
      arguments: JSON_ARGUMENTS,
      callEnd: '</s>',
    },
    template: [['<|function_call|>'], ['function call<|role_sep|>']],
  },
  {
    name: 'inkling',
    wire: {
      header: { open: '<|message_model|>', end: '<|content_invoke_tool_json|>' },
      silent: ['<|end_message|>'],
      shapes: [],
      inside: [objects({ arguments: ['args', 'arguments'] })],
    },
    written: {
      triggers: trigger('<|message_model|>'),
      between: '',
      call: (name) => ({
        before: `<|message_model|>${name}<|content_invoke_tool_json|>${object(name, 'args').before}`,
        after: '}<|end_message|>',
      }),
      arguments: JSON_ARGUMENTS,
      callEnd: '<|end_message|>',
    },
    template: [['<|content_invoke_tool_json|>']],
  },
];
