// Prompts of a request as clients send them: one text or token list, or several.
import type { GenerateRequest } from '../engine/index.js';
import { RequestError } from '../errors.js';

export type Prompt = Pick<GenerateRequest, 'prompt' | 'promptTokens'>;

/** Whether the client sent a list of prompts, and so gets one answer each, and the prompts. */
export interface Prompts {
  readonly prompts: readonly Prompt[];
  readonly batch: boolean;
}

/** A list of token ids, or of such lists. */
export const promptTokensSchema = {
  type: ['array', 'null'],
  minItems: 1,
  items: {
    type: ['integer', 'array'],
    minimum: 0,
    minItems: 1,
    items: { type: 'integer', minimum: 0 },
  },
} as const;

/** A text, a list of texts, token ids, or a list of such lists. */
export const anyPromptsSchema = {
  type: ['string', 'array'],
  minItems: 1,
  items: { ...promptTokensSchema.items, type: ['string', 'integer', 'array'] },
} as const;

export type AnyPrompts = string | readonly (string | number | readonly number[])[];

/** @throws RequestError `invalid_value` for a list of several kinds. */
export function anyPrompts(value: AnyPrompts, field: string): Prompts {
  if (typeof value === 'string') return textPrompts(value);
  if (value.every((one) => typeof one === 'string')) return textPrompts(value);
  if (value.some((one) => typeof one === 'string'))
    throw new RequestError('invalid_value', `${field} mixes texts and token ids`, field);
  return tokenPrompts(value as readonly (number | readonly number[])[], field);
}

export function textPrompts(text: string | readonly string[]): Prompts {
  if (typeof text === 'string') return { prompts: [{ prompt: text }], batch: false };
  return { prompts: text.map((prompt) => ({ prompt })), batch: true };
}

/** @throws RequestError `invalid_value` for a list of both ids and lists. */
export function tokenPrompts(ids: readonly (number | readonly number[])[], field: string): Prompts {
  if (ids.every((id) => typeof id === 'number')) return { prompts: [{ promptTokens: ids }], batch: false };
  if (ids.every((list) => typeof list !== 'number'))
    return { prompts: ids.map((promptTokens) => ({ promptTokens })), batch: true };
  throw new RequestError('invalid_value', `${field} mixes token ids and lists of them`, field);
}

/** @throws RequestError `batch_too_large` */
export function checkBatch(count: number, maxBatch: number, field: string): void {
  if (count > maxBatch)
    throw new RequestError(
      'batch_too_large',
      `${count} outputs in one request (limit maxBatch = ${maxBatch})`,
      field,
    );
}
