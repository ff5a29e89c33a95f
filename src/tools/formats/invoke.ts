// Formats with <invoke name="..."> around <parameter name="...">, under various prefixes.
import type { Declaration } from '../declaration.js';
import { Tagged, type TaggedData } from '../shapes/tagged.js';
import { objects } from './json-objects.js';
import { tagged } from './tagged.js';

interface Names {
  /** Before the names of tags, such as a namespace. */
  readonly prefix?: string;
  readonly invoke?: string;
  readonly parameter?: string;
  readonly more?: Partial<TaggedData['parameter']>;
  readonly names?: TaggedData['names'];
}

function invokeData({
  prefix = '',
  invoke = 'invoke',
  parameter = 'parameter',
  more,
  names,
}: Names): TaggedData {
  return {
    open: [`<${prefix}${invoke} name="`],
    nameEnd: ['"'],
    behindName: ['">'],
    close: [`</${prefix}${invoke}>`],
    ...(names && { names }),
    parameter: {
      open: [`<${prefix}${parameter} name="`],
      nameEnd: ['"'],
      valueOpen: ['>'],
      close: [`</${prefix}${parameter}>`],
      ...more,
    },
  };
}

/** Calls in a block of their own. */
function inBlock(
  name: string,
  block: string,
  names: Names,
  template: readonly (readonly string[])[],
): Declaration {
  const { prefix = '', invoke = 'invoke' } = names;
  return tagged({
    name,
    data: invokeData(names),
    trigger: `<${block}>`,
    open: `<${block}>\n`,
    close: `\n</${block}>`,
    between: '\n',
    call: (tool) => ({
      before: `<${prefix}${invoke} name="${tool}">`,
      after: `</${prefix}${invoke}>`,
    }),
    wire: { before: [`<${block}>`], behind: [`</${block}>`] },
    template,
  });
}

const isString: Partial<TaggedData['parameter']> = {
  kind: { lead: ' ', open: 'string="', close: '"', string: 'true', of: (kind) => String(kind === 'string') },
};

const stepData = invokeData({ prefix: 'steptml:' });
const museData = invokeData({ prefix: 'atem:', names: (text) => text.replace(/^(.+)\.\1$/, '$1') });
const dots = inBlock('dots', 'dots_function_call', {}, [['<dots_function_call>']]);

export const invokeFormats: readonly Declaration[] = [
  inBlock('deepseekv32', '｜DSML｜function_calls', { prefix: '｜DSML｜', more: isString }, [
    ['｜DSML｜', 'function_calls'],
  ]),
  inBlock('deepseekv4', '｜DSML｜tool_calls', { prefix: '｜DSML｜', more: isString }, [
    ['｜DSML｜', 'tool_calls'],
  ]),
  inBlock('deepseekv41', '｜DSML｜ calls', { prefix: '｜DSML｜ ', more: isString }, [
    ['｜DSML｜ calls', '｜DSML｜ invoke'],
  ]),
  inBlock('gigachat35', '｜GCML｜tool_calls', { prefix: '｜GCML｜', more: isString }, [['｜GCML｜']]),
  inBlock('minimax-m2', 'minimax:tool_call', {}, [['minimax:tool_call', '<invoke']]),
  { ...dots, wire: { ...dots.wire, inside: [objects()] } },
  tagged({
    name: 'minicpm5',
    aliases: ['minicpm5xml'],
    data: invokeData({ invoke: 'function', parameter: 'param', more: { wrap: ['<![CDATA[', ']]>'] } }),
    trigger: '<function name="',
    between: '\n',
    call: (name) => ({ before: `<function name="${name}">`, after: '</function>' }),
    template: [['<function name=', '<param name=']],
  }),
  tagged({
    name: 'muse',
    aliases: ['muse_glimmer'],
    data: museData,
    trigger: '<atem:function_calls>',
    open: '<atem:function_calls>\n',
    close: '\n</atem:function_calls>',
    between: '\n',
    call: (name) => ({ before: `<atem:invoke name="${name}">`, after: '</atem:invoke>' }),
    wire: {
      before: ['<atem:function_calls>'],
      behind: ['</atem:function_calls>'],
      header: { open: 'to=', end: '<|message|>' },
      silent: ['<|eom|>', '<|eot|>'],
    },
    template: [['<atem:function_calls>']],
  }),
  tagged({
    name: 'step3',
    data: stepData,
    trigger: '<｜tool_calls_begin｜>',
    open: '<｜tool_calls_begin｜>\n',
    close: '\n<｜tool_calls_end｜>',
    between: '\n',
    call: (name) => ({
      before: `<｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="${name}">`,
      after: '</steptml:invoke><｜tool_call_end｜>',
    }),
    callEnd: '<｜tool_call_end｜>',
    wire: {
      before: [
        '<｜tool_calls_begin｜>',
        '<｜tool_call_begin｜>',
        '<｜tool_call_begin｜>function<｜tool_sep｜>',
      ],
      behind: ['<｜tool_call_end｜>', '<｜tool_calls_end｜>'],
      shapes: [new Tagged(stepData)],
    },
    template: [['<steptml:invoke'], ['steptml']],
  }),
];
