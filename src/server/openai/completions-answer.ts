// Completions, whole and streamed: engine results and chunks -> `text_completion` objects.
import type { ChosenTokenLogprob, GenerateResult } from '../../engine/index.js';
import type { BatchChunk } from '../batch.js';
import { finishReason } from '../finish-reason.js';
import { newId } from '../ids.js';
import type { TokenBytes } from '../token-names.js';
import { usageBody } from './chat-answer.js';
import type { CompletionPlan } from './completions-request.js';
import { completionLogprobs, type MaybeLogprob } from './logprobs.js';

/** A prompt that is echoed: its text and tokens. */
export interface Echo {
  readonly text: string;
  readonly tokens: readonly number[];
}

export interface CompletionTelling {
  readonly plan: CompletionPlan;
  readonly model: string;
  /** Of each prompt, where the plan says that they are echoed. */
  readonly echoes: readonly Echo[];
  /** Names the tokens of log-probabilities, where they were asked for. */
  readonly tokenizer: TokenBytes | undefined;
}

const head = (model: string) => ({
  id: newId('cmpl-'),
  object: 'text_completion',
  created: Math.floor(Date.now() / 1000),
  model,
});

export function completion(results: readonly GenerateResult[], telling: CompletionTelling): object {
  const { plan, model } = telling;
  const choices = results.map((result, index) => {
    const writer = new ChoiceWriter(index, telling);
    return writer.piece(writer.echoed(result) + result.text, result.logprobs ?? [], result);
  });
  return { ...head(model), choices, usage: usageBody(usagesOf(results), plan.choices) };
}

/** The events of streamed completions, `[DONE]` left out. */
export async function* completionChunks(
  chunks: AsyncIterable<BatchChunk>,
  telling: CompletionTelling,
): AsyncGenerator<object> {
  const { plan, model } = telling;
  const base = head(model);
  const usage = plan.includeUsage ? { usage: null } : {};
  const count = plan.requests.length * plan.choices;
  const writers = Array.from({ length: count }, (_, index) => new ChoiceWriter(index, telling));
  const results: GenerateResult[] = [];
  for await (const [index, chunk] of chunks) {
    const writer = writers[index];
    const text = (chunk.result ? writer.echoed(chunk.result) : writer.echoedText()) + chunk.text;
    yield { ...base, choices: [writer.piece(text, chunk.logprobs ?? [], chunk.result)], ...usage };
    if (chunk.result) results[index] = chunk.result;
  }
  if (plan.includeUsage) yield { ...base, choices: [], usage: usageBody(usagesOf(results), plan.choices) };
}

/** One choice, piece by piece; a whole answer is one piece. */
class ChoiceWriter {
  readonly #index: number;
  readonly #tokenizer: TokenBytes | undefined;
  readonly #echo: Echo | undefined;
  #echoed = false;
  /** Of the prompt's tokens, before those of the output. */
  #prompt: readonly MaybeLogprob[] = [];
  /** UTF-16 units that were told before. */
  #offset = 0;

  constructor(index: number, { plan, echoes, tokenizer }: CompletionTelling) {
    this.#index = index;
    this.#tokenizer = tokenizer;
    this.#echo = plan.echo ? echoes[Math.floor(index / plan.choices)] : undefined;
  }

  /** The prompt's text, the first time. */
  echoedText(): string {
    if (!this.#echo || this.#echoed) return '';
    this.#echoed = true;
    return this.#echo.text;
  }

  /** The same; a prompt's log-probabilities come with the result. */
  echoed(result: GenerateResult): string {
    const { tokens } = this.#echo ?? { tokens: [] };
    this.#prompt = (result.promptLogprobs ?? []).map((one, i) => one ?? { token: tokens[i], logprob: null });
    return this.echoedText();
  }

  piece(text: string, logprobs: readonly ChosenTokenLogprob[], result: GenerateResult | undefined): object {
    const found = [...this.#prompt, ...logprobs];
    const told =
      this.#tokenizer && found.length > 0 ? completionLogprobs(found, this.#tokenizer, this.#offset) : null;
    this.#offset += text.length;
    return {
      index: this.#index,
      text,
      logprobs: told,
      finish_reason: result ? finishReason(result) : null,
      ...(result && { matched_stop: result.matchedStop ?? null }),
    };
  }
}

function usagesOf(results: readonly GenerateResult[]) {
  return results.map((result) => result.usage);
}
