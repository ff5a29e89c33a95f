// Sampling fields that both dialects spell alike: their validation, and their way into the engine's options.
import { type GenerateRequest, MAX_CHOICES, type SamplingOptions } from '../engine/index.js';

export const samplingProperties = {
  temperature: { type: ['number', 'null'], minimum: 0, maximum: 100 },
  top_p: { type: ['number', 'null'], exclusiveMinimum: 0, maximum: 1 },
  top_k: { type: ['integer', 'null'], minimum: -1, maximum: 2 ** 31 - 1 },
  min_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
  stop: {
    type: ['string', 'array', 'null'],
    minLength: 1,
    maxLength: 1024,
    maxItems: 32,
    items: { type: 'string', minLength: 1, maxLength: 1024 },
  },
  stop_regex: {
    type: ['string', 'array', 'null'],
    maxLength: 1024,
    maxItems: 32,
    items: { type: 'string', minLength: 1, maxLength: 1024 },
  },
  no_stop_trim: { type: ['boolean', 'null'] },
  skip_special_tokens: { type: ['boolean', 'null'] },
  stop_token_ids: { type: ['array', 'null'], maxItems: 1024, items: { type: 'integer', minimum: 0 } },
  ignore_eos: { type: ['boolean', 'null'] },
  repetition_penalty: { type: ['number', 'null'], minimum: 0.01, maximum: 2 },
  frequency_penalty: { type: ['number', 'null'], minimum: -2, maximum: 2 },
  presence_penalty: { type: ['number', 'null'], minimum: -2, maximum: 2 },
  logit_bias: {
    type: ['object', 'null'],
    maxProperties: 1024,
    additionalProperties: { type: 'number', minimum: -100, maximum: 100 },
  },
} as const;

/** What `min_tokens` and `min_new_tokens` may be. */
export const minTokensSchema = {
  type: ['integer', 'null'],
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
} as const;

/** What `n` may be: outputs of one prompt. */
export const choicesSchema = { type: ['integer', 'null'], minimum: 1, maximum: MAX_CHOICES } as const;

/** How a request stands beside others: who may share its cached prefixes, and how urgent it is. The engine bounds salts. */
export const placeProperties = {
  cache_salt: { type: ['string', 'null'], maxLength: 120 },
  extra_key: { type: ['string', 'null'], maxLength: 120 },
  priority: {
    type: ['integer', 'null'],
    minimum: -(2 ** 31) + 1,
    maximum: 2 ** 31 - 1,
  },
} as const;

export interface PlaceFields {
  readonly cache_salt?: string | null;
  readonly extra_key?: string | null;
  readonly priority?: number | null;
}

/** Both names of a salt count: requests share prefixes where both agree. */
export function placeOptions(fields: PlaceFields): Pick<GenerateRequest, 'cacheSalt' | 'priority'> {
  const { cache_salt: salt, extra_key: key, priority } = fields;
  const cacheSalt = salt && key ? JSON.stringify([salt, key]) : salt || key;
  return { ...(cacheSalt && { cacheSalt }), ...(priority && { priority }) };
}

export const seedSchema = {
  type: ['integer', 'null'],
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
} as const;

export interface SamplingFields {
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  readonly min_p?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly stop_regex?: string | readonly string[] | null;
  readonly no_stop_trim?: boolean | null;
  readonly skip_special_tokens?: boolean | null;
  readonly stop_token_ids?: readonly number[] | null;
  readonly ignore_eos?: boolean | null;
  readonly repetition_penalty?: number | null;
  readonly frequency_penalty?: number | null;
  readonly presence_penalty?: number | null;
  /** Biases by token id. */
  readonly logit_bias?: Readonly<Record<string, number>> | null;
}

/** Both OpenAI and SGLang sample at 1 unless told otherwise; the engine's own default is greedy. */
const DEFAULT_TEMPERATURE = 1;

/** The engine's options for the shared fields; `seed` may be negative, as clients send any integer. */
export function samplingOptions(
  fields: SamplingFields,
  seed: number | null | undefined,
): Omit<SamplingOptions, 'maxTokens'> {
  return withoutNulls({
    temperature: fields.temperature ?? DEFAULT_TEMPERATURE,
    topP: fields.top_p,
    topK: fields.top_k,
    minP: fields.min_p,
    stop: listOf(fields.stop),
    // An empty expression asks for nothing, as in SGLang.
    stopRegex: listOf(fields.stop_regex || null),
    keepStop: fields.no_stop_trim || null,
    skipSpecialTokens: fields.skip_special_tokens,
    stopTokenIds: fields.stop_token_ids,
    ignoreEos: fields.ignore_eos,
    repetitionPenalty: fields.repetition_penalty,
    frequencyPenalty: fields.frequency_penalty,
    presencePenalty: fields.presence_penalty,
    logitBias: fields.logit_bias,
    seed: typeof seed === 'number' && seed < 0 ? seed + Number.MAX_SAFE_INTEGER + 1 : seed,
  });
}

function listOf(value: string | readonly string[] | null | undefined): readonly string[] | null | undefined {
  return typeof value === 'string' ? [value] : value;
}

/** The entries that are neither undefined nor null. */
export function withoutNulls<T extends object>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined | null> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as { [K in keyof T]?: Exclude<T[K], undefined | null> };
}
