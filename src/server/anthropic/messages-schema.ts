// The body of POST /v1/messages: its JSON Schema for validation, its type, and the fields that are refused by name.
// What a content block must hold depends on its type, and is checked where it is read (content.ts).
import { samplingProperties } from '../sampling.js';
import { isEmpty, type UnsupportedField } from '../unsupported.js';

/** A block of a message's content. */
export interface ContentBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface MessageBody {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: string | readonly ContentBlock[];
}

export interface ToolBody {
  readonly name: string;
  readonly type?: string | null;
  readonly description?: string | null;
  readonly input_schema?: unknown;
  readonly input_examples?: readonly unknown[] | null;
  readonly defer_loading?: boolean | null;
  readonly allowed_callers?: readonly string[] | null;
}

export interface ToolChoiceBody {
  readonly type: 'auto' | 'any' | 'tool' | 'none';
  readonly name?: string;
  readonly disable_parallel_tool_use?: boolean | null;
}

export interface ThinkingBody {
  readonly type: 'enabled' | 'adaptive' | 'disabled';
  readonly budget_tokens?: number | null;
  readonly display?: 'summarized' | 'omitted' | null;
}

interface OutputFormat {
  readonly type: 'json_schema';
  readonly schema: unknown;
}

/** What the prompt is made from, and all that `count_tokens` takes. */
export interface PromptBody {
  readonly [field: string]: unknown;
  readonly messages: readonly MessageBody[];
  readonly system?: string | readonly ContentBlock[] | null;
  readonly tools?: readonly ToolBody[] | null;
  readonly tool_choice?: ToolChoiceBody | null;
  readonly thinking?: ThinkingBody | null;
  readonly output_config?: {
    readonly format?: OutputFormat | null;
    readonly effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max' | null;
  } | null;
  /** The name of `output_config.format` while it was a beta. */
  readonly output_format?: OutputFormat | null;
}

export interface MessagesBody extends PromptBody {
  readonly max_tokens: number;
  readonly stream?: boolean | null;
  readonly stop_sequences?: readonly string[] | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
}

const blocksSchema = {
  type: 'array',
  items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
} as const;

const formatSchema = {
  type: ['object', 'null'],
  required: ['type', 'schema'],
  properties: { type: { enum: ['json_schema'] }, schema: { type: ['object', 'boolean'] } },
} as const;

const toolSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    type: { type: ['string', 'null'] },
    description: { type: ['string', 'null'] },
    input_examples: { type: ['array', 'null'] },
    defer_loading: { type: ['boolean', 'null'] },
    allowed_callers: { type: ['array', 'null'], items: { type: 'string' } },
  },
} as const;

const promptProperties = {
  messages: {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      required: ['role', 'content'],
      properties: {
        role: { enum: ['user', 'assistant', 'system'] },
        content: { ...blocksSchema, type: ['string', 'array'] },
      },
    },
  },
  system: { ...blocksSchema, type: ['string', 'array', 'null'] },
  tools: { type: ['array', 'null'], items: toolSchema },
  tool_choice: {
    type: ['object', 'null'],
    required: ['type'],
    properties: {
      type: { enum: ['auto', 'any', 'tool', 'none'] },
      name: { type: 'string' },
      disable_parallel_tool_use: { type: ['boolean', 'null'] },
    },
  },
  thinking: {
    type: ['object', 'null'],
    required: ['type'],
    properties: {
      type: { enum: ['enabled', 'adaptive', 'disabled'] },
      budget_tokens: { type: ['integer', 'null'], minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      display: { enum: ['summarized', 'omitted', null] },
    },
  },
  output_config: {
    type: ['object', 'null'],
    properties: { format: formatSchema, effort: { enum: ['low', 'medium', 'high', 'xhigh', 'max', null] } },
  },
  output_format: formatSchema,
} as const;

export const countTokensSchema = {
  type: 'object',
  required: ['messages'],
  properties: promptProperties,
};

const { temperature, top_p, top_k, stop } = samplingProperties;

export const messagesSchema = {
  type: 'object',
  required: ['max_tokens', 'messages'],
  properties: {
    ...promptProperties,
    max_tokens: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    stream: { type: ['boolean', 'null'] },
    stop_sequences: { type: ['array', 'null'], maxItems: stop.maxItems, items: stop.items },
    temperature,
    top_p,
    top_k,
    service_tier: { enum: ['auto', 'standard_only', null] },
  },
};

/** Fields that ask for what only Anthropic's own servers do. */
export const unsupportedMessagesFields: readonly UnsupportedField[] = [
  { name: 'container', inert: isEmpty },
  { name: 'mcp_servers', inert: isEmpty },
  { name: 'context_management', inert: isEmpty },
  { name: 'compaction', inert: isEmpty },
];
