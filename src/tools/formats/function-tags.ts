// Formats with tags that hold the name after an equals sign, and others of their own: Qwen 3 Coder, Kimi K3, beam.
import type { Declaration } from '../declaration.js';
import type { TaggedData } from '../shapes/tagged.js';
import { tagged } from './tagged.js';

function qwenData(lines: boolean): TaggedData {
  return {
    open: ['<function='],
    nameEnd: ['>', '\n', '<parameter=', '</function>'],
    behindName: ['>'],
    close: ['</function>'],
    parameter: { open: ['<parameter='], nameEnd: ['>'], close: ['</parameter>'], lines },
  };
}

function qwen(
  name: string,
  aliases: readonly string[],
  lines: boolean,
  template?: readonly (readonly string[])[],
): Declaration {
  return tagged({
    name,
    aliases,
    data: qwenData(lines),
    trigger: '<tool_call>',
    between: '\n',
    call: (tool) => ({
      before: `<tool_call>\n<function=${tool}>`,
      after: '</function>\n</tool_call>',
    }),
    callEnd: '</tool_call>',
    wire: { before: ['<tool_call>'], behind: ['</tool_call>'] },
    ...(template && { template }),
  });
}

export const functionTagFormats: readonly Declaration[] = [
  qwen('qwen3_coder', ['step3p5', 'nanbeige', 'qwen3_xml'], true, [
    ['<tool_call>', '<function=', '<parameter='],
  ]),
  qwen('mimo', [], false),
  tagged({
    name: 'kimi_k3',
    data: {
      open: ['<|open|>call tool="'],
      nameEnd: ['<|sep|>'],
      behindName: ['<|sep|>'],
      close: ['<|close|>call<|sep|>'],
      names: (text) => text.split('"')[0],
      entities: true,
      parameter: {
        open: ['<|open|>argument key="'],
        nameEnd: ['"'],
        kind: { lead: ' ', open: 'type="', close: '"', string: 'string', of: (kind) => kind },
        valueOpen: ['<|sep|>'],
        close: ['<|close|>argument<|sep|>'],
      },
    },
    trigger: '<|open|>tools<|sep|>',
    open: '<|open|>tools<|sep|>',
    close: '<|close|>tools<|sep|>',
    between: '',
    call: (name, index) => ({
      before: `<|open|>call tool="${name}" index="${index + 1}"<|sep|>`,
      after: '<|close|>call<|sep|>',
    }),
    wire: {
      before: ['<|open|>tools<|sep|>'],
      behind: ['<|close|>tools<|sep|>'],
      silent: ['<|open|>response<|sep|>', '<|close|>response<|sep|>', '<|end_of_msg|>'],
    },
    template: [['<|open|>', '<|sep|>', '<|close|>']],
  }),
  tagged({
    name: 'beam',
    data: {
      open: [' to=', 'to='],
      nameEnd: ['<|message|>'],
      behindName: ['<|message|>'],
      close: ['<|call|>'],
      names: (text) => text.split('<|')[0].trim(),
      parameter: {
        open: ['<rfl:parameter name="'],
        nameEnd: ['"'],
        valueOpen: ['>'],
        close: ['</rfl:parameter>'],
        lines: true,
      },
    },
    trigger: ' to=',
    call: (name) => ({
      before: ` to=${name}<|channel|>analysis <|constrain|>xml<|message|>`,
      after: '<|call|>',
    }),
    wire: { silent: ['<|call|>'] },
    template: [['<rfl:parameter']],
  }),
];
