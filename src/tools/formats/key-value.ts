// Formats with <arg_key> and <arg_value>, one pair a parameter: GLM's and those made after it.
import type { Declaration } from '../declaration.js';
import { Tagged, type TaggedData } from '../shapes/tagged.js';
import { objects } from './json-objects.js';
import { tagged } from './tagged.js';

const pair: TaggedData['parameter'] = {
  open: ['<arg_key>'],
  nameEnd: ['</arg_key>'],
  valueOpen: ['<arg_value>'],
  close: ['</arg_value>'],
};

interface Pairs {
  readonly tag?: string;
  /** Whether a line break stands behind the name, and within a pair. */
  readonly lines: boolean;
  readonly aliases?: readonly string[];
  readonly template?: readonly (readonly string[])[];
}

function pairs(name: string, { tag = 'tool_call', lines, aliases, template }: Pairs): Declaration {
  const [open, close] = [`<${tag}>`, `</${tag}>`];
  return tagged({
    name,
    ...(aliases && { aliases }),
    data: { open: [open], nameEnd: ['\n', '<arg_key>', close], close: [close], parameter: pair },
    trigger: open,
    between: '\n',
    call: (tool) => ({ before: `${open}${tool}${lines ? '\n' : ''}`, after: close }),
    ...(template && { template }),
  });
}

const horizon: TaggedData = {
  open: [''],
  nameEnd: ['\n', '<ifm|arg_key>', '</ifm|tool_call>'],
  close: ['</ifm|tool_call>'],
  parameter: {
    open: ['<ifm|arg_key>'],
    nameEnd: ['</ifm|arg_key>'],
    kind: {
      lead: '',
      open: '<ifm|arg_type>',
      close: '</ifm|arg_type>',
      string: 'string',
      of: (kind) => kind,
    },
    valueOpen: ['<ifm|arg_value>'],
    close: ['</ifm|arg_value>'],
  },
};

const hunyuan: TaggedData = {
  open: ['<tool_call>'],
  nameEnd: ['<tool_sep>', '<arg_key>', '</tool_call>'],
  behindName: ['<tool_sep>'],
  close: ['</tool_call>'],
  parameter: pair,
};

export const keyValueFormats: readonly Declaration[] = [
  pairs('glm45', { lines: true, aliases: ['glm'], template: [['<tool_call>', '<arg_key>', '<arg_value>']] }),
  pairs('glm47', { lines: false, template: [['<tool_call>', '</arg_key><arg_value>']] }),
  pairs('ling3', { lines: true }),
  pairs('poolside_v1', { lines: true }),
  pairs('spark25', { lines: true }),
  pairs('iquest_q1', { lines: true, tag: 'iquest_tool_call', template: [['<iquest_tool_call>']] }),
  tagged({
    name: 'hunyuan',
    aliases: ['hy_v3'],
    data: hunyuan,
    trigger: '<tool_calls>',
    open: '<tool_calls>\n',
    close: '\n</tool_calls>',
    between: '\n',
    call: (name) => ({ before: `<tool_call>${name}<tool_sep>\n`, after: '</tool_call>' }),
    wire: { before: ['<tool_calls>'], behind: ['</tool_calls>'] },
    template: [['<tool_calls>', '<tool_sep>', '<arg_key>', '<arg_value>']],
  }),
  tagged({
    name: 'k2_horizon',
    data: horizon,
    trigger: '<ifm|tool_calls>',
    open: '<ifm|tool_calls>',
    close: '</ifm|tool_calls>',
    between: '',
    call: (name) => ({ before: `<ifm|tool_call>${name}`, after: '</ifm|tool_call>' }),
    wire: {
      before: ['<ifm|tool_calls>', '<ifm|tool_call>'],
      behind: ['</ifm|tool_calls>', '</ifm|tool_call>'],
      shapes: [],
      inside: [objects({ close: ['</ifm|tool_call>'] }), new Tagged(horizon)],
    },
    template: [['<ifm|tool_call']],
  }),
];
