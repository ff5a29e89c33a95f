// A valid /generate body -> one engine request per prompt.
import { randomUUID } from 'node:crypto';
import type { GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import type { ServerContext } from '../context.js';
import { checkBatch, type Prompts, textPrompts, tokenPrompts } from '../prompts.js';
import { placeOptions, samplingOptions, withoutNulls } from '../sampling.js';
import { refuseUnsupported } from '../unsupported.js';
import {
  type GenerateBody,
  type SamplingParams,
  unsupportedGenerateFields,
  unsupportedSamplingParams,
} from './generate-schema.js';

const DEFAULT_MAX_NEW_TOKENS = 128;

/** What is told of one output. */
export interface OutputPlan {
  readonly id: string;
  /** Whether the prompt alone was asked for: to be cached, or for its log-probabilities. The engine still makes a token. */
  readonly promptOnly: boolean;
}

export interface GeneratePlan {
  readonly requests: readonly GenerateRequest[];
  /** Outputs of each prompt. */
  readonly choices: number;
  /** What the client calls the request, if anything. */
  readonly rid: string | undefined;
  readonly outputs: readonly OutputPlan[];
  /** Whether the client sent a list, or asked for several outputs, and so gets a list. */
  readonly isList: boolean;
  /** Whether tokens are told by their text, too. */
  readonly names: boolean;
}

/** @throws RequestError for what is refused by name, contradicts itself, or is over `maxBatch`. */
export function planGenerate(body: GenerateBody, { settings, model }: ServerContext): GeneratePlan {
  const { contextLength } = model.info;
  refuseUnsupported(body, unsupportedGenerateFields);
  const { prompts, batch } = readPrompts(body);
  const params = perPrompt(body.sampling_params ?? {}, prompts.length, 'sampling_params');
  const choices = choicesOf(params);
  checkBatch(prompts.length * choices, settings.maxBatch, body.text ? 'text' : 'input_ids');
  const ids = perPrompt(body.rid ?? undefined, prompts.length, 'rid');
  const requests = prompts.map((prompt, index) => ({
    ...prompt,
    ...requestOptions(params[index], paramsPath(body, index), contextLength),
    ...placeOptions(body),
    ...logprobOptions(body, params[index].max_new_tokens === 0),
  }));
  const isList = batch || choices > 1;
  const isNumbered = isList && (typeof body.rid === 'string' || choices > 1);
  const outputs = Array.from({ length: prompts.length * choices }, (_, index): OutputPlan => {
    const prompt = Math.floor(index / choices);
    const id = ids[prompt] ?? randomUUID().replaceAll('-', '');
    return { id: isNumbered ? `${id}_${index}` : id, promptOnly: params[prompt].max_new_tokens === 0 };
  });
  const rid = typeof body.rid === 'string' ? body.rid : undefined;
  return { requests, choices, rid, outputs, isList, names: body.return_text_in_logprobs === true };
}

/** All prompts have as many outputs, so that answers stand in one list. */
function choicesOf(params: readonly SamplingParams[]): number {
  const choices = params[0].n ?? 1;
  if (params.some(({ n }) => (n ?? 1) !== choices))
    throw new RequestError(
      'invalid_value',
      'sampling_params of one request must agree in n',
      'sampling_params',
    );
  return choices;
}

/** Where there is no output, nothing but the prompt's can be meant. */
function logprobOptions(body: GenerateBody, promptOnly: boolean): Partial<GenerateRequest> {
  if (body.return_logprob !== true) return {};
  const alternatives = body.top_logprobs_num ?? 0;
  const from = body.logprob_start_len ?? (promptOnly ? 0 : -1);
  return {
    logprobs: alternatives,
    ...(from >= 0 && { promptLogprobs: alternatives, promptLogprobsFrom: from }),
  };
}

function readPrompts({ text, input_ids: ids }: GenerateBody): Prompts {
  const given = [text, ids].filter((value) => value !== undefined && value !== null).length;
  if (given !== 1)
    throw new RequestError('invalid_value', 'exactly one of text and input_ids is required', 'text');
  return text == null
    ? tokenPrompts(ids as readonly (number | readonly number[])[], 'input_ids')
    : textPrompts(text);
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
    maxTokens: Math.max(1, Math.min(params.max_new_tokens ?? DEFAULT_MAX_NEW_TOKENS, contextLength)),
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
