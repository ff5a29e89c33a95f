// A valid chat body -> the chat that it asks for.
import { RequestError } from '../../errors.js';
import type { ChatInput } from '../conversation/index.js';
import { placeOptions, samplingOptions, withoutNulls } from '../sampling.js';
import { refuseUnsupported } from '../unsupported.js';
import { type ChatBody, unsupportedChatFields } from './chat-schema.js';
import type { ChatTools } from './chat-tools.js';
import { outputConstraint } from './constraint.js';
import { effortOptions } from './effort.js';
import { chatMessages } from './messages.js';

/** @throws RequestError for what is refused by name or contradicts itself. */
export function chatInput(body: ChatBody, { definitions, choice }: ChatTools): ChatInput {
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
  const constraint = outputConstraint(body);
  const budget = body.thinking_budget ?? undefined;
  return {
    messages,
    tools: definitions,
    ...choice,
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
