// One output in SGLang's form: {text, output_ids, meta_info}.
import type { ChosenTokenLogprob, GenerateResult, TokenLogprob } from '../../engine/index.js';
import { type TokenBytes, tokenName } from '../token-names.js';
import type { OutputPlan } from './generate-request.js';

/** What answers are told with. */
export interface Telling {
  /** Names tokens that have log-probabilities, where that was asked for. */
  readonly names: TokenBytes | undefined;
  /** The first token of the prompt: it has no log-probability, and is told where those of the others are. */
  readonly firstToken: number | undefined;
}

/** The answer for a finished generation. */
export function generateAnswer(
  { id, promptOnly }: OutputPlan,
  finished: GenerateResult,
  { names, firstToken }: Telling,
): object {
  const result = promptOnly ? withoutOutput(finished) : finished;
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
      ...(result.promptLogprobs && logprobFigures('input', result.promptLogprobs, names, firstToken)),
      ...(result.logprobs && logprobFigures('output', result.logprobs, names)),
      ...(result.logprobs && { output_token_logprobs_length: result.logprobs.length }),
    },
  };
}

function withoutOutput(result: GenerateResult): GenerateResult {
  const { matchedStop: _, logprobs, ...rest } = result;
  return {
    ...rest,
    text: '',
    tokens: [],
    ...(logprobs && { logprobs: [] }),
    finishReason: result.finishReason === 'abort' ? 'abort' : 'length',
    usage: { ...result.usage, outputTokens: 0 },
  };
}

/** `[log-probability, token id, text or null]` of each token, and of its alternatives; null for what there is none of. */
function logprobFigures(
  of: 'input' | 'output',
  logprobs: readonly (ChosenTokenLogprob | null)[],
  names: TokenBytes | undefined,
  firstToken?: number,
): object {
  const entry = ({ token, logprob }: { token: number; logprob: TokenLogprob['logprob'] | null }) => [
    logprob,
    token,
    names ? tokenName(names, token).text : null,
  ];
  return {
    [`${of}_token_logprobs`]: logprobs.map((one) => {
      if (one) return entry(one);
      return firstToken === undefined ? null : entry({ token: firstToken, logprob: null });
    }),
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
