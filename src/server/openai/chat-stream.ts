// A chat completion that is streamed: chat events -> `chat.completion.chunk` events.
// Each chunk has the same id; follow-up tool-call deltas leave out id, type and name, which clients check.
import type { ChosenTokenLogprob } from '../../engine/index.js';
import type { ChatEvent, ChatUsage, ChoiceEvents } from '../conversation/index.js';
import { newId } from '../ids.js';
import { type ChatTelling, chatUsageBody } from './chat-answer.js';
import { CustomInput } from './custom-input.js';
import { chatLogprobs } from './logprobs.js';

interface Delta {
  role?: 'assistant';
  content?: string;
  reasoning_content?: string;
  tool_calls?: readonly object[];
}

export interface StreamTelling extends ChatTelling {
  readonly choices: number;
  readonly includeUsage: boolean;
  /** Whether thinking is told as it comes; else at once when it is over. */
  readonly streamsReasoning: boolean;
}

/** The events of one streamed answer, `[DONE]` left out. */
export async function* chatChunks(
  stream: AsyncIterable<ChoiceEvents>,
  telling: StreamTelling,
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
  for await (const [index, events] of stream)
    for (const event of events) for (const choice of writers[index].write(event)) yield chunk([choice]);
  if (telling.includeUsage) yield chunk([], chatUsageBody(writers.map((writer) => writer.usage)));
}

/** Turns the events of one choice into deltas. */
class ChoiceWriter {
  readonly #index: number;
  readonly #telling: StreamTelling;
  /** Thinking that is told when it is over. */
  #thought = '';
  /** Those of tokens whose text has not been written yet. */
  #logprobs: ChosenTokenLogprob[] = [];
  #usage: ChatUsage | undefined;
  /** Reads the input of the call that is being written, where it is a custom one. */
  #input: CustomInput | undefined;

  constructor(index: number, telling: StreamTelling) {
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
    if (event.type !== 'end') {
      const delta = this.#deltaOf(event);
      return delta ? [...before, this.#choice(delta)] : before;
    }
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

  /** Undefined for what says nothing by itself: JSON around a custom tool's input. */
  #deltaOf(event: Exclude<ChatEvent, { type: 'logprobs' | 'end' }>): Delta | undefined {
    if (event.type === 'text') return { content: event.text };
    if (event.type === 'reasoning') return { reasoning_content: event.text };
    const { index } = event;
    if (event.type === 'call')
      return { tool_calls: [{ index, id: event.id, ...this.#begunCall(event.name) }] };
    if (!this.#input) return { tool_calls: [{ index, function: { arguments: event.text } }] };
    const input = this.#input.push(event.text);
    return input === '' ? undefined : { tool_calls: [{ index, custom: { input } }] };
  }

  #begunCall(name: string): object {
    const isCustom = this.#telling.custom.has(name);
    this.#input = isCustom ? new CustomInput() : undefined;
    if (isCustom) return { type: 'custom', custom: { name, input: '' } };
    return { type: 'function', function: { name, arguments: '' } };
  }
}
