// Several outputs at once: many requests, or one prompt that is computed once and goes on in several ways.
import { setMaxListeners } from 'node:events';
import { EngineError, RequestError } from '../errors.js';
import { interleaved } from './interleaved.js';
import type { GenerateChunk, GenerateRequest, GenerateResult } from './types.js';

/** Most outputs of one prompt. */
export const MAX_CHOICES = 128;
const SEEDS = 2 ** 53;
const PROMPT_FIELDS = ['prompt', 'promptTokens', 'messages', 'tools', 'chatTemplateOptions'];

/** One step of one of several streams. */
export interface IndexedChunk extends GenerateChunk {
  /** Which of the requests, or of the prompt's outputs, counted from 0. */
  readonly index: number;
}

/**
 * The requests of a prompt's `n` outputs: of one prompt as tokens, with seeds that follow one another.
 * @throws RequestError `invalid_request` for `n`
 */
export function choiceRequests(request: GenerateRequest, prompt: Int32Array, n: number): GenerateRequest[] {
  if (!Number.isInteger(n) || n < 1 || n > MAX_CHOICES)
    throw new RequestError(
      'invalid_request',
      `n: must be an integer from 1 to ${MAX_CHOICES} (limit MAX_CHOICES), found ${String(n)}`,
      'n',
    );
  const rest = Object.entries(request).filter(([field]) => !PROMPT_FIELDS.includes(field));
  const { seed } = request;
  // Many outputs listen to it, which Node would warn of.
  const signal = request.signal && AbortSignal.any([request.signal]);
  if (signal) setMaxListeners(0, signal);
  return Array.from({ length: n }, (_, i) => ({
    ...Object.fromEntries(rest),
    promptTokens: prompt,
    ...(signal && { signal }),
    ...(seed !== undefined && { seed: (seed + i) % SEEDS }),
  }));
}

/** The streams' chunks as they come. What one throws ends all of them, and so does leaving early. */
export async function* merged(
  streams: readonly AsyncGenerator<GenerateChunk, void, undefined>[],
): AsyncGenerator<IndexedChunk, void, undefined> {
  for await (const [index, chunk] of interleaved(streams)) yield { index, ...chunk };
}

/** The result that a stream ends with. */
export async function resultOf(chunks: AsyncIterable<GenerateChunk>): Promise<GenerateResult> {
  let result: GenerateResult | undefined;
  for await (const chunk of chunks) result = chunk.result;
  if (!result) throw new EngineError('engine_error', 'the output ended without a result');
  return result;
}

/** The results of so many streams, in their order. */
export async function resultsOf(
  count: number,
  chunks: AsyncIterable<IndexedChunk>,
): Promise<GenerateResult[]> {
  const results: GenerateResult[] = Array.from({ length: count });
  for await (const { index, result } of chunks) if (result) results[index] = result;
  return results;
}
