// The body of a /generate request: its JSON Schema for validation, its type, and the fields that are refused by name.
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

export interface SamplingParams extends SamplingFields {
  readonly [field: string]: unknown;
  readonly max_new_tokens?: number | null;
  readonly min_new_tokens?: number | null;
  readonly json_schema?: unknown;
  readonly regex?: string | null;
  readonly ebnf?: string | null;
  /** A structural tag as an object or as JSON text. */
  readonly structural_tag?: unknown;
  readonly sampling_seed?: number | null;
  readonly n?: number | null;
}

export interface GenerateBody extends PlaceFields {
  readonly [field: string]: unknown;
  readonly text?: string | readonly string[] | null;
  readonly input_ids?: readonly number[] | readonly (readonly number[])[] | null;
  readonly sampling_params?: SamplingParams | readonly SamplingParams[] | null;
  readonly stream?: boolean | null;
  readonly rid?: string | readonly string[] | null;
  readonly return_logprob?: boolean | null;
  readonly top_logprobs_num?: number | null;
  /** The first prompt token whose log-probability is told; -1: none. */
  readonly logprob_start_len?: number | null;
  readonly return_text_in_logprobs?: boolean | null;
}

/** Known sampling parameters that ask for what is not there yet. */
export const unsupportedSamplingParams: readonly UnsupportedField[] = [
  { name: 'beam_width' },
  { name: 'spaces_between_special_tokens', inert: [true] },
  { name: 'stream_interval', inert: [1] },
  { name: 'custom_params', inert: isEmpty },
  { name: 'watermark' },
];

const samplingParamsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...samplingProperties,
    max_new_tokens: { type: ['integer', 'null'], minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    min_new_tokens: minTokensSchema,
    sampling_seed: seedSchema,
    n: choicesSchema,
    json_schema: { type: ['string', 'object', 'boolean', 'null'] },
    regex: { type: ['string', 'null'] },
    ebnf: { type: ['string', 'null'] },
    structural_tag: { type: ['string', 'object', 'null'] },
    ...Object.fromEntries(unsupportedSamplingParams.map(({ name }) => [name, {}])),
  },
};

export const generateSchema = {
  type: 'object',
  properties: {
    text: { type: ['string', 'array', 'null'], minItems: 1, items: { type: 'string' } },
    input_ids: promptTokensSchema,
    sampling_params: {
      ...samplingParamsSchema,
      type: ['object', 'array', 'null'],
      items: samplingParamsSchema,
    },
    stream: { type: ['boolean', 'null'] },
    rid: { type: ['string', 'array', 'null'], items: { type: 'string' } },
    return_logprob: { type: ['boolean', 'null'] },
    top_logprobs_num: { type: ['integer', 'null'], minimum: 0, maximum: 20 },
    logprob_start_len: { type: ['integer', 'null'], minimum: -1, maximum: Number.MAX_SAFE_INTEGER },
    return_text_in_logprobs: { type: ['boolean', 'null'] },
    ...placeProperties,
  },
};

/** Known fields of the request that ask for what is not there yet. */
export const unsupportedGenerateFields: readonly UnsupportedField[] = [
  { name: 'input_embeds' },
  { name: 'image_data', inert: isEmpty },
  { name: 'video_data', inert: isEmpty },
  { name: 'audio_data', inert: isEmpty },
  { name: 'token_ids_logprob', inert: isEmpty },
  { name: 'return_hidden_states', inert: [false] },
  { name: 'return_prompt_token_ids', inert: [false] },
  { name: 'session_params', inert: isEmpty },
  { name: 'session_id', inert: isEmpty },
  { name: 'lora_path', inert: isEmpty },
  { name: 'custom_logit_processor', inert: isEmpty },
  { name: 'require_reasoning', inert: [false] },
  { name: 'max_thinking_tokens' },
];
