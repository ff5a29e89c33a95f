// A valid body -> the chat that is asked of the model, and how its events are to be told.
import { RequestError } from '../../../errors.js';
import type { ChatInput, Constraint } from '../../conversation/index.js';
import type { ServerSettings } from '../../options.js';
import { placeOptions, samplingOptions, withoutNulls } from '../../sampling.js';
import { refuseUnsupported } from '../../unsupported.js';
import { outputConstraint, type ResponseFormat } from '../constraint.js';
import { effortOptions } from '../effort.js';
import { includable, type ResponsesBody, unsupportedResponsesFields } from './body.js';
import { readInput } from './input.js';
import type { ConversationItem } from './items.js';
import { toMessages } from './messages.js';
import type { ResponseStore } from './store.js';
import { type OfferedTools, offeredTools } from './tools.js';

export interface ResponsePlan {
  readonly chat: ChatInput;
  /** The items of this request alone. */
  readonly input: readonly ConversationItem[];
  readonly tools: OfferedTools;
  /** Whether thinking is told as its summary. */
  readonly asSummary: boolean;
}

/** @throws RequestError for what is refused by name or contradicts itself. */
export function planResponse(
  body: ResponsesBody,
  { maxTools }: ServerSettings,
  store: ResponseStore,
): ResponsePlan {
  refuseUnsupported(body, unsupportedResponsesFields);
  refuseUnsupported(body.text ?? {}, [{ name: 'verbosity', inert: ['medium'] }], 'text.');
  checkInclude(body.include ?? []);
  const previous = body.previous_response_id ? store.history(body.previous_response_id) : [];
  const input = readInput(body.input ?? [], (id) => store.item(id));
  if (input.length === 0 && previous.length === 0)
    throw new RequestError('invalid_value', 'input is required', 'input');
  const tools = offeredTools(body, maxTools);
  const constraint = answerConstraint(body);
  // Where a call must come there is no answer whose form could be asked for.
  const answers = tools.choice === 'auto' || tools.choice === 'none';
  return {
    input,
    tools,
    asSummary: (body.reasoning?.summary ?? body.reasoning?.generate_summary ?? null) !== null,
    chat: {
      messages: toMessages([...previous, ...input], body.instructions),
      tools: tools.definitions,
      choice: tools.choice,
      ...(tools.callable && { callable: tools.callable }),
      parallel: body.parallel_tool_calls !== false,
      ...(constraint && answers && { constraint }),
      sampling: withoutNulls({ ...samplingOptions(body, body.seed), minTokens: body.min_tokens }),
      ...withoutNulls({ maxTokens: body.max_output_tokens, logprobs: askedLogprobs(body) }),
      place: placeOptions(body),
      chatTemplateOptions: { ...effortOptions(body.reasoning?.effort), ...body.chat_template_kwargs },
      ...(body.thinking_budget != null && { reasoning: { budget: body.thinking_budget } }),
      choiceField: 'tool_choice',
    },
  };
}

function checkInclude(include: readonly string[]): void {
  for (const [index, name] of include.entries())
    if (!includable.has(name))
      throw new RequestError(
        'invalid_value',
        `include[${index}] ${JSON.stringify(name)} is not known; known are ${[...includable].join(', ')}`,
        `include[${index}]`,
      );
}

/** Alternatives of each token, or null where log-probabilities are not asked for. */
function askedLogprobs({ include, top_logprobs: top }: ResponsesBody): number | null {
  return include?.includes('message.output_text.logprobs') || top ? (top ?? 0) : null;
}

/** @throws RequestError */
function answerConstraint({ text, regex, ebnf, lark }: ResponsesBody): Constraint | undefined {
  const format = text?.format;
  const isSchema = format?.type === 'json_schema';
  if (isSchema && (format.schema === undefined || format.schema === null))
    throw new RequestError(
      'invalid_value',
      'text.format.schema is required with type "json_schema"',
      'text.format.schema',
    );
  const response_format = isSchema ? { type: format.type, json_schema: { schema: format.schema } } : format;
  const fields = { response_format: response_format as ResponseFormat | undefined, regex, ebnf, lark };
  return outputConstraint(withoutNulls(fields), 'text.format');
}
