// Chat events -> the events of a response, and the response itself: a whole answer is the last state of a streamed one.
import type { ChatEnd, ChatEvent } from '../../conversation/index.js';
import type { Problem } from '../../errors.js';
import type { TokenBytes } from '../../token-names.js';
import { chatLogprobs } from '../logprobs.js';
import type { ItemStatus, OutputItem } from './items.js';
import {
  OpenCustomCall,
  OpenFunctionCall,
  type OpenItem,
  OpenMessage,
  OpenReasoning,
  type PartialEvent,
} from './open-item.js';
import { endResponse, failResponse, type ResponseObject } from './response.js';

export interface ResponseEvent extends PartialEvent {
  readonly sequence_number: number;
}

export interface WriterOptions {
  /** Names of tools whose calls are custom ones. */
  readonly custom: ReadonlySet<string>;
  /** Whether thinking is told as its summary. */
  readonly asSummary: boolean;
  /** Names the tokens of log-probabilities. */
  readonly tokenizer?: TokenBytes | undefined;
}

type Kind = 'text' | 'reasoning' | 'call';

export class ResponseWriter {
  readonly #options: WriterOptions;
  readonly #output: OutputItem[] = [];
  #response: ResponseObject;
  #open: { readonly kind: Kind; readonly writer: OpenItem } | undefined;
  /** Those of tokens whose text has not been written yet. */
  #logprobs: object[] = [];
  #sequence = 0;

  constructor(begun: ResponseObject, options: WriterOptions) {
    this.#response = begun;
    this.#options = options;
  }

  /** As it stands: in progress until `end` has been written. */
  get response(): ResponseObject {
    return this.#response;
  }

  /** A response in the background is queued then, until {@link progress}. */
  begin(): ResponseEvent[] {
    const response = this.#response;
    return this.#count([
      { type: 'response.created', response },
      { type: `response.${response.status}`, response },
    ]);
  }

  /** The output of a response that was queued begins. */
  progress(): ResponseEvent[] {
    const response: ResponseObject = { ...this.#response, status: 'in_progress' };
    this.#response = response;
    return this.#count([{ type: 'response.in_progress', response }]);
  }

  write(event: ChatEvent): ResponseEvent[] {
    return this.#count(this.#eventsOf(event));
  }

  /** The end of a response that failed after it had begun. */
  fail({ code, message }: Problem): ResponseEvent {
    if (this.#open) this.#close('incomplete');
    this.#response = failResponse(this.#response, this.#output, { code, message });
    return this.#count([{ type: 'response.failed', response: this.#response }])[0];
  }

  /** The end of a response that was cancelled, of which no event tells. */
  cancel(): void {
    if (this.#open) this.#close('incomplete');
    this.#response = { ...this.#response, status: 'cancelled', output: this.#output };
  }

  #count(events: readonly PartialEvent[]): ResponseEvent[] {
    return events.map((event) => ({ ...event, sequence_number: this.#sequence++ }));
  }

  #eventsOf(event: ChatEvent): PartialEvent[] {
    switch (event.type) {
      case 'logprobs': {
        const { tokenizer } = this.#options;
        if (tokenizer) this.#logprobs.push(...chatLogprobs(event.found, tokenizer).content);
        return [];
      }
      case 'text':
        return this.#add(
          'text',
          event.text,
          () => new OpenMessage(this.#output.length),
          this.#logprobs.splice(0),
        );
      case 'reasoning':
        this.#logprobs = [];
        return this.#add(
          'reasoning',
          event.text,
          () => new OpenReasoning(this.#output.length, this.#options.asSummary),
        );
      case 'call':
        this.#logprobs = [];
        return [...this.#close('completed'), ...this.#begin('call', this.#call(event.id, event.name))];
      case 'arguments':
        this.#logprobs = [];
        return this.#open?.writer.add(event.text, []) ?? [];
      case 'end':
        return this.#end(event.end);
    }
  }

  #call(id: string, name: string): OpenItem {
    const Call = this.#options.custom.has(name) ? OpenCustomCall : OpenFunctionCall;
    return new Call(this.#output.length, id, name);
  }

  /** Text for the open item if it is of that kind, else for a new one. */
  #add(kind: Kind, text: string, make: () => OpenItem, logprobs: readonly object[] = []): PartialEvent[] {
    if (this.#open?.kind === kind) return this.#open.writer.add(text, logprobs);
    const closing = this.#close('completed');
    const writer = make();
    return [...closing, ...this.#begin(kind, writer), ...writer.add(text, logprobs)];
  }

  #begin(kind: Kind, writer: OpenItem): PartialEvent[] {
    this.#open = { kind, writer };
    const item = writer.item('in_progress');
    return [
      { type: 'response.output_item.added', output_index: this.#output.length, item },
      ...writer.begin(),
    ];
  }

  #close(status: ItemStatus): PartialEvent[] {
    if (!this.#open) return [];
    const { writer } = this.#open;
    const events = writer.end(this.#logprobs.splice(0));
    const item = writer.item(status);
    const done = { type: 'response.output_item.done', output_index: this.#output.length, item };
    this.#output.push(item);
    this.#open = undefined;
    return [...events, done];
  }

  #end(end: ChatEnd): PartialEvent[] {
    const events: PartialEvent[] = [];
    // An answer that says nothing is an empty message.
    if (!this.#open && this.#output.length === 0)
      events.push(...this.#begin('text', new OpenMessage(this.#output.length)));
    events.push(...this.#close(end.reason === 'length' ? 'incomplete' : 'completed'));
    this.#response = endResponse(this.#response, this.#output, end);
    return [...events, { type: `response.${this.#response.status}`, response: this.#response }];
  }
}
