// The parts of an answer that chat and completions, whole and streamed, share.
import { randomUUID } from 'node:crypto';
import type { GenerateResult } from '../../engine/index.js';
import { HttpError } from '../errors.js';

/** An id like OpenAI's: a prefix and 32 hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll('-', '')}`;
}

/** The usage of a request whose prompts have `choices` outputs each, in their order: a prompt counts once. */
export function usageBody(results: readonly GenerateResult[], choices = results.length) {
  const firsts = results.filter((_, index) => index % choices === 0);
  const promptTokens = sum(firsts, ({ usage }) => usage.promptTokens);
  const outputTokens = sum(results, ({ usage }) => usage.outputTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: sum(firsts, ({ usage }) => usage.cachedTokens) },
  };
}

function sum(results: readonly GenerateResult[], figure: (result: GenerateResult) => number): number {
  return results.reduce((total, result) => total + figure(result), 0);
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
