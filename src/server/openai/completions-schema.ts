// The body of a completion request: its JSON Schema for validation, its type, and the fields that are refused by name.
import { type AnyPrompts, anyPromptsSchema } from '../prompts.js';
import { isEmpty, type UnsupportedField } from '../unsupported.js';
import { type CommonFields, commonProperties } from './common-fields.js';

export interface CompletionBody extends CommonFields {
  readonly [field: string]: unknown;
  readonly prompt: AnyPrompts;
  readonly logprobs?: number | null;
  readonly echo?: boolean | null;
}

export const completionSchema = {
  type: 'object',
  required: ['prompt'],
  properties: {
    prompt: anyPromptsSchema,
    logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    echo: { type: ['boolean', 'null'] },
    ...commonProperties,
  },
};

export const unsupportedCompletionFields: readonly UnsupportedField[] = [
  { name: 'best_of', inert: [1], instead: 'use n, and choose' },
  { name: 'suffix', inert: isEmpty },
  { name: 'lora_path', inert: isEmpty },
  { name: 'session_params', inert: isEmpty },
  { name: 'custom_logit_processor', inert: isEmpty },
  { name: 'return_hidden_states', inert: [false] },
];
