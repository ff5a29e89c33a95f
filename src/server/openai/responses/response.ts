// The response object: what of the request it repeats, and how it goes from in progress to its end.
import type { ChatEnd } from '../../conversation/index.js';
import { newId } from '../../ids.js';
import type { ResponsesBody } from './body.js';
import type { OutputItem } from './items.js';

export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

export interface ResponseObject {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly status: ResponseStatus;
  readonly model: string;
  readonly background: boolean;
  readonly output: readonly OutputItem[];
  readonly previous_response_id: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: 'max_output_tokens' } | null;
  readonly usage: object | null;
  readonly [field: string]: unknown;
}

/** A response that has just begun, or, in the background, has yet to. */
export function beginResponse(body: ResponsesBody, model: string): ResponseObject {
  return {
    id: newId('resp_'),
    object: 'response',
    created_at: now(),
    completed_at: null,
    status: body.background ? 'queued' : 'in_progress',
    background: body.background ?? false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id || null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: {
      effort: body.reasoning?.effort ?? null,
      summary: body.reasoning?.summary ?? body.reasoning?.generate_summary ?? null,
    },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  };
}

/** The response once its output has ended, or was cut. */
export function endResponse(
  begun: ResponseObject,
  output: readonly OutputItem[],
  end: ChatEnd,
): ResponseObject {
  const wasCut = end.reason === 'length';
  return {
    ...begun,
    status: wasCut ? 'incomplete' : 'completed',
    completed_at: wasCut ? null : now(),
    incomplete_details: wasCut ? { reason: 'max_output_tokens' } : null,
    output,
    usage: usageOf(end),
  };
}

/** The response when it failed after it had begun; `output` is what had come till then. */
export function failResponse(
  begun: ResponseObject,
  output: readonly OutputItem[],
  error: { readonly code: string; readonly message: string },
): ResponseObject {
  return { ...begun, status: 'failed', output, error };
}

function usageOf({ usage }: ChatEnd): object {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.promptTokens + usage.outputTokens,
  };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
