// One turn of a chat: planned, then run whole or streamed. Dialects hand in a ChatInput and write what comes back.
import { Batch } from '../batch.js';
import type { ServerContext } from '../context.js';
import { mapped } from '../streams.js';
import { type ChatPlan, planChat, renderPrompt } from './plan.js';
import { gather, OutputReader } from './reader.js';
import { ThinkingEngine } from './thinking.js';
import type { ChatEvent, ChatInput, ChatOutput } from './types.js';

/** What a chunk of one choice's output says: none where it says nothing by itself. */
export type ChoiceEvents = readonly [choice: number, events: readonly ChatEvent[]];

export class Conversation {
  readonly #plan: ChatPlan;
  readonly #context: ServerContext;

  private constructor(plan: ChatPlan, context: ServerContext) {
    this.#plan = plan;
    this.#context = context;
  }

  /** @throws RequestError, CompileError for what is asked; HttpError 503 while the model loads */
  static async plan(input: ChatInput, context: ServerContext): Promise<Conversation> {
    return new Conversation(await planChat(input, context), context);
  }

  /** Tokens of the prompt, where the input asks that they be counted before its output comes. */
  get promptTokens(): number | undefined {
    return this.#plan.request.promptTokens?.length;
  }

  /** The outputs, one a choice. */
  async whole(signal: AbortSignal): Promise<ChatOutput[]> {
    const results = await this.#batch(signal).whole();
    return results.map((result) => {
      const { text, tokens, logprobs } = result;
      const chunk = { text, tokens, allowed: [], ...(logprobs && { logprobs }), result };
      return gather(new OutputReader(this.#plan.reading).read(chunk));
    });
  }

  /**
   * What each chunk of output says, as it comes, with its choice. Errors before the first output of each are thrown here, later
   * ones from the iteration.
   */
  async stream(signal: AbortSignal): Promise<AsyncIterable<ChoiceEvents>> {
    const { choices, reading } = this.#plan;
    const chunks = await this.#batch(signal).stream();
    const readers = Array.from({ length: choices }, () => new OutputReader(reading));
    return mapped(chunks, ([choice, chunk]): ChoiceEvents => [choice, readers[choice].read(chunk)]);
  }

  #batch(signal: AbortSignal): Batch {
    const { request, choices, steps } = this.#plan;
    const { engine } = this.#context;
    const runner = steps ? engine.behind((inner) => new ThinkingEngine(inner, steps)) : engine;
    return new Batch(runner, [request], signal, choices);
  }
}

/** Tokens of the prompt that a chat makes. @throws TokenizerError for a chat that the template refuses */
export async function countPromptTokens(input: ChatInput, context: ServerContext): Promise<number> {
  const prompt = await renderPrompt(input, context);
  return (await context.engine.tokenize(prompt, { addSpecialTokens: false })).length;
}
