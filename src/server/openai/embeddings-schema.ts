// The body of a request for embeddings: its JSON Schema for validation and its type.
import type { Pooling } from '../../engine/index.js';
import { type AnyPrompts, anyPromptsSchema } from '../prompts.js';
import { type PlaceFields, placeProperties } from '../sampling.js';

export interface EmbeddingBody extends PlaceFields {
  readonly input: AnyPrompts;
  readonly encoding_format?: 'float' | 'base64' | null;
  readonly dimensions?: number | null;
  readonly pooling?: Pooling | null;
  /** What /abort_request may call it, besides its request id. */
  readonly rid?: string | null;
}

export const embeddingSchema = {
  type: 'object',
  required: ['input'],
  properties: {
    model: { type: ['string', 'null'] },
    input: anyPromptsSchema,
    encoding_format: { enum: ['float', 'base64', null] },
    dimensions: { type: ['integer', 'null'], minimum: 1 },
    pooling: { enum: ['mean', 'last', null] },
    rid: { type: ['string', 'null'] },
    ...placeProperties,
  },
};
