// The body of a chat completion request: its JSON Schema for validation, its type, and the fields that are refused by name.
import { isEmpty, type UnsupportedField } from '../unsupported.js';
import { type CommonFields, commonProperties, tokenCountSchema } from './common-fields.js';
import { EFFORTS } from './effort.js';

export interface ContentPart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
}

export interface MessageBody {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null;
  readonly name?: string | null;
  readonly tool_calls?:
    | readonly {
        readonly id?: string | null;
        readonly function?: { readonly name: string; readonly arguments: string | Record<string, unknown> };
        readonly custom?: { readonly name: string; readonly input: string };
      }[]
    | null;
  readonly tool_call_id?: string | null;
  /** What an assistant thought before it answered; both names are in use. */
  readonly reasoning_content?: string | null;
  readonly reasoning?: unknown;
}

export interface NamedTool {
  readonly type?: string;
  readonly function?: { readonly name?: string };
  readonly custom?: { readonly name?: string };
}

export type ToolChoice =
  | string
  | (NamedTool & {
      readonly type: string;
      readonly allowed_tools?: { readonly mode?: string; readonly tools?: readonly NamedTool[] };
    });

export interface ChatBody extends CommonFields {
  readonly [field: string]: unknown;
  readonly messages: readonly MessageBody[];
  readonly max_completion_tokens?: number | null;
  readonly logprobs?: boolean | null;
  readonly top_logprobs?: number | null;
  readonly tools?: readonly unknown[] | null;
  readonly tool_choice?: ToolChoice | null;
  readonly parallel_tool_calls?: boolean | null;
  readonly chat_template_kwargs?: Record<string, unknown> | null;
  readonly continue_final_message?: boolean | null;
  readonly reasoning_effort?: string | null;
  readonly separate_reasoning?: boolean | null;
  readonly stream_reasoning?: boolean | null;
  /** Most tokens of thinking. */
  readonly thinking_budget?: number | null;
}

/** Of its two kinds, a call has the field of one. */
const toolCallSchema = {
  type: 'object',
  properties: {
    id: { type: ['string', 'null'] },
    type: { enum: ['function', 'custom'] },
    custom: {
      type: 'object',
      required: ['name', 'input'],
      properties: { name: { type: 'string' }, input: { type: 'string' } },
    },
    function: {
      type: 'object',
      required: ['name', 'arguments'],
      properties: { name: { type: 'string' }, arguments: { type: ['string', 'object'] } },
    },
  },
};

const messageSchema = {
  type: 'object',
  required: ['role'],
  properties: {
    role: { enum: ['system', 'developer', 'user', 'assistant', 'tool'] },
    content: {
      type: ['string', 'array', 'null'],
      items: {
        type: 'object',
        required: ['type'],
        properties: { type: { type: 'string' }, text: { type: 'string' }, refusal: { type: 'string' } },
      },
    },
    name: { type: ['string', 'null'] },
    tool_calls: { type: ['array', 'null'], items: toolCallSchema },
    tool_call_id: { type: ['string', 'null'] },
    reasoning_content: { type: ['string', 'null'] },
  },
};

export const chatSchema = {
  type: 'object',
  required: ['messages'],
  properties: {
    messages: { type: 'array', minItems: 1, items: messageSchema },
    max_completion_tokens: tokenCountSchema,
    logprobs: { type: ['boolean', 'null'] },
    top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    tools: { type: ['array', 'null'] },
    tool_choice: {
      type: ['string', 'object', 'null'],
      required: ['type'],
      properties: {
        type: { type: 'string' },
        function: { type: 'object', required: ['name'] },
        custom: { type: 'object', required: ['name'] },
        allowed_tools: {
          type: 'object',
          properties: { mode: { type: 'string' }, tools: { type: 'array', items: { type: 'object' } } },
        },
      },
    },
    parallel_tool_calls: { type: ['boolean', 'null'] },
    chat_template_kwargs: { type: ['object', 'null'] },
    continue_final_message: { type: ['boolean', 'null'] },
    reasoning_effort: { enum: [...EFFORTS, null] },
    separate_reasoning: { type: ['boolean', 'null'] },
    stream_reasoning: { type: ['boolean', 'null'] },
    thinking_budget: { type: ['integer', 'null'], minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    ...commonProperties,
  },
};

const constrainWith =
  'constrain the output with response_format (a structural tag, too), regex, ebnf or lark';

/** Fields of OpenAI's API, and of other servers' extensions to it, that ask for what is not there yet. */
export const unsupportedChatFields: readonly UnsupportedField[] = [
  { name: 'functions', inert: isEmpty, instead: 'use tools' },
  { name: 'function_call', inert: ['none', 'auto'], instead: 'use tool_choice' },
  { name: 'audio' },
  { name: 'modalities', inert: (value) => Array.isArray(value) && value.every((one) => one === 'text') },
  { name: 'prediction' },
  { name: 'verbosity', inert: ['medium'] },
  { name: 'web_search_options' },
  { name: 'moderation' },
  { name: 'lora_path', inert: isEmpty },
  { name: 'session_params', inert: isEmpty },
  { name: 'custom_logit_processor', inert: isEmpty },
  { name: 'input_ids', instead: 'use /generate' },
  { name: 'return_hidden_states', inert: [false] },
  { name: 'structural_tag', inert: isEmpty, instead: constrainWith },
  { name: 'json_schema', inert: isEmpty, instead: constrainWith },
  { name: 'grammar', inert: isEmpty, instead: constrainWith },
  { name: 'structured_outputs', inert: isEmpty, instead: constrainWith },
  { name: 'guided_json', instead: constrainWith },
  { name: 'guided_regex', instead: constrainWith },
  { name: 'guided_choice', instead: constrainWith },
  { name: 'guided_grammar', instead: constrainWith },
];
