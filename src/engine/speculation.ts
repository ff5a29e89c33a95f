// Options of speculative decoding: checked, with every default filled in.
import { RequestError } from '../errors.js';
import type { NativeSpeculation } from '../native/index.js';
import type { SpeculationOptions } from './types.js';

export const MAX_DRAFT_TOKENS = 1024;

type Kind = SpeculationOptions['kind'];
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  grammar: ['kind', 'maxForced'],
  ngram: ['kind', 'maxForced', 'maxTokens', 'minMatch', 'maxMatch'],
  draft: ['kind', 'maxForced', 'model', 'maxTokens', 'kvTokens'],
};

export interface ResolvedSpeculation {
  /** Without `kvTokens` where nobody said how many. */
  readonly native: Omit<NativeSpeculation, 'draftModel' | 'forcedText' | 'kvTokens'> & {
    readonly kvTokens?: number;
  };
  /** The draft model's folder. */
  readonly model?: string;
}

/** @throws RequestError `invalid_option`, naming it */
export function resolveSpeculation(options: SpeculationOptions | undefined): ResolvedSpeculation | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== 'object' || options === null) throw invalid('', 'must be an object');
  const fields = Object.hasOwn(FIELDS, options.kind) ? FIELDS[options.kind] : undefined;
  if (!fields)
    throw invalid('.kind', `must be one of ${Object.keys(FIELDS).join(', ')}, found ${String(options.kind)}`);
  for (const name of Object.keys(options))
    if (!fields.includes(name))
      throw invalid(`.${name}`, `is not an option of kind '${options.kind}'; known are ${fields.join(', ')}`);
  const given: Readonly<Record<string, unknown>> = { ...options };
  const integer = (name: string, fallback: number, min = 1, max = MAX_DRAFT_TOKENS): number => {
    const value = given[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw invalid(`.${name}`, `must be an integer from ${min} to ${max}, found ${String(value)}`);
    return value;
  };
  const { model } = given;
  if (options.kind === 'draft' && typeof model !== 'string')
    throw invalid('.model', 'must be the path of a model folder');
  const minMatch = integer('minMatch', 2);
  return {
    native: {
      kind: options.kind,
      maxTokens: integer('maxTokens', options.kind === 'draft' ? 4 : 8),
      maxForced: integer('maxForced', 32, 0),
      minMatch,
      maxMatch: integer('maxMatch', Math.max(minMatch, 8), minMatch),
      ...(given.kvTokens !== undefined && { kvTokens: integer('kvTokens', 0, 1, 2 ** 30) }),
    },
    ...(typeof model === 'string' && { model }),
  };
}

function invalid(name: string, reason: string): RequestError {
  return new RequestError('invalid_option', `option 'speculation${name}' ${reason}`, 'speculation');
}
