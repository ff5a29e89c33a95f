// The items that conversations in the Responses API are made of, as they are stored, listed and answered.
// Input comes in several spellings of these (input.ts); output is written as these (open-item.ts).

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface TextPart {
  readonly type: 'input_text';
  readonly text: string;
}

export interface OutputTextPart {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly unknown[];
  readonly logprobs?: readonly object[];
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly refusal: string;
}

export interface MessageItem {
  readonly type: 'message';
  readonly id: string;
  readonly role: 'user' | 'system' | 'developer' | 'assistant';
  readonly status: ItemStatus;
  readonly content: readonly (TextPart | OutputTextPart | RefusalPart)[];
}

export interface ReasoningItem {
  readonly type: 'reasoning';
  readonly id: string;
  readonly status: ItemStatus;
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
  readonly content?: readonly { readonly type: 'reasoning_text'; readonly text: string }[];
}

export interface FunctionCallItem {
  readonly type: 'function_call';
  readonly id: string;
  readonly call_id: string;
  readonly status: ItemStatus;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface CustomCallItem {
  readonly type: 'custom_tool_call';
  readonly id: string;
  readonly call_id: string;
  readonly status: ItemStatus;
  readonly name: string;
  readonly input: string;
}

export interface CallOutputItem {
  readonly type: 'function_call_output' | 'custom_tool_call_output';
  readonly id: string;
  readonly call_id: string;
  readonly status: ItemStatus;
  readonly output: string | readonly TextPart[];
}

export type OutputItem = MessageItem | ReasoningItem | FunctionCallItem | CustomCallItem;
export type ConversationItem = OutputItem | CallOutputItem;
