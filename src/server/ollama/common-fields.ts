// What bodies of /api/chat and /api/generate have alike: their JSON Schema, their type, and how they become the chat
// layer's fields.
import { RequestError } from '../../errors.js';
import type { ChatInput } from '../conversation/index.js';
import { effortVariable, thinkingVariables } from '../thinking-variables.js';
import { isEmpty, type UnsupportedField } from '../unsupported.js';
import { type OllamaOptions, ollamaSampling, optionsSchema } from './options.js';

export interface CommonFields {
  readonly [field: string]: unknown;
  /** Default true. */
  readonly stream?: boolean | null;
  /** `json`, or a JSON Schema. */
  readonly format?: string | Readonly<Record<string, unknown>> | null;
  readonly options?: OllamaOptions | null;
  readonly think?: boolean | 'low' | 'medium' | 'high' | 'max' | null;
  readonly logprobs?: boolean | null;
  readonly top_logprobs?: number | null;
}

export const commonProperties = {
  model: { type: ['string', 'null'] },
  stream: { type: ['boolean', 'null'] },
  format: { type: ['string', 'object', 'null'] },
  options: optionsSchema,
  think: { enum: [true, false, 'low', 'medium', 'high', 'max', null] },
  logprobs: { type: ['boolean', 'null'] },
  top_logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
} as const;

/** Fields of Ollama's API that ask for what is not there. */
export const unsupportedFields: readonly UnsupportedField[] = [
  {
    name: 'template',
    inert: isEmpty,
    instead: "the model's own chat template is used; send the prompt with raw",
  },
  { name: 'suffix', inert: isEmpty },
  { name: 'images', inert: isEmpty, instead: 'the model reads text' },
  { name: 'context', inert: isEmpty, instead: 'send the earlier turns to /api/chat' },
  ...['width', 'height', 'steps'].map((name) => ({ name, inert: [0], instead: 'the model makes no images' })),
];

/** @throws RequestError `invalid_value` for a format that is none. */
export function outputFormat({ format }: CommonFields): Pick<ChatInput, 'constraint'> {
  if (format === undefined || format === null || format === '') return {};
  if (typeof format === 'string' && format !== 'json')
    throw new RequestError('invalid_value', 'format must be "json" or a JSON Schema', 'format');
  const schema = typeof format === 'string' ? { type: 'object' } : format;
  return { constraint: { field: 'format', option: { schema } } };
}

/** Variables of the chat template; without `think` the model's own default counts. */
function thinkingOptions({ think }: CommonFields): Pick<ChatInput, 'chatTemplateOptions'> {
  if (think === undefined || think === null) return {};
  const effort = typeof think === 'string' && effortVariable(think);
  return { chatTemplateOptions: { ...thinkingVariables(think !== false), ...effort } };
}

/** Alternatives a token, where log-probabilities are asked for. */
export function askedLogprobs({ logprobs, top_logprobs: most }: CommonFields): Pick<ChatInput, 'logprobs'> {
  if (most && !logprobs)
    throw new RequestError('invalid_value', 'top_logprobs needs logprobs to be true', 'top_logprobs');
  return logprobs ? { logprobs: most ?? 0 } : {};
}

/**
 * What the chat layer is asked for these fields.
 * @throws RequestError for what contradicts itself.
 */
export function commonInput(body: CommonFields, contextLength: number) {
  return {
    parallel: true,
    ...outputFormat(body),
    ...ollamaSampling(body.options, contextLength),
    ...thinkingOptions(body),
    ...askedLogprobs(body),
    choiceField: 'tools',
  };
}
