// Anthropic's tool definitions and tool_choice -> OpenAI's form, which the chat layer knows.
import { RequestError } from '../../errors.js';
import { checkTools, type ToolDefinition } from '../../tools/index.js';
import type { ChatInput } from '../conversation/index.js';
import { nothingToCall } from '../tool-choice.js';
import type { PromptBody, ToolBody, ToolChoiceBody } from './messages-schema.js';

/** @throws RequestError naming the tool that cannot be had here. */
export function toolDefinitions(tools: PromptBody['tools'], maxTools: number): readonly ToolDefinition[] {
  return checkTools((tools ?? []).map(definition), { maxTools });
}

function definition(tool: ToolBody, index: number): object {
  refuseOthers(tool, `tools[${index}]`);
  const { name, input_schema: parameters } = tool;
  return { type: 'function', function: { name, description: described(tool), parameters } };
}

/** Tools that Anthropic's servers run, or whose schemas they know, are told by their type. */
function refuseOthers(tool: ToolBody, where: string): void {
  if (tool.type !== undefined && tool.type !== null && tool.type !== 'custom')
    throw unsupported(
      `${where}.type`,
      `${JSON.stringify(tool.type)} is not supported: the tools are those that the client runs and gives an input_schema for`,
    );
  if (tool.defer_loading)
    throw unsupported(`${where}.defer_loading`, 'is not supported: there is no tool search');
  if (tool.allowed_callers && !tool.allowed_callers.includes('direct'))
    throw unsupported(`${where}.allowed_callers`, 'must hold "direct": only the model calls tools here');
}

/** The examples stand where the model reads them. */
function described({ description, input_examples: examples }: ToolBody): string | undefined {
  if (!examples || examples.length === 0) return description ?? undefined;
  const shown = examples.map((example) => JSON.stringify(example)).join('\n');
  return `${description ? `${description}\n\n` : ''}Examples of its input:\n${shown}`;
}

function unsupported(param: string, what: string): RequestError {
  return new RequestError('unsupported_tools', `${param} ${what}`, param);
}

/** @throws RequestError for a choice that names no tool, or asks for a call of none. */
export function toolChoice(
  choice: ToolChoiceBody | null | undefined,
  tools: readonly ToolDefinition[],
): ChatInput['choice'] {
  const type = choice?.type ?? 'auto';
  if ((type === 'any' || type === 'tool') && tools.length === 0) throw nothingToCall();
  if (type === 'any') return 'required';
  if (type !== 'tool') return type;
  if (choice?.name !== undefined) return { name: choice.name };
  throw new RequestError(
    'invalid_tool_choice',
    'tool_choice.name is required with type "tool"',
    'tool_choice.name',
  );
}
