// A chat completion that is answered at once.
import type { GenerateResult } from '../../engine/index.js';
import { collect } from '../../tools/index.js';
import { finishReason, newId, usageBody, withheldEnd } from './chat-answer.js';
import type { ChatPlan } from './chat-request.js';

/** The `chat.completion` object of a finished generation. */
export function chatCompletion(result: GenerateResult, { format }: ChatPlan, model: string): object {
  const parsed = format && parseCalls(result, format);
  const calls = (parsed?.calls ?? []).map((call) => ({
    id: newId('call_'),
    type: 'function',
    function: call,
  }));
  const text = parsed ? parsed.content : result.text;
  return {
    id: newId('chatcmpl-'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          refusal: null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReason(result, calls.length),
        matched_stop: result.matchedStop ?? null,
      },
    ],
    usage: usageBody(result),
  };
}

function parseCalls(result: GenerateResult, format: NonNullable<ChatPlan['format']>) {
  const parser = format.parser();
  return collect([...parser.push(result.text + withheldEnd(result, format)), ...parser.finish()]);
}
