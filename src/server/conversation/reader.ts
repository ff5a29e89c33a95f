// One output's text -> what a chat is told of it: thinking apart, then calls apart. How the text is cut changes nothing but
// the size of the events.
import type { GenerateChunk, GenerateResult } from '../../engine/index.js';
import type { ReasoningEvent, ReasoningSplitter, ToolCallParser, ToolEvent } from '../../tools/index.js';
import { finishReason } from '../finish-reason.js';
import { newId } from '../ids.js';
import type { TokenBytes } from '../token-names.js';
import type { ChatCall, ChatEnd, ChatEvent, ChatOutput } from './types.js';

/** How outputs are read: each gets a splitter and a parser of its own. */
export interface Reading {
  readonly splitter?: () => ReasoningSplitter;
  readonly parser?: () => ToolCallParser;
  readonly tokenizer: TokenBytes;
  /** Whether the text leaves special tokens out. */
  readonly skipsSpecialTokens: boolean;
}

export class OutputReader {
  readonly #reading: Reading;
  readonly #splitter: ReasoningSplitter | undefined;
  readonly #parser: ToolCallParser | undefined;
  #calls = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#splitter = reading.splitter?.();
    this.#parser = reading.parser?.();
  }

  /** @throws HttpError 503 `aborted` for an output that the server ended before it was done. */
  read({ text, logprobs, result }: GenerateChunk): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (logprobs && logprobs.length > 0) events.push({ type: 'logprobs', found: logprobs });
    this.#readText(text, events);
    if (!result) return events;
    for (const piece of this.#splitter?.finish() ?? []) this.#parse(piece, events);
    for (const event of this.#parser?.finish() ?? []) events.push(this.#event(event));
    events.push({ type: 'end', end: this.#end(result) });
    return events;
  }

  #readText(text: string, events: ChatEvent[]): void {
    if (this.#splitter) for (const piece of this.#splitter.push(text)) this.#parse(piece, events);
    else if (text !== '') this.#parse({ type: 'text', text }, events);
  }

  #parse(piece: ReasoningEvent, events: ChatEvent[]): void {
    if (piece.type === 'reasoning' || !this.#parser) events.push(piece);
    else for (const event of this.#parser.push(piece.text)) events.push(this.#event(event));
  }

  #event(event: ToolEvent): ChatEvent {
    if (event.type === 'text') return event;
    if (event.type === 'arguments') return { ...event, index: this.#calls - 1 };
    const { name, id = newId('call_') } = event;
    return { type: 'call', index: this.#calls++, id, name };
  }

  #end(result: GenerateResult): ChatEnd {
    const finish = finishReason(result);
    const { matchedStop = null, usage } = result;
    const { promptTokens, cachedTokens, outputTokens } = usage;
    const reason = finish === 'stop' && this.#calls > 0 ? 'tool_calls' : finish;
    const reasoningTokens = this.#reasoningTokens(result);
    return { reason, matchedStop, usage: { promptTokens, cachedTokens, outputTokens, reasoningTokens } };
  }

  /** The tokens up to the one that ends the thinking. */
  #reasoningTokens({ text, tokens }: GenerateResult): number {
    const end = this.#splitter?.thinkingEnd ?? 0;
    if (end >= text.length && end > 0) return tokens.length;
    let left = Buffer.byteLength(text.slice(0, end));
    const index = tokens.findIndex((id) => {
      if (left <= 0) return true;
      left -= this.#bytesOf(id);
      return false;
    });
    return index === -1 ? tokens.length : index;
  }

  #bytesOf(id: number): number {
    const { tokenizer, skipsSpecialTokens } = this.#reading;
    if (tokenizer.isSpecial(id)) return skipsSpecialTokens ? 0 : (tokenizer.specialBytes(id)?.length ?? 0);
    return tokenizer.tokenBytes(id)?.length ?? 0;
  }
}

/** The events of a whole output, gathered. */
export function gather(events: Iterable<ChatEvent>): ChatOutput {
  let reasoning = '';
  let text = '';
  const calls: { -readonly [field in keyof ChatCall]: ChatCall[field] }[] = [];
  const logprobs: ChatOutput['logprobs'][number][] = [];
  let end: ChatEnd | undefined;
  for (const event of events) {
    if (event.type === 'reasoning') reasoning += event.text;
    else if (event.type === 'text') text += event.text;
    else if (event.type === 'call') calls.push({ id: event.id, name: event.name, arguments: '' });
    else if (event.type === 'arguments') calls[event.index].arguments += event.text;
    else if (event.type === 'logprobs') logprobs.push(...event.found);
    else end = event.end;
  }
  if (!end) throw new Error('the events of an output have no end');
  return { reasoning, text, calls, logprobs, end };
}
