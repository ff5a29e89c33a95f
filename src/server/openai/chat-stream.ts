// A chat completion that is streamed: chat events -> `chat.completion.chunk` events.
// Each chunk has the same id; follow-up tool-call deltas leave out id, type and name, which clients check.
import type { ChosenTokenLogprob } from '../../engine/index.js';
import type { ChatEvent, ChatUsage } from '../conversation/index.js';
import { newId } from '../ids.js';
import type { TokenBytes } from '../token-names.js';
import { chatUsageBody } from './chat-answer.js';
import { chatLogprobs } from './logprobs.js';

interface Delta {
  role?: 'assistant';
  content?: string;
  reasoning_content?: string;
  tool_calls?: readonly object[];
}

export interface ChatTelling {
  readonly model: string;
  readonly choices: number;
  readonly includeUsage: boolean;
  /** Whether thinking is told as it comes; else at once when it is over. */
  readonly streamsReasoning: boolean;
  /** Names the tokens of log-probabilities, where they were asked for. */
  readonly tokenizer: TokenBytes | undefined;
}

/** The events of one streamed answer, `[DONE]` left out. */
export async function* chatChunks(
  events: AsyncIterable<readonly [choice: number, event: ChatEvent]>,
  telling: ChatTelling,
): AsyncGenerator<object> {
  const base = {
    id: newId('chatcmpl-'),
    object: 'chat.completion.chunk',
    created: Math.floor(Date.now() / 1000),
    model: telling.model,
  };
  const chunk = (choices: readonly object[], usage: object | null = null) => ({
    ...base,
    choices,
    ...(telling.includeUsage && { usage }),
  });

  const writers = Array.from({ length: telling.choices }, (_, index) => new ChoiceWriter(index, telling));
  for (const writer of writers) yield chunk([writer.begin()]);
  for await (const [index, event] of events)
    for (const choice of writers[index].write(event)) yield chunk([choice]);
  if (telling.includeUsage) yield chunk([], chatUsageBody(writers.map((writer) => writer.usage)));
}

/** Turns the events of one choice into deltas. */
class ChoiceWriter {
  readonly #index: number;
  readonly #telling: ChatTelling;
  /** Thinking that is told when it is over. */
  #thought = '';
  /** Those of tokens whose text has not been written yet. */
  #logprobs: ChosenTokenLogprob[] = [];
  #usage: ChatUsage | undefined;

  constructor(index: number, telling: ChatTelling) {
    this.#index = index;
    this.#telling = telling;
  }

  get usage(): ChatUsage {
    if (!this.#usage) throw new Error('the events of an output have no end');
    return this.#usage;
  }

  begin(): object {
    return this.#choice({ role: 'assistant', content: '' });
  }

  write(event: ChatEvent): object[] {
    if (event.type === 'logprobs') {
      this.#logprobs.push(...event.found);
      return [];
    }
    if (event.type === 'reasoning' && !this.#telling.streamsReasoning) {
      this.#thought += event.text;
      return [];
    }
    const before = this.#takeThought();
    if (event.type !== 'end') return [...before, this.#choice(deltaOf(event))];
    this.#usage = event.end.usage;
    if (this.#logprobs.length > 0) before.push(this.#choice({ content: '' }));
    const { reason, matchedStop } = event.end;
    return [...before, this.#choice({}, { finish_reason: reason, matched_stop: matchedStop })];
  }

  #takeThought(): object[] {
    if (this.#thought === '') return [];
    const thought = this.#choice({ reasoning_content: this.#thought });
    this.#thought = '';
    return [thought];
  }

  #choice(delta: Delta, end: object = { finish_reason: null }): object {
    const { tokenizer } = this.#telling;
    const told = this.#logprobs.splice(0);
    const logprobs = tokenizer && told.length > 0 ? chatLogprobs(told, tokenizer) : null;
    return { index: this.#index, delta, logprobs, ...end };
  }
}

function deltaOf(event: Exclude<ChatEvent, { type: 'logprobs' | 'end' }>): Delta {
  if (event.type === 'text') return { content: event.text };
  if (event.type === 'reasoning') return { reasoning_content: event.text };
  const { index } = event;
  if (event.type === 'arguments') return { tool_calls: [{ index, function: { arguments: event.text } }] };
  const begun = { name: event.name, arguments: '' };
  return { tool_calls: [{ index, id: event.id, type: 'function', function: begun }] };
}
