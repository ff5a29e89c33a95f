// Checks a request field by field, before anything is queued. Every fault is a RequestError that names the field.
import { RequestError } from '../errors.js';
import type { NativeRequest, NativeSampling } from '../native/index.js';
import { compileStopRegexes, type StopRegex } from './stop-regex.js';
import type { GenerateRequest } from './types.js';

/** Most stop strings of one request, and the longest, in UTF-16 units. */
export const MAX_STOP_STRINGS = 64;
export const MAX_STOP_LENGTH = 1024;
/** Output tokens where a request does not say. */
export const DEFAULT_MAX_TOKENS = 256;

/** Most token ids in `logitBias`. */
export const MAX_LOGIT_BIASES = 1024;
/** Most alternatives in `logprobs`. */
export const MAX_LOGPROBS = 20;

/** Longest `cacheSalt`, in UTF-16 units. */
export const MAX_SALT_LENGTH = 256;

/** A request's numbers with every default filled in. */
export interface CheckedRequest {
  readonly maxTokens: number;
  readonly sampling: NativeSampling;
  readonly stop: readonly string[];
  readonly stopRegex: readonly StopRegex[];
  readonly keepStop: boolean;
  readonly stopTokenIds: readonly number[];
  readonly skipSpecialTokens: boolean;
  readonly ignoreEos: boolean;
  /** What the native request has beyond these, only where it asks for something. */
  readonly extras: Pick<NativeRequest, (typeof EXTRAS)[number]>;
}

const EXTRAS = [
  'logitBias',
  'minTokens',
  'logprobs',
  'promptLogprobs',
  'promptLogprobsFrom',
  'cacheSalt',
  'priority',
  'speculate',
] as const;
/** Fields of a request that constrain its output. */
export const CONSTRAINT_FIELDS = [
  'schema',
  'regex',
  'gbnf',
  'ebnf',
  'lark',
  'structuralTag',
  'grammar',
] as const;
const PROMPTS = ['prompt', 'promptTokens', 'messages'] as const;
const FIELDS: readonly (keyof GenerateRequest)[] = [
  ...PROMPTS,
  'tools',
  'chatTemplateOptions',
  'signal',
  'maxTokens',
  'temperature',
  'topK',
  'topP',
  'minP',
  'seed',
  'repetitionPenalty',
  'frequencyPenalty',
  'presencePenalty',
  ...EXTRAS,
  'stop',
  'stopRegex',
  'keepStop',
  'stopTokenIds',
  'skipSpecialTokens',
  'ignoreEos',
  ...CONSTRAINT_FIELDS,
  'compile',
];
const MIN_REPETITION_PENALTY = 0.01;

/** @throws RequestError `invalid_request` */
export function checkRequest(request: GenerateRequest, vocabSize: number): CheckedRequest {
  if (typeof request !== 'object' || request === null)
    throw invalid('a request must be an object', 'request');
  for (const field of Object.keys(request))
    if (!(FIELDS as readonly string[]).includes(field))
      throw invalid(`unknown field '${field}'; known are ${FIELDS.join(', ')}`, field);
  const given = (fields: readonly (keyof GenerateRequest)[]) =>
    fields.filter((field) => request[field] !== undefined);
  if (given(PROMPTS).length !== 1) throw invalid(`give exactly one of ${PROMPTS.join(', ')}`, 'prompt');
  const constraints = given(CONSTRAINT_FIELDS);
  if (constraints.length > 1)
    throw invalid(
      `give at most one of ${CONSTRAINT_FIELDS.join(', ')}; found ${constraints.join(' and ')}`,
      constraints[1],
    );
  checkTypes(request);
  checkTokenIds(request.promptTokens, 'promptTokens', vocabSize);
  checkTokenIds(request.stopTokenIds, 'stopTokenIds', vocabSize);
  const maxTokens = integer(request.maxTokens, 'maxTokens', 1, 2 ** 31 - 1) ?? DEFAULT_MAX_TOKENS;
  return {
    maxTokens,
    sampling: checkSampling(request),
    stop: checkStop(request.stop),
    stopRegex: compileStopRegexes(request.stopRegex),
    keepStop: request.keepStop ?? false,
    stopTokenIds: request.stopTokenIds ?? [],
    skipSpecialTokens: request.skipSpecialTokens ?? true,
    ignoreEos: request.ignoreEos ?? false,
    extras: checkExtras(request, maxTokens, vocabSize),
  };
}

