// The body of a completion request: its JSON Schema for validation, its type, and the fields that are refused by name.
import { promptTokensSchema } from '../prompts.js';
import {
  choicesSchema,
  minTokensSchema,
  type PlaceFields,
  placeProperties,
  type SamplingFields,
  samplingProperties,
  seedSchema,
} from '../sampling.js';
import { isEmpty, type UnsupportedField } from '../unsupported.js';
import { type ConstraintFields, constraintProperties } from './constraint.js';

export interface CompletionBody extends SamplingFields, PlaceFields, ConstraintFields {
  readonly [field: string]: unknown;
  readonly prompt: string | readonly (string | number | readonly number[])[];
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
  readonly max_tokens?: number | null;
  readonly min_tokens?: number | null;
  readonly seed?: number | null;
  /** What /abort_request may call it, besides its request id. */
  readonly rid?: string | null;
  readonly n?: number | null;
  readonly logprobs?: number | null;
  readonly echo?: boolean | null;
}

export const completionSchema = {
  type: 'object',
  required: ['prompt'],
  properties: {
    model: { type: ['string', 'null'] },
    prompt: {
      type: ['string', 'array'],
      minItems: 1,
      items: { ...promptTokensSchema.items, type: ['string', 'integer', 'array'] },
    },
    stream: { type: ['boolean', 'null'] },
    stream_options: {
      type: ['object', 'null'],
      properties: { include_usage: { type: ['boolean', 'null'] } },
    },
    max_tokens: { type: ['integer', 'null'], minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    min_tokens: minTokensSchema,
    seed: seedSchema,
    rid: { type: ['string', 'null'] },
    n: choicesSchema,
    logprobs: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    echo: { type: ['boolean', 'null'] },
    ...constraintProperties,
    ...placeProperties,
    ...samplingProperties,
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
