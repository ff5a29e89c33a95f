// A chat completion that is answered at once.
import type { GenerateResult } from '../../engine/index.js';
import { collect, type ToolCallParser } from '../../tools/index.js';
import type { TokenBytes } from '../token-names.js';
import { finishReason, newId, usageBody } from './chat-answer.js';
import type { ChatPlan } from './chat-request.js';
import { chatLogprobs } from './logprobs.js';

/** The `chat.completion` object of finished generations, one a choice; `tokenizer` names tokens of log-probabilities. */
export function chatCompletion(
  results: readonly GenerateResult[],
  plan: ChatPlan,
  model: string,
  tokenizer: TokenBytes | undefined,
): object {
  return {
    id: newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: results.map((result, index) => choice(result, index, plan, tokenizer)),
    usage: usageBody(results),
  };
}

function choice(
  result: GenerateResult,
  index: number,
  { parser }: ChatPlan,
  tokenizer: TokenBytes | undefined,
): object {
  const parsed = parser && parseCalls(result, parser());
  const calls = (parsed?.calls ?? []).map(({ id = newId('call_'), ...call }) => ({
    id,
    type: 'function',
    function: call,
  }));
  const text = parsed ? parsed.content : result.text;
  return {
    index,
    message: {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      refusal: null,
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    logprobs: tokenizer && result.logprobs ? chatLogprobs(result.logprobs, tokenizer) : null,
    finish_reason: finishReason(result, calls.length),
    matched_stop: result.matchedStop ?? null,
  };
}

function parseCalls(result: GenerateResult, parser: ToolCallParser) {
  return collect([...parser.push(result.text), ...parser.finish()]);
}