/**
 * How many output tokens have room beside the prompt.
 * @throws RequestError `invalid_request`, `context_length_exceeded`
 */
export function checkPrompt(prompt: Int32Array, { extras }: CheckedRequest, contextLength: number): number {
  if (prompt.length === 0) throw invalid('has no tokens', 'prompt');
  if (prompt.length >= contextLength)
    throw new RequestError(
      'context_length_exceeded',
      `prompt: has ${prompt.length} tokens; with at least one more they must fit the context of ${contextLength}`,
      'prompt',
    );
  const { promptLogprobsFrom = 0 } = extras;
  if (promptLogprobsFrom > prompt.length)
    throw invalid(
      `is ${promptLogprobsFrom}, but the prompt has ${prompt.length} tokens`,
      'promptLogprobsFrom',
    );
  return contextLength - prompt.length;
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isListOfObjects = (value: unknown) => Array.isArray(value) && value.every(isObject);

/** Fields that are not numbers or ids: what each must be. */
const TYPES: readonly (readonly [keyof GenerateRequest, (value: unknown) => boolean, string])[] = [
  ['prompt', (value) => typeof value === 'string', 'a string'],
  ['messages', isListOfObjects, 'a list of messages'],
  ['tools', isListOfObjects, 'a list of tool definitions'],
  ['chatTemplateOptions', isObject, 'an object'],
  ['regex', (value) => typeof value === 'string', 'a string'],
  ['gbnf', (value) => typeof value === 'string', 'a string'],
  ['ebnf', (value) => typeof value === 'string', 'a string'],
  ['lark', (value) => typeof value === 'string', 'a string'],
  ['structuralTag', (value) => typeof value === 'string' || isObject(value), 'an object or JSON text'],
  ['grammar', isObject, 'a compiled grammar, an expression or a grammar in the IR'],
  ['compile', isObject, 'an object of compile options'],
  ['ignoreEos', (value) => typeof value === 'boolean', 'true or false'],
  ['skipSpecialTokens', (value) => typeof value === 'boolean', 'true or false'],
  ['keepStop', (value) => typeof value === 'boolean', 'true or false'],
  [
    'cacheSalt',
    (value) => typeof value === 'string' && value.length <= MAX_SALT_LENGTH,
    `a string of at most ${MAX_SALT_LENGTH} characters (limit MAX_SALT_LENGTH)`,
  ],
  ['speculate', (value) => typeof value === 'boolean', 'true or false'],
  ['signal', (value) => value instanceof AbortSignal, 'an AbortSignal'],
];

function checkTypes(request: GenerateRequest): void {
  for (const [field, fits, what] of TYPES)
    if (request[field] !== undefined && !fits(request[field])) throw invalid(`must be ${what}`, field);
}

function checkSampling(request: GenerateRequest): NativeSampling {
  const topK = integer(request.topK, 'topK', -1, 2 ** 31 - 1) ?? 0;
  return {
    temperature: real(request.temperature, 'temperature', 0, 100) ?? 0,
    topK: Math.max(0, topK),
    topP: real(request.topP, 'topP', Number.MIN_VALUE, 1) ?? 1,
    minP: real(request.minP, 'minP', 0, 1) ?? 0,
    seed: integer(request.seed, 'seed', 0, Number.MAX_SAFE_INTEGER) ?? Math.floor(Math.random() * 2 ** 53),
    ...defined({
      repetitionPenalty: real(request.repetitionPenalty, 'repetitionPenalty', MIN_REPETITION_PENALTY, 2),
      frequencyPenalty: real(request.frequencyPenalty, 'frequencyPenalty', -2, 2),
      presencePenalty: real(request.presencePenalty, 'presencePenalty', -2, 2),
    }),
  };
}

function checkExtras(
  request: GenerateRequest,
  maxTokens: number,
  vocabSize: number,
): CheckedRequest['extras'] {
  return defined({
    logitBias: checkLogitBias(request.logitBias, vocabSize),
    minTokens: integer(request.minTokens, 'minTokens', 0, maxTokens),
    logprobs: integer(request.logprobs, 'logprobs', 0, Math.min(MAX_LOGPROBS, vocabSize)),
    promptLogprobs: integer(request.promptLogprobs, 'promptLogprobs', 0, Math.min(MAX_LOGPROBS, vocabSize)),
    promptLogprobsFrom: integer(request.promptLogprobsFrom, 'promptLogprobsFrom', 0, 2 ** 31 - 1),
    cacheSalt: request.cacheSalt,
    priority: integer(request.priority, 'priority', -(2 ** 31) + 1, 2 ** 31 - 1),
    speculate: request.speculate,
  });
}

function checkLogitBias(bias: unknown, vocabSize: number): NativeRequest['logitBias'] | undefined {
  if (bias === undefined) return undefined;
  if (!isObject(bias)) throw invalid('must be an object of biases by token id', 'logitBias');
  const entries = Object.entries(bias as Record<string, unknown>);
  if (entries.length > MAX_LOGIT_BIASES)
    throw invalid(
      `names ${entries.length} tokens; at most ${MAX_LOGIT_BIASES} are taken (limit MAX_LOGIT_BIASES)`,
      'logitBias',
    );
  const tokens = entries.map(([id]) => (/^(0|[1-9]\d*)$/.test(id) ? Number(id) : Number.NaN));
  const wrong = tokens.findIndex((id) => !(id < vocabSize));
  if (wrong >= 0)
    throw invalid(
      `names ${entries[wrong]?.[0]}, which is not a token id (0 to ${vocabSize - 1})`,
      'logitBias',
    );
  const biases = entries.map(([, value]) => real(value, 'logitBias', -100, 100) ?? 0);
  return { tokens: Int32Array.from(tokens), biases: Float32Array.from(biases) };
}

/** The entries that have a value. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function checkStop(stop: unknown): readonly string[] {
  if (stop === undefined) return [];
  if (!Array.isArray(stop)) throw invalid('must be a list of strings', 'stop');
  if (stop.length > MAX_STOP_STRINGS)
    throw invalid(
      `holds ${stop.length} strings; at most ${MAX_STOP_STRINGS} are taken (limit MAX_STOP_STRINGS)`,
      'stop',
    );
  for (const text of stop) {
    if (typeof text !== 'string' || text.length === 0)
      throw invalid('must hold strings that are not empty', 'stop');
    if (text.length > MAX_STOP_LENGTH)
      throw invalid(
        `holds a string of ${text.length} characters (limit MAX_STOP_LENGTH = ${MAX_STOP_LENGTH})`,
        'stop',
      );
  }
  return stop;
}

function checkTokenIds(
  ids: readonly number[] | Int32Array | undefined,
  field: string,
  vocabSize: number,
): void {
  if (ids === undefined) return;
  if (!Array.isArray(ids) && !(ids instanceof Int32Array))
    throw invalid('must be a list of token ids', field);
  for (const id of ids)
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize)
      throw invalid(`holds ${String(id)}, which is not a token id (0 to ${vocabSize - 1})`, field);
}

function integer(value: unknown, field: string, min: number, max: number): number | undefined {
  if (value !== undefined && !Number.isInteger(value))
    throw invalid(`must be an integer, found ${String(value)}`, field);
  return real(value, field, min, max);
}

function real(value: unknown, field: string, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || Number.isNaN(value) || value < min || value > max)
    throw invalid(`must be a number from ${min} to ${max}, found ${String(value)}`, field);
  return value;
}

function invalid(reason: string, field: string): RequestError {
  return new RequestError('invalid_request', `${field}: ${reason}`, field);
}
