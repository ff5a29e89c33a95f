// Custom tools, whose input is text and no JSON: to the model they are functions with one argument, `input`.
import { RequestError } from '../../../errors.js';
import type { InputGrammar } from '../../../tools/index.js';
import type { ResponseTool } from './body.js';
import type { CustomCallItem, FunctionCallItem } from './items.js';

const ARGUMENT = 'input';

/**
 * The function that stands for a custom tool.
 * @throws RequestError `unsupported_tools`, `invalid_tools`
 */
export function customFunction(
  { name, description, format }: ResponseTool,
  where: string,
): Record<string, unknown> {
  const grammar = readFormat(format, `${where}.format`);
  const said = grammar && inputSchema(grammar);
  return {
    name,
    description,
    parameters: {
      type: 'object',
      properties: { [ARGUMENT]: { type: 'string', ...said } },
      required: [ARGUMENT],
      additionalProperties: false,
    },
  };
}

/** A pattern is enforced as it is; of a Lark grammar the model is told here, and {@link inputGrammar} enforces it. */
function inputSchema({ syntax, definition }: GrammarFormat): Record<string, unknown> {
  if (syntax === 'regex') return { pattern: `^(?:${definition})$` };
  return { description: `A sentence of this Lark grammar:\n${definition}` };
}

/** What its input has to be, where a Lark grammar says it; {@link customFunction} has checked the format. */
export function inputGrammar({ type, format }: ResponseTool, where: string): InputGrammar | undefined {
  const grammar = type === 'custom' ? readFormat(format, `${where}.format`) : undefined;
  return grammar?.syntax === 'lark' ? { argument: ARGUMENT, lark: grammar.definition } : undefined;
}

interface GrammarFormat {
  readonly syntax: 'regex' | 'lark';
  readonly definition: string;
}

/** Undefined for free text. */
function readFormat(format: unknown, where: string): GrammarFormat | undefined {
  if (format === undefined || format === null) return undefined;
  const { type, syntax, definition } = format as Record<string, unknown>;
  if (type === 'text') return undefined;
  if (type !== 'grammar') throw unsupported(`${where}.type`, type, '"text" or "grammar"');
  if (syntax !== 'regex' && syntax !== 'lark')
    throw unsupported(`${where}.syntax`, syntax, '"regex" or "lark"');
  if (typeof definition === 'string') return { syntax, definition };
  const field = `${where}.definition`;
  throw new RequestError('invalid_tools', `${field} must be the grammar's text`, field);
}

function unsupported(field: string, value: unknown, instead: string): RequestError {
  const message = `${field} ${JSON.stringify(value)} is not supported; use ${instead}`;
  return new RequestError('unsupported_tools', message, field);
}

/** The arguments of a call as the model wrote them, or would have. */
export function callArguments(item: FunctionCallItem | CustomCallItem): string {
  return item.type === 'function_call' ? item.arguments : JSON.stringify({ [ARGUMENT]: item.input });
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads the input out of such a call's arguments as they come: `{"input": "…"}` in pieces of any size to the text of the
 * string in pieces. The grammar holds the model to this form, so all that is before the string's text is skipped.
 */
export class CustomInput {
  #state: 'before' | 'text' | 'end' = 'before';
  /** An escape that is not complete. */
  #escaped = '';
  /** The first half of a surrogate pair: both come in one piece. */
  #high = '';
  #quotes = 0;

  push(json: string): string {
    let text = '';
    for (const character of json) text += this.#read(character);
    return text;
  }

  #read(character: string): string {
    if (this.#state === 'end') return '';
    if (this.#state === 'before') {
      // The key has two quotes, and the third begins the text.
      if (character === '"' && ++this.#quotes === 3) this.#state = 'text';
      return '';
    }
    if (this.#escaped !== '') return this.#unescape(this.#escaped + character);
    if (character === '\\') this.#escaped = character;
    else if (character === '"') this.#state = 'end';
    else return character;
    return '';
  }

  #unescape(sequence: string): string {
    const isCode = sequence[1] === 'u';
    this.#escaped = isCode && sequence.length < 6 ? sequence : '';
    if (this.#escaped !== '') return '';
    if (!isCode) return escapes[sequence[1]] ?? sequence[1];
    const unit = String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
    const pair = this.#high + unit;
    this.#high = /[\uD800-\uDBFF]$/.test(pair) ? unit : '';
    return pair.slice(0, pair.length - this.#high.length);
  }
}
