// Chat events -> the events of a streamed message: each stretch of text, thinking or call is a content block of its own.

import type { ChatEnd, ChatEvent } from '../conversation/index.js';
import { newId } from '../ids.js';

export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

type Delta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };

export interface Message {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
  readonly usage: object;
}

export type MessageEvent =
  | { readonly type: 'message_start'; readonly message: Message }
  | { readonly type: 'ping' | 'message_stop' }
  | {
      readonly type: 'content_block_start';
      readonly index: number;
      readonly content_block: ContentBlock;
    }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: Delta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta';
      readonly delta: Pick<Message, 'stop_reason' | 'stop_sequence'>;
      readonly usage: object;
    };

/** What an answer tells beside its events. */
export interface Telling {
  readonly model: string;
  /** What the client allowed, to tell its limit from the context's. */
  readonly maxTokens: number;
  /** The client does not want to read what the model thinks. */
  readonly hidesThinking: boolean;
  /** Known where the answer is streamed; a whole one has them from its end. */
  readonly promptTokens: number | undefined;
}

/** How much of the prompt was cached is known with the end: till then all of it counts as read. */
export async function* messageEvents(
  events: AsyncIterable<ChatEvent>,
  telling: Telling,
): AsyncGenerator<MessageEvent> {
  const message: Message = {
    id: newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: telling.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: telling.promptTokens ?? 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
      service_tier: 'standard',
    },
  };
  yield { type: 'message_start', message };
  yield { type: 'ping' };
  const blocks = new BlockWriter(telling.hidesThinking);
  for await (const event of events) {
    if (event.type !== 'end') yield* blocks.write(event);
    else {
      yield* blocks.close();
      const { end } = event;
      yield { type: 'message_delta', delta: stopOf(end, telling), usage: usageBody(end) };
    }
  }
  yield { type: 'message_stop' };
}

/** Opens and closes blocks as the kind of output changes. */
class BlockWriter {
  #index = -1;
  #open: ContentBlock['type'] | undefined;
  readonly #hidesThinking: boolean;

  constructor(hidesThinking: boolean) {
    this.#hidesThinking = hidesThinking;
  }

  *write(event: Exclude<ChatEvent, { type: 'end' }>): Generator<MessageEvent> {
    if (event.type === 'text') {
      if (this.#open !== 'text') yield* this.#begin({ type: 'text', text: '' });
      yield this.#delta({ type: 'text_delta', text: event.text });
    } else if (event.type === 'reasoning') {
      if (this.#open !== 'thinking') yield* this.#begin({ type: 'thinking', thinking: '', signature: '' });
      if (!this.#hidesThinking) yield this.#delta({ type: 'thinking_delta', thinking: event.text });
    } else if (event.type === 'call') {
      const { id, name } = event;
      yield* this.#begin({ type: 'tool_use', id, name, input: {} });
    } else if (event.type === 'arguments') {
      yield this.#delta({ type: 'input_json_delta', partial_json: event.text });
    }
  }

  *close(): Generator<MessageEvent> {
    if (this.#open === undefined) return;
    // Thoughts are not signed; clients wait for the signature all the same.
    if (this.#open === 'thinking') yield this.#delta({ type: 'signature_delta', signature: '' });
    yield { type: 'content_block_stop', index: this.#index };
    this.#open = undefined;
  }

  *#begin(block: ContentBlock): Generator<MessageEvent> {
    yield* this.close();
    this.#open = block.type;
    yield { type: 'content_block_start', index: ++this.#index, content_block: block };
  }

  #delta(delta: Delta): MessageEvent {
    return { type: 'content_block_delta', index: this.#index, delta };
  }
}

function stopOf({ reason, matchedStop, usage }: ChatEnd, { maxTokens }: Telling) {
  if (reason === 'tool_calls') return { stop_reason: 'tool_use', stop_sequence: null };
  if (reason === 'length') {
    const contextIsFull = usage.outputTokens < maxTokens;
    return {
      stop_reason: contextIsFull ? 'model_context_window_exceeded' : 'max_tokens',
      stop_sequence: null,
    };
  }
  if (typeof matchedStop === 'string') return { stop_reason: 'stop_sequence', stop_sequence: matchedStop };
  return { stop_reason: 'end_turn', stop_sequence: null };
}

/** As Anthropic counts: what came from the cache is not among `input_tokens`. Nothing is paid for being cached. */
function usageBody({ usage: { promptTokens, cachedTokens, outputTokens, reasoningTokens } }: ChatEnd) {
  return {
    input_tokens: promptTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: outputTokens,
    output_tokens_details: { thinking_tokens: reasoningTokens },
  };
}
