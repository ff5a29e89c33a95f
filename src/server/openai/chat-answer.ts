// The parts of an answer that chat and completions, whole and streamed, share.
import type { ChatUsage } from '../conversation/index.js';
import type { TokenBytes } from '../token-names.js';

/** What a chat's answer is told with, whole or streamed. */
export interface ChatTelling {
  readonly model: string;
  /** Names the tokens of log-probabilities, where they were asked for. */
  readonly tokenizer: TokenBytes | undefined;
  /** Names of tools whose calls are custom ones. */
  readonly custom: ReadonlySet<string>;
}

/** The usage of a request whose prompts have `choices` outputs each, in their order: a prompt counts once. */
export function usageBody(usages: readonly Omit<ChatUsage, 'reasoningTokens'>[], choices = usages.length) {
  const firsts = usages.filter((_, index) => index % choices === 0);
  const promptTokens = sum(firsts, (usage) => usage.promptTokens);
  const outputTokens = sum(usages, (usage) => usage.outputTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: sum(firsts, (usage) => usage.cachedTokens) },
  };
}

/** The usage of a chat's choices; SGLang tells reasoning tokens beside the details, too. */
export function chatUsageBody(usages: readonly ChatUsage[]) {
  const reasoning = sum(usages, (usage) => usage.reasoningTokens);
  return {
    ...usageBody(usages),
    completion_tokens_details: { reasoning_tokens: reasoning },
    reasoning_tokens: reasoning,
  };
}

function sum<U>(usages: readonly U[], figure: (usage: U) => number): number {
  return usages.reduce((total, usage) => total + figure(usage), 0);
}
