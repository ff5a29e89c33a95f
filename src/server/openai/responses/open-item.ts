// An output item while it is written: the events that open it, add to it and close it. One class an item type.
// Events lack their sequence numbers here; the writer (writer.ts) counts them.
import { newId } from '../../ids.js';
import { CustomInput } from '../custom-input.js';
import type { ItemStatus, OutputItem } from './items.js';

export interface PartialEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface OpenItem {
  /** As it stands. */
  item(status: ItemStatus): OutputItem;
  begin(): PartialEvent[];
  /** More of its text; `logprobs` are those of its tokens. */
  add(text: string, logprobs: readonly object[]): PartialEvent[];
  /** Before `output_item.done`. */
  end(logprobs: readonly object[]): PartialEvent[];
}

export class OpenMessage implements OpenItem {
  readonly #id = newId('msg_');
  readonly #place: object;
  #text = '';
  readonly #logprobs: object[] = [];

  constructor(outputIndex: number) {
    this.#place = { item_id: this.#id, output_index: outputIndex, content_index: 0 };
  }

  #part() {
    return {
      type: 'output_text' as const,
      text: this.#text,
      annotations: [],
      logprobs: [...this.#logprobs],
    };
  }

  item(status: ItemStatus): OutputItem {
    const content = status === 'in_progress' ? [] : [this.#part()];
    return { type: 'message', id: this.#id, role: 'assistant', status, content };
  }

  begin(): PartialEvent[] {
    return [{ type: 'response.content_part.added', ...this.#place, part: this.#part() }];
  }

  add(text: string, logprobs: readonly object[]): PartialEvent[] {
    this.#text += text;
    this.#logprobs.push(...logprobs);
    return [{ type: 'response.output_text.delta', ...this.#place, delta: text, logprobs }];
  }

  end(logprobs: readonly object[]): PartialEvent[] {
    this.#logprobs.push(...logprobs);
    const part = this.#part();
    return [
      { type: 'response.output_text.done', ...this.#place, text: part.text, logprobs: part.logprobs },
      { type: 'response.content_part.done', ...this.#place, part },
    ];
  }
}

/** Thinking: as its own text, or as its summary where the client asked for one, which is the thinking unabridged. */
export class OpenReasoning implements OpenItem {
  readonly #id = newId('rs_');
  readonly #place: object;
  readonly #asSummary: boolean;
  #text = '';

  constructor(outputIndex: number, asSummary: boolean) {
    this.#asSummary = asSummary;
    this.#place = {
      item_id: this.#id,
      output_index: outputIndex,
      [asSummary ? 'summary_index' : 'content_index']: 0,
    };
  }

  item(status: ItemStatus): OutputItem {
    const base = { type: 'reasoning' as const, id: this.#id, status };
    if (status === 'in_progress') return { ...base, summary: [] };
    const text = this.#text;
    if (this.#asSummary) return { ...base, summary: [{ type: 'summary_text', text }] };
    return { ...base, summary: [], content: [{ type: 'reasoning_text', text }] };
  }

  #event(what: 'part' | 'text', when: 'added' | 'delta' | 'done', fields: object): PartialEvent {
    const inContent = what === 'part' ? 'content_part' : 'reasoning_text';
    const name = this.#asSummary ? `reasoning_summary_${what}` : inContent;
    return { type: `response.${name}.${when}`, ...this.#place, ...fields };
  }

  #part(): object {
    return { type: this.#asSummary ? 'summary_text' : 'reasoning_text', text: this.#text };
  }

  begin(): PartialEvent[] {
    return [this.#event('part', 'added', { part: this.#part() })];
  }

  add(text: string): PartialEvent[] {
    this.#text += text;
    return [this.#event('text', 'delta', { delta: text })];
  }

  end(): PartialEvent[] {
    return [
      this.#event('text', 'done', { text: this.#text }),
      this.#event('part', 'done', { part: this.#part() }),
    ];
  }
}

export class OpenFunctionCall implements OpenItem {
  readonly #id = newId('fc_');
  readonly #place: object;
  readonly #call: { readonly call_id: string; readonly name: string };
  #arguments = '';

  constructor(outputIndex: number, callId: string, name: string) {
    this.#place = { item_id: this.#id, output_index: outputIndex };
    this.#call = { call_id: callId, name };
  }

  item(status: ItemStatus): OutputItem {
    return { type: 'function_call', id: this.#id, ...this.#call, status, arguments: this.#arguments };
  }

  begin(): PartialEvent[] {
    return [];
  }

  add(text: string): PartialEvent[] {
    this.#arguments += text;
    return [{ type: 'response.function_call_arguments.delta', ...this.#place, delta: text }];
  }

  end(): PartialEvent[] {
    const { name } = this.#call;
    return [
      {
        type: 'response.function_call_arguments.done',
        ...this.#place,
        name,
        arguments: this.#arguments,
      },
    ];
  }
}

export class OpenCustomCall implements OpenItem {
  readonly #id = newId('ctc_');
  readonly #place: object;
  readonly #call: { readonly call_id: string; readonly name: string };
  readonly #reader = new CustomInput();
  #input = '';

  constructor(outputIndex: number, callId: string, name: string) {
    this.#place = { item_id: this.#id, output_index: outputIndex };
    this.#call = { call_id: callId, name };
  }

  item(status: ItemStatus): OutputItem {
    return { type: 'custom_tool_call', id: this.#id, ...this.#call, status, input: this.#input };
  }

  begin(): PartialEvent[] {
    return [];
  }

  add(json: string): PartialEvent[] {
    const text = this.#reader.push(json);
    if (text === '') return [];
    this.#input += text;
    return [{ type: 'response.custom_tool_call_input.delta', ...this.#place, delta: text }];
  }

  end(): PartialEvent[] {
    return [{ type: 'response.custom_tool_call_input.done', ...this.#place, input: this.#input }];
  }
}
