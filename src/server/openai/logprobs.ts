// Log-probabilities in OpenAI's two forms: of chat (an object a token) and of completions (a list a figure).
import type { ChosenTokenLogprob, TokenLogprob } from '../../engine/index.js';
import { type TokenBytes, tokenName } from '../token-names.js';

export interface ChatLogprobs {
  readonly content: readonly object[];
  readonly refusal: null;
}

export function chatLogprobs(found: readonly ChosenTokenLogprob[], tokenizer: TokenBytes): ChatLogprobs {
  const entry = ({ token, logprob }: TokenLogprob) => {
    const { text, bytes } = tokenName(tokenizer, token);
    return { token: text, logprob, bytes };
  };
  const content = found.map((one) => ({ ...entry(one), top_logprobs: one.alternatives.map(entry) }));
  return { content, refusal: null };
}

export interface CompletionLogprobs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly (number | null)[];
  readonly top_logprobs: readonly (Readonly<Record<string, number>> | null)[];
  readonly text_offset: readonly number[];
}

/** A prompt's first token has no log-probability: its entry is null, but for its id. */
export type MaybeLogprob = ChosenTokenLogprob | { readonly token: number; readonly logprob: null };

/** `offset`: where the first token begins, in UTF-16 units. Of alternatives that read alike the likelier one is told. */
export function completionLogprobs(
  found: readonly MaybeLogprob[],
  tokenizer: TokenBytes,
  offset: number,
): CompletionLogprobs {
  const tokens = found.map(({ token }) => tokenName(tokenizer, token).text);
  let at = offset;
  const offsets = tokens.map((text) => {
    at += text.length;
    return at - text.length;
  });
  return {
    tokens,
    token_logprobs: found.map(({ logprob }) => logprob),
    top_logprobs: found.map((one) => (one.logprob === null ? null : alternativesOf(one, tokenizer))),
    text_offset: offsets,
  };
}

function alternativesOf({ alternatives }: ChosenTokenLogprob, tokenizer: TokenBytes): Record<string, number> {
  const named = alternatives.map(
    ({ token, logprob }) => [tokenName(tokenizer, token).text, logprob] as const,
  );
  return Object.fromEntries(named.reverse());
}
