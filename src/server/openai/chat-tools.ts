// `tools` and `tool_choice` of a chat body, custom tools among them -> tool definitions and which of them may be called.
import { RequestError } from '../../errors.js';
import type { ToolDefinition } from '../../tools/index.js';
import type { ChatInput } from '../conversation/index.js';
import { nothingToCall } from '../tool-choice.js';
import type { ChatBody, NamedTool, ToolChoice } from './chat-schema.js';
import { type CustomTool, checkedTools, customFunction } from './custom-tools.js';
import type { ToolField } from './tool-errors.js';

export interface ChatTools {
  readonly definitions: readonly ToolDefinition[];
  /** Names of those whose input is text. */
  readonly custom: ReadonlySet<string>;
  readonly choice: Pick<ChatInput, 'choice' | 'callable'>;
  /** Tells errors about the tools that may be called in the body's terms. */
  readonly fieldOf: ToolField;
}

/** @throws RequestError naming `tools[i]` or `tool_choice` */
export function chatTools({ tools, tool_choice }: ChatBody, maxTools: number): ChatTools {
  const given = tools ?? [];
  const customs = given.map(customOf);
  const where = (index: number) => `tools[${index}].custom`;
  const functions = given.map((tool, index) => {
    const custom = customs[index];
    return custom ? { type: 'function', function: customFunction(custom, where(index)) } : tool;
  });
  const all = given.map((_, index) => index);
  const { definitions, custom } = checkedTools(functions, customs, where, bodyField(all, customs), maxTools);
  const names = definitions.map((one) => one.function.name);
  const choice = callChoice(tool_choice, names);
  const { callable } = choice;
  const places = callable ? all.filter((index) => callable.includes(names[index])) : all;
  return { definitions, custom, choice, fieldOf: bodyField(places, customs) };
}

/** What defines a custom tool; undefined for others, which are checked as functions. */
function customOf(tool: unknown, index: number): CustomTool | undefined {
  const { type, custom } = (tool ?? {}) as { type?: unknown; custom?: unknown };
  if (type !== 'custom') return undefined;
  if (typeof custom === 'object' && custom !== null) return custom as CustomTool;
  const field = `tools[${index}].custom`;
  throw new RequestError('invalid_tools', `${field} must be an object`, field);
}

function bodyField(places: readonly number[], customs: readonly (CustomTool | undefined)[]): ToolField {
  return (index, field) => {
    const place = places[index];
    if (!customs[place]) return `tools[${place}]${field}`;
    const inside = field
      .replace(/^\.function/, '')
      .replace(/^\.inputGrammar/, '.format.grammar.definition')
      .replace(/^\.parameters.*/, '.format');
    return `tools[${place}].custom${inside}`;
  };
}

/** @throws RequestError `invalid_tool_choice`, `unsupported_tool_choice` */
function callChoice(
  choice: ToolChoice | null | undefined,
  names: readonly string[],
): Pick<ChatInput, 'choice' | 'callable'> {
  const read = readChoice(choice);
  const asksForCall = read.choice !== 'none' && read.choice !== 'auto';
  if (asksForCall && names.length === 0) throw nothingToCall();
  const missing = read.callable?.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new RequestError(
      'invalid_tool_choice',
      `tool_choice allows ${JSON.stringify(missing)}, which is not among the tools`,
      'tool_choice',
    );
  return read;
}

function readChoice(choice: ToolChoice | null | undefined): Pick<ChatInput, 'choice' | 'callable'> {
  if (choice === undefined || choice === null) return { choice: 'auto' };
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { choice };
  if (typeof choice !== 'string') {
    const name = chosenName(choice);
    if (name !== undefined) return { choice: { name } };
    const { type, allowed_tools: allowed } = choice;
    const mode = allowed?.mode;
    const names = allowed?.tools?.map(chosenName);
    if (type === 'allowed_tools' && (mode === 'auto' || mode === 'required') && names?.length)
      if (names.every((one) => one !== undefined)) return { choice: mode, callable: names };
  }
  throw new RequestError(
    'unsupported_tool_choice',
    `tool_choice ${JSON.stringify(choice)} is not supported; use "none", "auto", "required", {"type": "function", "function": {"name": ...}}, {"type": "custom", "custom": {"name": ...}} or {"type": "allowed_tools", "allowed_tools": {"mode": ..., "tools": [...]}}`,
    'tool_choice',
  );
}

function chosenName({ type, function: named, custom }: NamedTool): string | undefined {
  const name = type === 'custom' ? custom?.name : type === 'allowed_tools' ? undefined : named?.name;
  return typeof name === 'string' ? name : undefined;
}
