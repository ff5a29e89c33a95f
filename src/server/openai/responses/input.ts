// Input as clients send it (a text, items in several spellings, references to stored items) -> conversation items.
import { RequestError } from '../../../errors.js';
import { newId } from '../../ids.js';
import type { InputItem, InputPart } from './body.js';
import type { CallOutputItem, ConversationItem, MessageItem, ReasoningItem, TextPart } from './items.js';

/** A stored item by its id. */
export type FindItem = (id: string) => ConversationItem | undefined;

/**
 * Each item with an id, its texts as parts.
 * @throws RequestError naming the item and the field that cannot be taken.
 */
export function readInput(input: string | readonly InputItem[], find: FindItem): ConversationItem[] {
  if (typeof input !== 'string') return input.map((item, index) => readItem(item, `input[${index}]`, find));
  const content: TextPart[] = [{ type: 'input_text', text: input }];
  return [{ type: 'message', id: newId('msg_'), role: 'user', status: 'completed', content }];
}

function readItem(item: InputItem, where: string, find: FindItem): ConversationItem {
  const type = item.type ?? (item.role === undefined ? 'item_reference' : 'message');
  const status = item.status === 'incomplete' ? 'incomplete' : 'completed';
  switch (type) {
    case 'message':
      return { ...readMessage(item, where), status };
    case 'reasoning':
      return { ...readReasoning(item, where), status };
    case 'function_call': {
      const [call_id, name, text] = texts(item, where, 'call_id', 'name', 'arguments');
      return { type, id: item.id || newId('fc_'), call_id, status, name, arguments: text };
    }
    case 'custom_tool_call': {
      const [call_id, name, input] = texts(item, where, 'call_id', 'name', 'input');
      return { type, id: item.id || newId('ctc_'), call_id, status, name, input };
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { ...readOutput(item, type, where), status };
    case 'item_reference':
      return referred(item, where, find);
    default:
      throw new RequestError(
        'unsupported_item',
        `${where}.type ${JSON.stringify(type)} is not supported; use message, reasoning, function_call, function_call_output, custom_tool_call, custom_tool_call_output or item_reference`,
        `${where}.type`,
      );
  }
}

function readMessage(item: InputItem, where: string): Omit<MessageItem, 'status'> {
  const { role, content } = item;
  if (role === undefined) throw missing(`${where}.role`);
  if (content === undefined || content === null) throw missing(`${where}.content`);
  const id = item.id || newId('msg_');
  const part = (text: string) =>
    role === 'assistant'
      ? { type: 'output_text' as const, text, annotations: [] }
      : { type: 'input_text' as const, text };
  if (typeof content === 'string')
    return { type: 'message', id, role: asRole(role), content: [part(content)] };
  const parts = content.map((one, index) => {
    const at = `${where}.content[${index}]`;
    if (one.type === 'refusal')
      return { type: 'refusal' as const, refusal: textOf(one.refusal, `${at}.refusal`) };
    return part(partText(one, at));
  });
  return { type: 'message', id, role: asRole(role), content: parts };
}

/** The body's schema has made sure of it. */
function asRole(role: string): MessageItem['role'] {
  return role as MessageItem['role'];
}

function partText(part: InputPart, where: string): string {
  if (part.type === 'input_text' || part.type === 'output_text' || part.type === 'text')
    return textOf(part.text, `${where}.text`);
  throw new RequestError(
    'unsupported_content',
    `${where}.type ${JSON.stringify(part.type)} is not supported; only text is`,
    `${where}.type`,
  );
}

function readReasoning(item: InputItem, where: string): Omit<ReasoningItem, 'status'> {
  const parts = typeof item.content === 'string' ? [] : (item.content ?? []);
  const content = parts.map((part, index) => ({
    type: 'reasoning_text' as const,
    text: textOf(part.text, `${where}.content[${index}].text`),
  }));
  const summary = (item.summary ?? []).map((part, index) => ({
    type: 'summary_text' as const,
    text: textOf(part.text, `${where}.summary[${index}].text`),
  }));
  return { type: 'reasoning', id: item.id || newId('rs_'), summary, ...(content.length > 0 && { content }) };
}

function readOutput(
  item: InputItem,
  type: CallOutputItem['type'],
  where: string,
): Omit<CallOutputItem, 'status'> {
  const [call_id] = texts(item, where, 'call_id');
  const id = item.id || newId('fco_');
  const { output } = item;
  if (output === undefined || output === null) throw missing(`${where}.output`);
  if (typeof output === 'string') return { type, id, call_id, output };
  const parts = output.map((part, index) => ({
    type: 'input_text' as const,
    text: partText(part, `${where}.output[${index}]`),
  }));
  return { type, id, call_id, output: parts };
}

function referred(item: InputItem, where: string, find: FindItem): ConversationItem {
  const [id] = texts(item, where, 'id');
  const found = find(id);
  if (found) return found;
  throw new RequestError(
    'item_not_found',
    `${where}: no stored response has an item with the id ${JSON.stringify(id)}; send the item itself`,
    `${where}.id`,
  );
}

type TextField = 'id' | 'call_id' | 'name' | 'arguments' | 'input';

function texts<const F extends readonly TextField[]>(
  item: InputItem,
  where: string,
  ...fields: F
): { [K in keyof F]: string } {
  return fields.map((field) => textOf(item[field], `${where}.${field}`)) as { [K in keyof F]: string };
}

function textOf(value: string | null | undefined, where: string): string {
  if (value === undefined || value === null) throw missing(where);
  return value;
}

function missing(where: string): RequestError {
  return new RequestError('invalid_value', `${where} is required`, where);
}
