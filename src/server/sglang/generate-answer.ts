// One output in SGLang's form: {text, output_ids, meta_info}.

import type { ChosenTokenLogprob, GenerateResult, TokenLogprob } from '../../engine/index.js';
import { type TokenBytes, tokenName } from '../token-names.js';

/** The answer for a finished generation; `names` tells the text of tokens that have log-probabilities. */
export function generateAnswer(id: string, result: GenerateResult, names: TokenBytes | undefined): object {
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
      ...(result.promptLogprobs && logprobFigures('input', result.promptLogprobs, names)),
      ...(result.logprobs && logprobFigures('output', result.logprobs, names)),
      ...(result.logprobs && { output_token_logprobs_length: result.logprobs.length }),
    },
  };
}

/** `[log-probability, token id, text or null]` of each token, and of its alternatives; null where there is none. */
function logprobFigures(
  of: 'input' | 'output',
  logprobs: readonly (ChosenTokenLogprob | null)[],
  names: TokenBytes | undefined,
): object {
  const entry = ({ token, logprob }: TokenLogprob) => [
    logprob,
    token,
    names ? tokenName(names, token).text : null,
  ];
  return {
    [`${of}_token_logprobs`]: logprobs.map((one) => (one ? entry(one) : null)),
    [`${of}_top_logprobs`]: logprobs.map((one) => (one ? one.alternatives.map(entry) : null)),
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
