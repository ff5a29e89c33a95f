// A valid /generate body -> one engine request per prompt.
import { randomUUID } from 'node:crypto';
import type { GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import type { ServerContext } from '../context.js';
import { samplingOptions, withoutNulls } from '../sampling.js';
import { refuseUnsupported } from '../unsupported.js';
import {
  type GenerateBody,
  type SamplingParams,
  unsupportedGenerateFields,
  unsupportedSamplingParams,
} from './generate-schema.js';

const DEFAULT_MAX_NEW_TOKENS = 128;

export interface GeneratePlan {
  readonly items: readonly { readonly id: string; readonly request: GenerateRequest }[];
  /** Whether the client sent a list, and so gets one. */
  readonly batch: boolean;
}

/** @throws RequestError for what is refused by name, contradicts itself, or is over `maxBatch`. */
export function planGenerate(body: GenerateBody, { settings, model }: ServerContext): GeneratePlan {
  const { contextLength } = model.info;
  refuseUnsupported(body, unsupportedGenerateFields);
  const { prompts, batch } = readPrompts(body);
  if (prompts.length > settings.maxBatch)
    throw new RequestError(
      'batch_too_large',
      `${prompts.length} prompts in one request (limit maxBatch = ${settings.maxBatch})`,
      body.text ? 'text' : 'input_ids',
    );
  const params = perPrompt(body.sampling_params ?? {}, prompts.length, 'sampling_params');
  const ids = perPrompt(body.rid ?? undefined, prompts.length, 'rid');
  const items = prompts.map((prompt, index) => ({
    id:
      batch && typeof body.rid === 'string'
        ? `${body.rid}_${index}`
        : (ids[index] ?? randomUUID().replaceAll('-', '')),
    request: {
      ...prompt,
      ...requestOptions(params[index], paramsPath(body, index), contextLength),
      ...(body.return_logprob === true && { logprobs: body.top_logprobs_num ?? 0 }),
    },
  }));
  return { items, batch };
}

type Prompt = Pick<GenerateRequest, 'prompt' | 'promptTokens'>;

function readPrompts({ text, input_ids: ids }: GenerateBody): { prompts: Prompt[]; batch: boolean } {
  const given = [text, ids].filter((value) => value !== undefined && value !== null).length;
  if (given !== 1)
    throw new RequestError('invalid_value', 'exactly one of text and input_ids is required', 'text');
  if (typeof text === 'string') return { prompts: [{ prompt: text }], batch: false };
  if (text) return { prompts: text.map((prompt) => ({ prompt })), batch: true };
  const lists = ids as readonly (number | readonly number[])[];
  if (lists.every((id) => typeof id === 'number'))
    return { prompts: [{ promptTokens: lists }], batch: false };
  if (lists.every((list) => typeof list !== 'number'))
    return { prompts: lists.map((promptTokens) => ({ promptTokens })), batch: true };
  throw new RequestError('invalid_value', 'input_ids mixes token ids and lists of them', 'input_ids');
}

/** One value per prompt, from one for all or a list of as many. */
function perPrompt<T>(value: T | readonly T[], count: number, field: string): readonly T[] {
  if (!Array.isArray(value)) return Array.from({ length: count }, () => value as T);
  if (value.length === count) return value as readonly T[];
  throw new RequestError('invalid_value', `${field} has ${value.length} entries for ${count} prompts`, field);
}

function paramsPath({ sampling_params: params }: GenerateBody, index: number): string {
  return Array.isArray(params) ? `sampling_params[${index}].` : 'sampling_params.';
}

function requestOptions(params: SamplingParams, path: string, contextLength: number): GenerateRequest {
  refuseUnsupported(params, unsupportedSamplingParams, path);
  return {
    ...samplingOptions(params, params.sampling_seed),
    maxTokens: Math.min(params.max_new_tokens ?? DEFAULT_MAX_NEW_TOKENS, contextLength),
    ...withoutNulls({ minTokens: params.min_new_tokens }),
    ...constraint(params, path),
  };
}

type Constraint = Pick<GenerateRequest, 'schema' | 'regex' | 'ebnf' | 'structuralTag'>;

/** An empty string is no constraint, as in SGLang. */
function constraint(params: SamplingParams, path: string): Constraint {
  const { json_schema: schema, regex, ebnf, structural_tag: structuralTag } = params;
  const asked: readonly (readonly [field: string, value: unknown, option: Constraint])[] = [
    ['json_schema', schema, { schema }],
    ['regex', regex, { regex: regex ?? '' }],
    ['ebnf', ebnf, { ebnf: ebnf ?? '' }],
    ['structural_tag', structuralTag, { structuralTag }],
  ];
  const given = asked.filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (given.length > 1)
    throw new RequestError(
      'conflicting_constraints',
      `${given.map(([name]) => path + name).join(' and ')} cannot be combined: give one`,
      path + given[1][0],
    );
  return given[0]?.[2] ?? {};
}
