// How models write the arguments of a call between tags: what stands before and behind a value, style by style.
import type { ParameterStyle } from './formats.js';

/** What a value is, as far as a style tells kinds apart. */
export type ValueKind = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array';

export interface Style {
  /** Before the name of a parameter. */
  readonly open: string;
  /** Between the name and the value; `kind` undefined stands for a value of no certain kind. */
  readonly behindName: readonly [string, ...string[]] | ((kind: ValueKind) => string);
  /** Behind the value. A value written as it is cannot hold it. */
  readonly close: string;
  /** Whether `"`, `&`, `<` and `>` in names are written as XML entities. */
  readonly escapesNames: boolean;
  /** Whether white space may stand around a string whose text is restricted. */
  readonly spaceAroundStrings: boolean;
  /** Special tokens of the vocabulary, by their text: where a tag holds one, it is written as this token. Default none. */
  readonly specialTokens?: readonly string[];
}

const dsml = (space: string): Style => ({
  open: `<｜DSML｜${space}parameter name="`,
  behindName: (kind) => `" string="${kind === 'string'}">`,
  close: `</｜DSML｜${space}parameter>`,
  escapesNames: false,
  spaceAroundStrings: false,
});

export const styles: Readonly<Record<ParameterStyle, Style>> = {
  qwen_xml: {
    open: '<parameter=',
    behindName: ['>'],
    close: '</parameter>',
    escapesNames: false,
    spaceAroundStrings: true,
  },
  minimax_xml: {
    open: '<parameter name="',
    behindName: ['">'],
    close: '</parameter>',
    escapesNames: false,
    spaceAroundStrings: true,
  },
  deepseek_xml: dsml(''),
  deepseek_v4_1_xml: dsml(' '),
  glm_xml: {
    open: '<arg_key>',
    behindName: ['</arg_key>', '<arg_value>'],
    close: '</arg_value>',
    escapesNames: false,
    spaceAroundStrings: true,
  },
  cohere_xml: {
    open: '<cofl:value name="',
    behindName: (kind) => `" type="${cohereType(kind)}">`,
    close: '</cofl:value>',
    escapesNames: true,
    spaceAroundStrings: true,
  },
  kimi_k3_xml: {
    open: '<|open|>argument key="',
    behindName: (kind) => `" type="${kind}"<|sep|>`,
    close: '<|close|>argument<|sep|>',
    escapesNames: true,
    spaceAroundStrings: true,
  },
};

/** An element of a list, which Cohere writes without a name. */
export function cohereItem(kind: ValueKind): string {
  return `<cofl:value type="${cohereType(kind)}">`;
}

function cohereType(kind: ValueKind): string {
  const types: Partial<Record<ValueKind, string>> = { string: 'raw', object: 'dict', array: 'list' };
  return types[kind] ?? 'json';
}

/** A name as a style writes it. */
export function writtenName(name: string, { escapesNames }: Style): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return escapesNames ? name.replace(/[&<>"]/g, (character) => entities[character]) : name;
}
