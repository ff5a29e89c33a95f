// A valid chat body -> what the engine is asked, and how its output is to be read.
import type { GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import {
  checkTools,
  type ForcedChoice,
  type ToolCallFormat,
  type ToolDefinition,
} from '../../tools/index.js';
import type { ServerContext } from '../context.js';
import { placeOptions, samplingOptions, withoutNulls } from '../sampling.js';
import { refuseUnsupported } from '../unsupported.js';
import { type ChatBody, type ToolChoice, unsupportedChatFields } from './chat-schema.js';
import { outputConstraint } from './constraint.js';
import { chatMessages } from './messages.js';

export interface ChatPlan {
  readonly request: GenerateRequest;
  /** Reads tool calls out of the output; absent when no tool may be called. */
  readonly format?: ToolCallFormat;
  /** Outputs of the prompt. */
  readonly choices: number;
  readonly includeUsage: boolean;
}

/**
 * Without a limit of its own an output may fill the context, as in OpenAI's API; the engine cuts to the room there is.
 * @throws RequestError for what is refused by name or contradicts itself.
 */
export function planChat(body: ChatBody, { settings, model, forcedCalls }: ServerContext): ChatPlan {
  refuseUnsupported(body, unsupportedChatFields);
  if (body.top_logprobs && !body.logprobs)
    throw new RequestError('invalid_value', 'top_logprobs needs logprobs to be true', 'top_logprobs');
  const tools = shownTools(body, settings.maxTools);
  const constraint = outputConstraint(body);
  const format = settings.toolCallFormat;
  if (tools && constraint)
    throw new RequestError(
      'unsupported_combination',
      `${constraint.field} together with tools is not supported yet: set tool_choice to "none", or leave one of them out`,
      constraint.field,
    );
  const forced = tools && forcedChoice(body.tool_choice);
  const stopAfterCall = tools && !forced && body.parallel_tool_calls === false;
  const sampling = samplingOptions(body, body.seed);
  const { contextLength } = model.info;
  return {
    request: {
      messages: chatMessages(body.messages),
      ...sampling,
      ...(stopAfterCall && { stop: [...(sampling.stop ?? []), format.callEnd] }),
      maxTokens: Math.min(body.max_completion_tokens ?? body.max_tokens ?? contextLength, contextLength),
      ...withoutNulls({ minTokens: body.min_tokens, chatTemplateOptions: body.chat_template_kwargs }),
      ...placeOptions(body),
      ...(body.logprobs && { logprobs: body.top_logprobs ?? 0 }),
      ...constraint?.option,
      ...(tools && { tools }),
      ...(tools && forced && { grammar: forcedCalls.grammar(tools, forced) }),
    },
    ...(tools && { format }),
    choices: body.n ?? 1,
    includeUsage: body.stream_options?.include_usage === true,
  };
}

/** The tools that the model is told of, or undefined when there are none or the client wants none used. */
function shownTools(body: ChatBody, maxTools: number): readonly ToolDefinition[] | undefined {
  const tools = checkTools(body.tools ?? [], { maxTools });
  if (tools.length > 0) return body.tool_choice === 'none' ? undefined : tools;
  const choice = body.tool_choice ?? 'auto';
  if (choice !== 'none' && choice !== 'auto')
    throw new RequestError(
      'invalid_tool_choice',
      'tool_choice asks for a call, but there are no tools',
      'tool_choice',
    );
  return undefined;
}

/** What a forced call may name, or undefined when the model is free to answer in words. */
function forcedChoice(choice: ToolChoice | null | undefined): ForcedChoice | undefined {
  if (choice === undefined || choice === null || choice === 'auto' || choice === 'none') return undefined;
  if (choice === 'required') return 'required';
  if (typeof choice !== 'string' && choice.type === 'function' && typeof choice.function?.name === 'string')
    return { name: choice.function.name };
  throw new RequestError(
    'unsupported_tool_choice',
    `tool_choice ${JSON.stringify(choice)} is not supported; use "none", "auto", "required" or {"type": "function", "function": {"name": ...}}`,
    'tool_choice',
  );
}
