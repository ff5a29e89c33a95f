// The body of POST /v1/responses: its JSON Schema for validation, its type, and the fields that are refused by name.
import {
  minTokensSchema,
  type PlaceFields,
  placeProperties,
  type SamplingFields,
  samplingProperties,
  seedSchema,
} from '../../sampling.js';
import { isEmpty, type UnsupportedField } from '../../unsupported.js';
import { tokenCountSchema } from '../common-fields.js';
import { type ConstraintFields, constraintProperties } from '../constraint.js';
import { EFFORTS } from '../effort.js';

/** An input item as a client sends it; `type` may be missing of messages. */
export interface InputItem {
  readonly type?: string | null;
  readonly id?: string | null;
  readonly status?: string | null;
  readonly role?: string;
  readonly content?: string | readonly InputPart[] | null;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly input?: string;
  readonly output?: string | readonly InputPart[];
  readonly summary?: readonly InputPart[];
}

export interface InputPart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
}

export interface TextFormat {
  readonly type: string;
  readonly schema?: unknown;
  readonly [field: string]: unknown;
}

export type ResponseTool = Readonly<Record<string, unknown>> & { readonly type: string };
export type ResponseToolChoice = string | (Readonly<Record<string, unknown>> & { readonly type: string });

export interface ResponsesBody
  extends SamplingFields,
    PlaceFields,
    Pick<ConstraintFields, 'regex' | 'ebnf' | 'lark'> {
  readonly [field: string]: unknown;
  readonly input?: string | readonly InputItem[] | null;
  readonly instructions?: string | null;
  readonly previous_response_id?: string | null;
  readonly tools?: readonly ResponseTool[] | null;
  readonly tool_choice?: ResponseToolChoice | null;
  readonly parallel_tool_calls?: boolean | null;
  readonly text?: { readonly format?: TextFormat | null; readonly verbosity?: string | null } | null;
  readonly reasoning?: {
    readonly effort?: string | null;
    readonly summary?: string | null;
    readonly generate_summary?: string | null;
  } | null;
  readonly include?: readonly string[] | null;
  readonly top_logprobs?: number | null;
  readonly max_output_tokens?: number | null;
  readonly max_tool_calls?: number | null;
  readonly min_tokens?: number | null;
  readonly seed?: number | null;
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly truncation?: 'auto' | 'disabled' | null;
  readonly store?: boolean | null;
  readonly stream?: boolean | null;
  /** Answered at once; the response is polled. */
  readonly background?: boolean | null;
  readonly chat_template_kwargs?: Record<string, unknown> | null;
  /** Most tokens of thinking. */
  readonly thinking_budget?: number | null;
  readonly rid?: string | null;
}

const partsSchema = {
  type: ['string', 'array', 'null'],
  items: {
    type: 'object',
    required: ['type'],
    properties: { type: { type: 'string' }, text: { type: 'string' }, refusal: { type: 'string' } },
  },
} as const;

const itemSchema = {
  type: 'object',
  properties: {
    type: { type: ['string', 'null'] },
    id: { type: ['string', 'null'], maxLength: 256 },
    status: { type: ['string', 'null'] },
    role: { enum: ['user', 'system', 'developer', 'assistant'] },
    content: partsSchema,
    call_id: { type: 'string', maxLength: 256 },
    name: { type: 'string' },
    arguments: { type: 'string' },
    input: { type: 'string' },
    output: partsSchema,
    summary: { ...partsSchema, type: 'array' },
  },
} as const;

const nullableString = { type: ['string', 'null'] } as const;

export const responsesSchema = {
  type: 'object',
  properties: {
    ...samplingProperties,
    ...placeProperties,
    regex: constraintProperties.regex,
    ebnf: constraintProperties.ebnf,
    lark: constraintProperties.lark,
    model: nullableString,
    input: { type: ['string', 'array', 'null'], items: itemSchema },
    instructions: nullableString,
    previous_response_id: nullableString,
    tools: {
      type: ['array', 'null'],
      items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
    },
    tool_choice: {
      type: ['string', 'object', 'null'],
      required: ['type'],
      properties: { type: { type: 'string' } },
    },
    parallel_tool_calls: { type: ['boolean', 'null'] },
    text: {
      type: ['object', 'null'],
      properties: {
        format: {
          type: ['object', 'null'],
          required: ['type'],
          properties: { type: { enum: ['text', 'json_object', 'json_schema', 'structural_tag'] } },
        },
        verbosity: nullableString,
      },
    },
    reasoning: {
      type: ['object', 'null'],
      properties: {
        effort: { enum: [...EFFORTS, null] },
        summary: { enum: ['auto', 'concise', 'detailed', null] },
        generate_summary: { enum: ['auto', 'concise', 'detailed', null] },
      },
    },
    include: { type: ['array', 'null'], items: { type: 'string' } },
    top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    max_output_tokens: tokenCountSchema,
    max_tool_calls: { type: ['integer', 'null'] },
    min_tokens: minTokensSchema,
    seed: seedSchema,
    metadata: {
      type: ['object', 'null'],
      maxProperties: 16,
      propertyNames: { maxLength: 64 },
      additionalProperties: { type: 'string', maxLength: 512 },
    },
    truncation: { enum: ['auto', 'disabled', null] },
    store: { type: ['boolean', 'null'] },
    stream: { type: ['boolean', 'null'] },
    background: { type: ['boolean', 'null'] },
    chat_template_kwargs: { type: ['object', 'null'] },
    thinking_budget: { type: ['integer', 'null'], minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    rid: nullableString,
    // Of a kept prompt; refused here, as the engine's errors call the input so.
    prompt: { type: 'null' },
  },
} as const;

/** Fields that ask for what is not there. */
export const unsupportedResponsesFields: readonly UnsupportedField[] = [
  { name: 'conversation', instead: 'use previous_response_id' },
  { name: 'context_management', inert: isEmpty },
  { name: 'moderation' },
  { name: 'response_format', instead: 'use text.format' },
  { name: 'messages', instead: 'use input' },
  { name: 'functions', inert: isEmpty, instead: 'use tools' },
];

/** What `include` may name: log-probabilities are told; what the others would add does not occur here. */
export const includable: ReadonlySet<string> = new Set([
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
]);
