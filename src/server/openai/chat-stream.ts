// A chat completion that is streamed: engine chunks -> `chat.completion.chunk` events.
// Each chunk has the same id; follow-up tool-call deltas leave out id, type and name, which clients check.
import type { GenerateChunk, GenerateResult } from '../../engine/index.js';
import type { ToolCallParser, ToolEvent } from '../../tools/index.js';
import { finishReason, newId, usageBody, withheldEnd } from './chat-answer.js';
import type { ChatPlan } from './chat-request.js';

interface Delta {
  role?: 'assistant';
  content?: string;
  tool_calls?: readonly object[];
}

/** The events of one streamed answer, `[DONE]` left out. */
export async function* chatChunks(
  chunks: AsyncIterable<GenerateChunk>,
  plan: ChatPlan,
  model: string,
): AsyncGenerator<object> {
  const base = {
    id: newId('chatcmpl-'),
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model,
  };
  const usage = plan.includeUsage ? { usage: null } : {};
  const event = (delta: Delta, end: object = { finish_reason: null }) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, ...end }],
    ...usage,
  });

  const deltas = new DeltaWriter(plan);
  let result: GenerateResult | undefined;
  yield event({ role: 'assistant', content: '' });
  for await (const chunk of chunks) {
    for (const delta of deltas.read(chunk)) yield event(delta);
    result = chunk.result;
  }
  if (!result) throw new Error('the engine ended a stream without a result');
  yield event(
    {},
    { finish_reason: finishReason(result, deltas.calls), matched_stop: result.matchedStop ?? null },
  );
  if (plan.includeUsage) yield { ...base, choices: [], usage: usageBody(result) };
}

/** Turns the engine's text into deltas, through the tool-call parser where calls may come. */
class DeltaWriter {
  /** Calls begun so far. */
  calls = 0;
  readonly #plan: ChatPlan;
  readonly #parser: ToolCallParser | undefined;

  constructor(plan: ChatPlan) {
    this.#plan = plan;
    this.#parser = plan.format?.parser();
  }

  read({ text, result }: GenerateChunk): Delta[] {
    const { format } = this.#plan;
    if (!this.#parser || !format) return text === '' ? [] : [{ content: text }];
    const events = this.#parser.push(text);
    if (result) events.push(...this.#parser.push(withheldEnd(result, format)), ...this.#parser.finish());
    return events.map((event) => this.#delta(event));
  }

  #delta(event: ToolEvent): Delta {
    if (event.type === 'text') return { content: event.text };
    if (event.type === 'arguments')
      return { tool_calls: [{ index: this.calls - 1, function: { arguments: event.text } }] };
    const begun = { name: event.name, arguments: '' };
    return { tool_calls: [{ index: this.calls++, id: newId('call_'), type: 'function', function: begun }] };
  }
}
