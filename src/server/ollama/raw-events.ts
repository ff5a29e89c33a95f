// An output that no chat template and no parser stands around, as chat events: text alone.
import type { GenerateChunk } from '../../engine/index.js';
import type { ChatEvent } from '../conversation/index.js';
import { finishReason } from '../openai/chat-answer.js';

/** @throws HttpError 503 `aborted` for an output that the server ended before it was done. */
export async function* rawEvents(chunks: AsyncIterable<GenerateChunk>): AsyncGenerator<ChatEvent> {
  for await (const { text, logprobs, result } of chunks) {
    if (logprobs) yield { type: 'logprobs', found: logprobs };
    if (text !== '') yield { type: 'text', text };
    if (!result) continue;
    const { promptTokens, cachedTokens, outputTokens } = result.usage;
    const usage = { promptTokens, cachedTokens, outputTokens, reasoningTokens: 0 };
    const matchedStop = result.matchedStop ?? null;
    yield { type: 'end', end: { reason: finishReason(result), matchedStop, usage } };
  }
}
