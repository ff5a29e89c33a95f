// Custom tools, whose input is text and no JSON: to the model they are functions with one argument, `input`.
import { RequestError } from '../../errors.js';
import { checkTools, type InputGrammar, type ToolDefinition } from '../../tools/index.js';
import { inTermsOf, type ToolField } from './tool-errors.js';

const ARGUMENT = 'input';

/**
 * As clients define it: `name`, `description`, `format`. Both of OpenAI's forms of a grammar are read: in the format, or in
 * its field `grammar`.
 */
export type CustomTool = Readonly<Record<string, unknown>>;

/**
 * The function that stands for a custom tool, unchecked.
 * @throws RequestError `unsupported_tools`, `invalid_tools`
 */
export function customFunction(
  { name, description, format }: CustomTool,
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

/** A pattern is enforced as it is; of a Lark grammar the model is told here, and {@link withInputGrammar} enforces it. */
function inputSchema({ syntax, definition }: GrammarFormat): Record<string, unknown> {
  if (syntax === 'regex') return { pattern: `^(?:${definition})$` };
  return { description: `A sentence of this Lark grammar:\n${definition}` };
}

export interface CheckedTools {
  readonly definitions: readonly ToolDefinition[];
  /** Names of those whose input is text. */
  readonly custom: ReadonlySet<string>;
}

/**
 * Tools of a body, in the form of chat completions: checked, with the grammars of custom tools' inputs. `customs` has what
 * defines a custom tool in its place, which stands at `where` in the body.
 * @throws RequestError naming the body's field
 */
export function checkedTools(
  functions: readonly unknown[],
  customs: readonly (CustomTool | undefined)[],
  where: (index: number) => string,
  fieldOf: ToolField,
  maxTools: number,
): CheckedTools {
  const checked = inTermsOf(fieldOf, () => checkTools(functions, { maxTools }));
  const definitions = checked.map((one, index) => {
    const custom = customs[index];
    return custom ? withInputGrammar(one, custom, where(index)) : one;
  });
  const custom = new Set<string>();
  definitions.forEach((one, index) => {
    if (customs[index]) custom.add(one.function.name);
  });
  return { definitions, custom };
}

/** The checked definition with what the tool's input has to be, where a Lark grammar says it. */
function withInputGrammar(definition: ToolDefinition, { format }: CustomTool, where: string): ToolDefinition {
  const grammar = readFormat(format, `${where}.format`);
  if (grammar?.syntax !== 'lark') return definition;
  const inputGrammar: InputGrammar = { argument: ARGUMENT, lark: grammar.definition };
  return { ...definition, function: { ...definition.function, inputGrammar } };
}

interface GrammarFormat {
  readonly syntax: 'regex' | 'lark';
  readonly definition: string;
}

/** Undefined for free text. */
function readFormat(format: unknown, where: string): GrammarFormat | undefined {
  if (format === undefined || format === null) return undefined;
  const { type, grammar } = format as Record<string, unknown>;
  if (type === 'text') return undefined;
  if (type !== 'grammar') throw unsupported(`${where}.type`, type, '"text" or "grammar"');
  const isNested = typeof grammar === 'object' && grammar !== null;
  const place = isNested ? `${where}.grammar` : where;
  const { syntax, definition } = (isNested ? grammar : format) as Record<string, unknown>;
  if (syntax !== 'regex' && syntax !== 'lark')
    throw unsupported(`${place}.syntax`, syntax, '"regex" or "lark"');
  if (typeof definition === 'string') return { syntax, definition };
  const field = `${place}.definition`;
  throw new RequestError('invalid_tools', `${field} must be the grammar's text`, field);
}

function unsupported(field: string, value: unknown, instead: string): RequestError {
  const message = `${field} ${JSON.stringify(value)} is not supported; use ${instead}`;
  return new RequestError('unsupported_tools', message, field);
}

/** The arguments of a call with this input, as the model wrote them, or would have. */
export function customArguments(input: string): string {
  return JSON.stringify({ [ARGUMENT]: input });
}
