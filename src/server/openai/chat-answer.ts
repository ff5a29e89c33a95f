// The parts of a chat completion's answer that the whole and the streamed form share.
import { randomUUID } from 'node:crypto';
import type { GenerateResult } from '../../engine/index.js';
import type { ToolCallFormat } from '../../tools/index.js';
import { HttpError } from '../errors.js';

/** An id like OpenAI's: a prefix and 32 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '')}`;
}

export function usageBody({ usage }: GenerateResult) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.promptTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  };
}

/**
 * The finish reason in OpenAI's words; an output that was cut stays `length`, calls or not.
 * @throws HttpError 503 `aborted` for an output that the server ended before it was done.
 */
export function finishReason(result: GenerateResult, calls: number): 'stop' | 'length' | 'tool_calls' {
  if (result.finishReason === 'abort')
    throw new HttpError(503, 'aborted', 'the server ended this request before its output was complete');
  if (result.finishReason === 'length') return 'length';
  return calls > 0 ? 'tool_calls' : 'stop';
}

/** The end of the output that the engine cut off as a stop string though it belongs to a call. */
export function withheldEnd(result: GenerateResult, format: ToolCallFormat): string {
  return result.matchedStop === format.callEnd ? format.callEnd : '';
}
