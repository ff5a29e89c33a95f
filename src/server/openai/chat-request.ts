// A valid chat body -> the chat that it asks for.
import { RequestError } from '../../errors.js';
import { checkTools, type ToolDefinition } from '../../tools/index.js';
import type { ChatInput } from '../conversation/index.js';
import type { ServerSettings } from '../options.js';
import { placeOptions, samplingOptions, withoutNulls } from '../sampling.js';
import { nothingToCall } from '../tool-choice.js';
import { refuseUnsupported } from '../unsupported.js';
import { type ChatBody, type ToolChoice, unsupportedChatFields } from './chat-schema.js';
import { outputConstraint } from './constraint.js';
import { effortOptions } from './effort.js';
import { chatMessages } from './messages.js';

/** @throws RequestError for what is refused by name or contradicts itself. */
export function chatInput(body: ChatBody, { maxTools }: Pick<ServerSettings, 'maxTools'>): ChatInput {
  refuseUnsupported(body, unsupportedChatFields);
  if (body.top_logprobs && !body.logprobs)
    throw new RequestError('invalid_value', 'top_logprobs needs logprobs to be true', 'top_logprobs');
  const messages = chatMessages(body.messages);
  if (body.continue_final_message && messages.at(-1)?.role !== 'assistant')
    throw new RequestError(
      'invalid_value',
      "continue_final_message needs the last message to be the assistant's",
      'continue_final_message',
    );
  const tools = checkTools(body.tools ?? [], { maxTools });
  const constraint = outputConstraint(body);
  const budget = body.thinking_budget ?? undefined;
  return {
    messages,
    tools,
    ...callChoice(body.tool_choice, tools),
    parallel: body.parallel_tool_calls !== false,
    ...(constraint && { constraint }),
    sampling: withoutNulls({ ...samplingOptions(body, body.seed), minTokens: body.min_tokens }),
    ...withoutNulls({ maxTokens: body.max_completion_tokens ?? body.max_tokens, choices: body.n }),
    ...(body.logprobs && { logprobs: body.top_logprobs ?? 0 }),
    place: placeOptions(body),
    ...templateOptions(body),
    continueFinalMessage: body.continue_final_message === true,
    reasoning: { separate: body.separate_reasoning !== false, ...(budget !== undefined && { budget }) },
    choiceField: 'tool_choice',
  };
}

/** What the client says of the template itself goes before what its effort says. */
function templateOptions(body: ChatBody): Pick<ChatInput, 'chatTemplateOptions'> {
  const options = { ...effortOptions(body.reasoning_effort), ...body.chat_template_kwargs };
  return Object.keys(options).length > 0 ? { chatTemplateOptions: options } : {};
}

/** @throws RequestError `invalid_tool_choice`, `unsupported_tool_choice` */
function callChoice(
  choice: ToolChoice | null | undefined,
  tools: readonly ToolDefinition[],
): Pick<ChatInput, 'choice' | 'callable'> {
  const read = readChoice(choice);
  const asksForCall = read.choice !== 'none' && read.choice !== 'auto';
  if (asksForCall && tools.length === 0) throw nothingToCall();
  const missing = read.callable?.find((name) => !tools.some((tool) => tool.function.name === name));
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
    const { type, function: named, allowed_tools: allowed } = choice;
    if (type === 'function' && typeof named?.name === 'string') return { choice: { name: named.name } };
    const mode = allowed?.mode;
    const names = allowed?.tools?.map((tool) => tool.function?.name);
    if (type === 'allowed_tools' && (mode === 'auto' || mode === 'required') && names?.length)
      if (names.every((name) => name !== undefined)) return { choice: mode, callable: names };
  }
  throw new RequestError(
    'unsupported_tool_choice',
    `tool_choice ${JSON.stringify(choice)} is not supported; use "none", "auto", "required", {"type": "function", "function": {"name": ...}} or {"type": "allowed_tools", "allowed_tools": {"mode": ..., "tools": [...]}}`,
    'tool_choice',
  );
}
