// A chat completion that is answered at once.
import type { ChatCall, ChatOutput } from '../conversation/index.js';
import { newId } from '../ids.js';
import { type ChatTelling, chatUsageBody } from './chat-answer.js';
import { CustomInput } from './custom-input.js';
import { chatLogprobs } from './logprobs.js';

/** The `chat.completion` object of finished outputs, one a choice. */
export function chatCompletion(outputs: readonly ChatOutput[], telling: ChatTelling): object {
  return {
    id: newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: telling.model,
    choices: outputs.map((output, index) => choice(output, index, telling)),
    usage: chatUsageBody(outputs.map(({ end }) => end.usage)),
  };
}

function choice(output: ChatOutput, index: number, { tokenizer, custom }: ChatTelling): object {
  const { text, reasoning, end } = output;
  const calls = output.calls.map((call) => (custom.has(call.name) ? customCall(call) : functionCall(call)));
  return {
    index,
    message: {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      refusal: null,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    logprobs: tokenizer ? chatLogprobs(output.logprobs, tokenizer) : null,
    finish_reason: end.reason,
    matched_stop: end.matchedStop,
  };
}

function functionCall({ id, name, arguments: given }: ChatCall): object {
  return { id, type: 'function', function: { name, arguments: given } };
}

function customCall({ id, name, arguments: given }: ChatCall): object {
  return { id, type: 'custom', custom: { name, input: new CustomInput().push(given) } };
}
