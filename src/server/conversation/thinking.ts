// Thinking and the answer as two requests, one behind the other: where thinking has a budget, or where the answer's
// constraint cannot be joined to free thinking in one grammar. The second finds its prompt in the prefix cache.
import {
  CONSTRAINT_FIELDS,
  choiceRequests,
  type GenerateChunk,
  type GenerateRequest,
  type GenerateResult,
  type IndexedChunk,
  merged,
  resultOf,
  resultsOf,
} from '../../engine/index.js';
import type { Runner } from '../batch.js';
import type { EngineLike } from '../engine-like.js';

export interface ThinkingSteps {
  /** Most tokens of thinking. */
  readonly budget: number;
  /** What ends the thinking. */
  readonly ends: readonly string[];
  /** What stands behind such an end, and is written there. */
  readonly behind: string;
  /** Written where the budget ends it, behind included. */
  readonly close: string;
}

/** What is said of the answer alone. */
const OF_ANSWER: readonly string[] = [...CONSTRAINT_FIELDS, 'minTokens'];

/** An engine whose outputs are thinking, then the answer. Requests end in open thinking, as `promptTokens`. */
export class ThinkingEngine implements Runner {
  readonly #engine: Pick<EngineLike, 'stream' | 'tokenize'>;
  readonly #steps: ThinkingSteps;

  constructor(engine: Pick<EngineLike, 'stream' | 'tokenize'>, steps: ThinkingSteps) {
    this.#engine = engine;
    this.#steps = steps;
  }

  generate(request: GenerateRequest): Promise<GenerateResult> {
    return resultOf(this.stream(request));
  }

  generateChoices(request: GenerateRequest, n: number): Promise<GenerateResult[]> {
    return resultsOf(n, this.streamChoices(request, n));
  }

  async *streamChoices(request: GenerateRequest, n: number): AsyncGenerator<IndexedChunk, void, undefined> {
    const prompt = Int32Array.from(request.promptTokens ?? []);
    yield* merged(choiceRequests(request, prompt, n).map((one) => this.stream(one)));
  }

  async *stream(request: GenerateRequest): AsyncGenerator<GenerateChunk, void, undefined> {
    const { ends, behind, close } = this.#steps;
    let thought: GenerateResult | undefined;
    for await (const chunk of this.#engine.stream(this.#thinkingOf(request))) {
      if (!chunk.result) yield chunk;
      else {
        thought = chunk.result;
        if (!this.#isToGoOn(thought, request)) {
          yield chunk;
          return;
        }
        const { result: _, ...last } = chunk;
        yield last;
      }
    }
    if (!thought) return;
    const isClosed = ends.includes(String(thought.matchedStop));
    const mark = isClosed ? String(thought.matchedStop) + behind : close;
    const written = isClosed ? behind : close;
    const forced = [...(await this.#engine.tokenize(written, { addSpecialTokens: false }))];
    yield { text: mark, tokens: forced, allowed: forced.map(() => 1) };
    const before = [...thought.tokens, ...forced];
    for await (const chunk of this.#engine.stream(answerOf(request, before)))
      yield chunk.result ? { ...chunk, result: joined(thought, mark, forced, chunk.result) } : chunk;
  }

  #thinkingOf(request: GenerateRequest): GenerateRequest {
    const { budget, ends } = this.#steps;
    const free = Object.entries(request).filter(([field]) => !OF_ANSWER.includes(field));
    const maxTokens = Math.min(budget, request.maxTokens ?? budget);
    return {
      ...Object.fromEntries(free),
      maxTokens,
      stop: [...(request.stop ?? []), ...ends],
      keepStop: false,
      skipSpecialTokens: false,
    };
  }

  /** Whether the answer comes next: the thinking ended, or used up its budget, and there is room. */
  #isToGoOn({ finishReason, matchedStop, tokens }: GenerateResult, { maxTokens }: GenerateRequest): boolean {
    const hasRoom = tokens.length < (maxTokens ?? Number.POSITIVE_INFINITY);
    if (finishReason === 'length') return hasRoom && tokens.length >= this.#steps.budget;
    return finishReason === 'stop' && hasRoom && this.#steps.ends.includes(String(matchedStop));
  }
}

function answerOf(request: GenerateRequest, before: readonly number[]): GenerateRequest {
  const { promptTokens = [], maxTokens, ...rest } = request;
  return {
    ...rest,
    promptTokens: [...promptTokens, ...before],
    ...(maxTokens !== undefined && { maxTokens: Math.max(1, maxTokens - before.length) }),
  };
}

function joined(
  thought: GenerateResult,
  mark: string,
  forced: readonly number[],
  answer: GenerateResult,
): GenerateResult {
  const [first, second] = [thought.usage, answer.usage];
  return {
    ...answer,
    text: thought.text + mark + answer.text,
    tokens: [...thought.tokens, ...forced, ...answer.tokens],
    ...(answer.logprobs && { logprobs: [...(thought.logprobs ?? []), ...answer.logprobs] }),
    usage: {
      promptTokens: first.promptTokens,
      cachedTokens: first.cachedTokens,
      outputTokens: first.outputTokens + forced.length + second.outputTokens,
      draftTokens: first.draftTokens + second.draftTokens,
      acceptedTokens: first.acceptedTokens + second.acceptedTokens,
      firstTokenMs: first.firstTokenMs,
      totalMs: first.totalMs + second.totalMs,
      maskMs: first.maskMs + second.maskMs,
    },
  };
}
