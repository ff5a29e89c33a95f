// What bodies of chat and of plain completions have alike: their JSON Schema and their type.
import {
  choicesSchema,
  minTokensSchema,
  type PlaceFields,
  placeProperties,
  type SamplingFields,
  samplingProperties,
  seedSchema,
} from '../sampling.js';
import { type ConstraintFields, constraintProperties } from './constraint.js';

export interface CommonFields extends SamplingFields, PlaceFields, ConstraintFields {
  readonly stream?: boolean | null;
  readonly stream_options?: { readonly include_usage?: boolean | null } | null;
  readonly max_tokens?: number | null;
  readonly min_tokens?: number | null;
  readonly seed?: number | null;
  /** What /abort_request may call it, besides its request id. */
  readonly rid?: string | null;
  readonly n?: number | null;
}

export const tokenCountSchema = {
  type: ['integer', 'null'],
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
} as const;

export const commonProperties = {
  model: { type: ['string', 'null'] },
  stream: { type: ['boolean', 'null'] },
  stream_options: {
    type: ['object', 'null'],
    properties: { include_usage: { type: ['boolean', 'null'] } },
  },
  max_tokens: tokenCountSchema,
  min_tokens: minTokensSchema,
  seed: seedSchema,
  rid: { type: ['string', 'null'] },
  n: choicesSchema,
  ...constraintProperties,
  ...placeProperties,
  ...samplingProperties,
} as const;
