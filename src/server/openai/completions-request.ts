// A valid completion body -> one engine request per prompt, and how its outputs are to be told.
import type { GenerateRequest } from '../../engine/index.js';
import type { ServerContext } from '../context.js';
import { anyPrompts, checkBatch } from '../prompts.js';
import { placeOptions, samplingOptions, withoutNulls } from '../sampling.js';
import { refuseUnsupported } from '../unsupported.js';
import { type CompletionBody, unsupportedCompletionFields } from './completions-schema.js';
import { outputConstraint } from './constraint.js';

const DEFAULT_MAX_TOKENS = 16;

export interface CompletionPlan {
  readonly requests: readonly GenerateRequest[];
  /** Outputs of each prompt. */
  readonly choices: number;
  /** Each choice's text begins with its prompt. */
  readonly echo: boolean;
  readonly includeUsage: boolean;
}

/** @throws RequestError for what is refused by name, contradicts itself, or is over `maxBatch`. */
export function planCompletion(body: CompletionBody, { settings, model }: ServerContext): CompletionPlan {
  refuseUnsupported(body, unsupportedCompletionFields);
  const { prompts } = anyPrompts(body.prompt, 'prompt');
  const choices = body.n ?? 1;
  checkBatch(prompts.length * choices, settings.maxBatch, 'prompt');
  const { contextLength } = model.info;
  const echo = body.echo === true;
  const { logprobs } = body;
  const options = {
    ...samplingOptions(body, body.seed),
    ...placeOptions(body),
    maxTokens: Math.min(body.max_tokens ?? DEFAULT_MAX_TOKENS, contextLength),
    ...withoutNulls({ minTokens: body.min_tokens, logprobs, promptLogprobs: echo ? logprobs : null }),
    ...outputConstraint(body)?.option,
  };
  return {
    requests: prompts.map((prompt) => ({ ...prompt, ...options })),
    choices,
    echo,
    includeUsage: body.stream_options?.include_usage === true,
  };
}
