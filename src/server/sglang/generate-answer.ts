// One output in SGLang's form: {text, output_ids, meta_info}.
import type { ChosenTokenLogprob, GenerateResult, TokenLogprob } from '../../engine/index.js';

/** The answer for a finished generation. */
export function generateAnswer(id: string, result: GenerateResult): object {
  const { usage } = result;
  return {
    text: result.text,
    output_ids: result.tokens,
    meta_info: {
      id,
      finish_reason: finishReason(result),
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.outputTokens,
      cached_tokens: usage.cachedTokens,
      e2e_latency: usage.totalMs / 1000,
      ...(result.logprobs && logprobFigures(result.logprobs)),
    },
  };
}

/** `[log-probability, token id, null]` of each output token, and of its alternatives. */
function logprobFigures(logprobs: readonly ChosenTokenLogprob[]): object {
  const entry = ({ token, logprob }: TokenLogprob) => [logprob, token, null];
  return {
    output_token_logprobs: logprobs.map(entry),
    output_token_logprobs_length: logprobs.length,
    output_top_logprobs: logprobs.map(({ alternatives }) => alternatives.map(entry)),
  };
}

/** The answer so far; the prompt's figures are known at the end. */
export function partialAnswer(id: string, text: string, tokens: readonly number[]): object {
  return {
    text,
    output_ids: tokens,
    meta_info: { id, finish_reason: null, completion_tokens: tokens.length },
  };
}

function finishReason({ finishReason: type, matchedStop, usage }: GenerateResult): object {
  if (type === 'length') return { type, length: usage.outputTokens };
  if (type === 'abort') return { type, message: 'the request was ended before its output was complete' };
  return { type, matched: matchedStop ?? null };
}
