// Tools in the Responses API's flat form, custom tools among them -> tool definitions and which of them may be called.
import { RequestError } from '../../../errors.js';
import type { ToolDefinition } from '../../../tools/index.js';
import type { ChatInput } from '../../conversation/index.js';
import { nothingToCall } from '../../tool-choice.js';
import { checkedTools, customFunction } from '../custom-tools.js';
import type { ToolField } from '../tool-errors.js';
import type { ResponsesBody, ResponseTool } from './body.js';

export interface OfferedTools {
  readonly definitions: readonly ToolDefinition[];
  /** Names of those whose input is text. */
  readonly custom: ReadonlySet<string>;
  readonly choice: ChatInput['choice'];
  /** Names of those that may be called, where `allowed_tools` lists some. */
  readonly callable?: readonly string[];
  /** Numbers, in the body's list, of the tools that may be called. */
  readonly callablePlaces: readonly number[];
}

/** @throws RequestError naming `tools[i]` or `tool_choice` */
export function offeredTools(body: ResponsesBody, maxTools: number): OfferedTools {
  const tools = body.tools ?? [];
  const all = tools.map((_, index) => index);
  const nested = tools.map((tool, index) => nestedForm(tool, `tools[${index}]`));
  const customs = tools.map((tool) => (tool.type === 'custom' ? tool : undefined));
  const where = (index: number) => `tools[${index}]`;
  const { definitions, custom } = checkedTools(nested, customs, where, flatField(all), maxTools);
  const names = definitions.map((one) => one.function.name);
  const { choice, callable } = readChoice(body.tool_choice ?? 'auto', names);
  const callablePlaces = callable ? all.filter((index) => callable.includes(names[index])) : all;
  return { definitions, custom, choice, ...(callable && { callable }), callablePlaces };
}

/** In the form of chat completions, which nests what a function is. */
function nestedForm(tool: ResponseTool, where: string): object {
  const { name, description, parameters, strict } = tool;
  if (tool.type === 'function')
    return { type: 'function', function: { name, description, parameters, strict } };
  if (tool.type === 'custom') return { type: 'function', function: customFunction(tool, where) };
  throw new RequestError(
    'unsupported_tools',
    `${where}.type ${JSON.stringify(tool.type)} is not supported; only "function" and "custom" are`,
    `${where}.type`,
  );
}

/** Fields in the flat form of the tools at `places`. */
export function flatField(places: readonly number[]): ToolField {
  return (index, field) => {
    const flat = field.replace(/^\.function/, '').replace('.inputGrammar', '.format.definition');
    return `tools[${places[index]}]${flat}`;
  };
}

type Choice = Pick<OfferedTools, 'choice' | 'callable'>;

function readChoice(given: NonNullable<ResponsesBody['tool_choice']>, names: readonly string[]): Choice {
  if (given === 'none') return { choice: 'none' };
  if (given === 'auto' || given === 'required') return { choice: calling(given, names) };
  if (typeof given === 'string') throw unsupportedChoice(given);
  if (given.type === 'allowed_tools') {
    const { mode, tools } = given;
    if ((mode !== 'auto' && mode !== 'required') || !Array.isArray(tools)) throw unsupportedChoice(given);
    const callable = tools.map((tool, index) => knownName(tool, names, `tool_choice.tools[${index}]`));
    return { choice: calling(mode, callable), callable };
  }
  if (given.type !== 'function' && given.type !== 'custom') throw unsupportedChoice(given);
  return { choice: { name: knownName(given, names, 'tool_choice') } };
}

/** Without any tool there is nothing to choose, and nothing that could be required. */
function calling(mode: 'auto' | 'required', names: readonly string[]): OfferedTools['choice'] {
  if (names.length > 0) return mode;
  if (mode === 'auto') return 'none';
  throw nothingToCall();
}

function knownName(tool: unknown, names: readonly string[], where: string): string {
  const { type, name } = (tool ?? {}) as Record<string, unknown>;
  if (type !== 'function' && type !== 'custom') throw unsupportedChoice(tool);
  if (typeof name === 'string' && names.includes(name)) return name;
  throw new RequestError(
    'invalid_tool_choice',
    `${where} names ${JSON.stringify(name)}, which is not among the tools`,
    'tool_choice',
  );
}

function unsupportedChoice(choice: unknown): RequestError {
  return new RequestError(
    'unsupported_tool_choice',
    `tool_choice ${JSON.stringify(choice)} is not supported; use "none", "auto", "required", or an object of type function, custom or allowed_tools`,
    'tool_choice',
  );
}
