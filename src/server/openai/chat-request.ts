// A valid chat body -> what the engine is asked, and how its output is to be read.
import type { GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import {
  type ToolChoice as CallChoice,
  checkTools,
  type ToolCallParser,
  type ToolDefinition,
} from '../../tools/index.js';
import type { ServerContext } from '../context.js';
import { placeOptions, samplingOptions, withoutNulls } from '../sampling.js';
import type { ToolOutput } from '../tool-grammars.js';
import { refuseUnsupported } from '../unsupported.js';
import { type ChatBody, type ToolChoice, unsupportedChatFields } from './chat-schema.js';
import { type Constraint, outputConstraint } from './constraint.js';
import { chatMessages } from './messages.js';

export interface ChatPlan {
  readonly request: GenerateRequest;
  /** A reader of the tool calls in an output; absent when no tool may be called. */
  readonly parser?: () => ToolCallParser;
  /** Outputs of the prompt. */
  readonly choices: number;
  readonly includeUsage: boolean;
}

/**
 * Without a limit of its own an output may fill the context, as in OpenAI's API; the engine cuts to the room there is.
 * @throws RequestError for what is refused by name or contradicts itself.
 */
export async function planChat(
  body: ChatBody,
  { settings, model, toolGrammars }: ServerContext,
): Promise<ChatPlan> {
  refuseUnsupported(body, unsupportedChatFields);
  if (body.top_logprobs && !body.logprobs)
    throw new RequestError('invalid_value', 'top_logprobs needs logprobs to be true', 'top_logprobs');
  const tools = shownTools(body, settings.maxTools);
  const constraint = outputConstraint(body);
  const format = tools && (await toolGrammars.format());
  const output = tools && toolOutput(tools, body, constraint);
  const sampling = samplingOptions(body, body.seed);
  const { contextLength } = model.info;
  return {
    request: {
      messages: chatMessages(body.messages),
      ...sampling,
      maxTokens: Math.min(body.max_completion_tokens ?? body.max_tokens ?? contextLength, contextLength),
      ...withoutNulls({ minTokens: body.min_tokens, chatTemplateOptions: body.chat_template_kwargs }),
      ...placeOptions(body),
      ...(body.logprobs && { logprobs: body.top_logprobs ?? 0 }),
      // Marks of calls may be special tokens, and are read in the text.
      ...(output
        ? { tools, grammar: await toolGrammars.grammar(output), skipSpecialTokens: false }
        : constraint?.option),
    },
    ...(tools && format && { parser: () => format.parser({ tools }) }),
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

/** What an output may be that goes with tools: a named call is one, others may be several. */
function toolOutput(
  tools: readonly ToolDefinition[],
  body: ChatBody,
  constraint: Constraint | undefined,
): ToolOutput {
  const choice = callChoice(body.tool_choice);
  if (constraint && choice !== 'auto')
    throw new RequestError(
      'conflicting_constraints',
      `${constraint.field} says what an answer is, but tool_choice asks for a call: leave one of them out`,
      constraint.field,
    );
  const parallel = typeof choice === 'string' && body.parallel_tool_calls !== false;
  return { tools, choice, parallel, ...(constraint && { answer: constraint.option }) };
}

function callChoice(choice: ToolChoice | null | undefined): CallChoice {
  if (choice === undefined || choice === null || choice === 'auto') return 'auto';
  if (choice === 'required') return 'required';
  if (typeof choice !== 'string' && choice.type === 'function' && typeof choice.function?.name === 'string')
    return { name: choice.function.name };
  throw new RequestError(
    'unsupported_tool_choice',
    `tool_choice ${JSON.stringify(choice)} is not supported; use "none", "auto", "required" or {"type": "function", "function": {"name": ...}}`,
    'tool_choice',
  );
}
