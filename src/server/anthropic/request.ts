// A valid body of /v1/messages -> what the chat layer is asked.
import { RequestError } from '../../errors.js';
import type { ServerContext } from '../context.js';
import type { ChatInput } from '../conversation/index.js';
import { samplingOptions, withoutNulls } from '../sampling.js';
import { effortVariable, thinkingVariables } from '../thinking-variables.js';
import { refuseUnsupported } from '../unsupported.js';
import { chatMessages, endsInAssistant } from './content.js';
import { type MessagesBody, type PromptBody, unsupportedMessagesFields } from './messages-schema.js';
import { toolChoice, toolDefinitions } from './tools.js';

/** @throws RequestError for what is refused by name or contradicts itself. */
export function messagesInput(body: MessagesBody, context: ServerContext): ChatInput {
  const { temperature, top_p, top_k, stop_sequences: stop } = body;
  return {
    ...promptInput(body, context),
    sampling: samplingOptions(withoutNulls({ temperature, top_p, top_k, stop }), undefined),
    maxTokens: body.max_tokens,
  };
}

/** The part that makes the prompt. */
export function promptInput(body: PromptBody, { settings }: ServerContext): ChatInput {
  refuseThread(body);
  refuseUnsupported(body, unsupportedMessagesFields);
  const { thinking } = body;
  const tools = toolDefinitions(body.tools, settings.maxTools);
  const templateOptions = templateVariables(body);
  return {
    messages: chatMessages(body),
    tools,
    choice: toolChoice(body.tool_choice, tools),
    parallel: body.tool_choice?.disable_parallel_tool_use !== true,
    ...outputSchema(body),
    sampling: {},
    ...(Object.keys(templateOptions).length > 0 && { chatTemplateOptions: templateOptions }),
    ...(endsInAssistant(body.messages) && { continueFinalMessage: true }),
    ...(thinking?.type === 'enabled' &&
      typeof thinking.budget_tokens === 'number' && { reasoning: { budget: thinking.budget_tokens } }),
    choiceField: 'tool_choice',
  };
}

/**
 * A later request of a thread holds its own messages alone. Clients know the code, and send the whole conversation then.
 * @throws RequestError `thread_unsupported_request`
 */
function refuseThread({ thread }: PromptBody): void {
  if (thread !== undefined && thread !== null)
    throw new RequestError(
      'thread_unsupported_request',
      'thread is not supported: nothing is kept between requests, so send the whole conversation without it',
      'thread',
    );
}

/** Without `thinking` the model's own default counts. */
function templateVariables({ thinking, output_config: config }: PromptBody): Record<string, unknown> {
  return {
    ...(thinking && thinkingVariables(thinking.type !== 'disabled')),
    ...(config?.effort && effortVariable(config.effort)),
  };
}

function outputSchema(body: PromptBody): Pick<ChatInput, 'constraint'> {
  const { output_format: old, output_config: config } = body;
  if (old && config?.format)
    throw new RequestError(
      'conflicting_constraints',
      'output_format and output_config.format cannot be combined: give the latter',
      'output_format',
    );
  const format = config?.format ?? old;
  const field = old ? 'output_format' : 'output_config.format';
  return format ? { constraint: { field, option: { schema: format.schema } } } : {};
}
