// A chat completion that is answered at once.
import type { ChatOutput } from '../conversation/index.js';
import { newId } from '../ids.js';
import type { TokenBytes } from '../token-names.js';
import { chatUsageBody } from './chat-answer.js';
import { chatLogprobs } from './logprobs.js';

/** The `chat.completion` object of finished outputs, one a choice; `tokenizer` names tokens of log-probabilities. */
export function chatCompletion(
  outputs: readonly ChatOutput[],
  model: string,
  tokenizer: TokenBytes | undefined,
): object {
  return {
    id: newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: outputs.map((output, index) => choice(output, index, tokenizer)),
    usage: chatUsageBody(outputs.map(({ end }) => end.usage)),
  };
}

function choice(output: ChatOutput, index: number, tokenizer: TokenBytes | undefined): object {
  const { text, reasoning, end } = output;
  const calls = output.calls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }));
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
