// A chat completion that is streamed: engine chunks -> `chat.completion.chunk` events.
// Each chunk has the same id; follow-up tool-call deltas leave out id, type and name, which clients check.
import type { ChosenTokenLogprob, GenerateChunk, GenerateResult } from '../../engine/index.js';
import type { ToolCallParser, ToolEvent } from '../../tools/index.js';
import type { BatchChunk } from '../batch.js';
import type { TokenBytes } from '../token-names.js';
import { finishReason, newId, usageBody } from './chat-answer.js';
import type { ChatPlan } from './chat-request.js';
import { chatLogprobs } from './logprobs.js';

interface Delta {
  role?: 'assistant';
  content?: string;
  tool_calls?: readonly object[];
}

/** The events of one streamed answer, `[DONE]` left out; `tokenizer` names tokens of log-probabilities. */
export async function* chatChunks(
  chunks: AsyncIterable<BatchChunk>,
  plan: ChatPlan,
  model: string,
  tokenizer: TokenBytes | undefined,
): AsyncGenerator<object> {
  const base = {
    id: newId('chatcmpl-'),
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model,
  };
  const event = (choices: readonly object[], usage: object | null = null) => ({
    ...base,
    choices,
    ...(plan.includeUsage && { usage }),
  });

  const writers = Array.from(
    { length: plan.choices },
    (_, index) => new ChoiceWriter(index, plan, tokenizer),
  );
  for (const writer of writers) yield event([writer.begin()]);
  for await (const [index, chunk] of chunks)
    for (const choice of writers[index].read(chunk)) yield event([choice]);
  if (plan.includeUsage) yield event([], usageBody(writers.map((writer) => writer.result)));
}

/** Turns the engine's text of one choice into deltas, through the tool-call parser where calls may come. */
class ChoiceWriter {
  #calls = 0;
  #result: GenerateResult | undefined;
  /** Those of tokens whose text has not been written yet. */
  #logprobs: ChosenTokenLogprob[] = [];
  readonly #index: number;
  readonly #parser: ToolCallParser | undefined;
  readonly #tokenizer: TokenBytes | undefined;

  constructor(index: number, plan: ChatPlan, tokenizer: TokenBytes | undefined) {
    this.#index = index;
    this.#parser = plan.parser?.();
    this.#tokenizer = tokenizer;
  }

  get result(): GenerateResult {
    if (!this.#result) throw new Error('the engine ended a stream without a result');
    return this.#result;
  }

  begin(): object {
    return this.#choice({ role: 'assistant', content: '' });
  }

  read(chunk: GenerateChunk): object[] {
    this.#logprobs.push(...(chunk.logprobs ?? []));
    const choices = this.#deltas(chunk).map((delta) => this.#choice(delta));
    if (!chunk.result) return choices;
    this.#result = chunk.result;
    if (this.#logprobs.length > 0) choices.push(this.#choice({ content: '' }));
    const finish_reason = finishReason(chunk.result, this.#calls);
    return [...choices, this.#choice({}, { finish_reason, matched_stop: chunk.result.matchedStop ?? null })];
  }

  #choice(delta: Delta, end: object = { finish_reason: null }): object {
    const told = this.#logprobs.splice(0);
    const logprobs = this.#tokenizer && told.length > 0 ? chatLogprobs(told, this.#tokenizer) : null;
    return { index: this.#index, delta, logprobs, ...end };
  }

  #deltas({ text, result }: GenerateChunk): Delta[] {
    if (!this.#parser) return text === '' ? [] : [{ content: text }];
    const events = this.#parser.push(text);
    if (result) events.push(...this.#parser.finish());
    return events.map((event) => this.#delta(event));
  }

  #delta(event: ToolEvent): Delta {
    if (event.type === 'text') return { content: event.text };
    if (event.type === 'arguments')
      return { tool_calls: [{ index: this.#calls - 1, function: { arguments: event.text } }] };
    const begun = { name: event.name, arguments: '' };
    const { id = newId('call_') } = event;
    return { tool_calls: [{ index: this.#calls++, id, type: 'function', function: begun }] };
  }
}
