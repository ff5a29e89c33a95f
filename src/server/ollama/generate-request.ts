// The body of POST /api/generate: its JSON Schema, its type, and what the chat layer, or with `raw` the engine, is asked.
import type { GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import type { ServerContext } from '../context.js';
import type { ChatInput } from '../conversation/index.js';
import { refuseUnsupported } from '../unsupported.js';
import {
  askedLogprobs,
  type CommonFields,
  commonInput,
  commonProperties,
  outputFormat,
  unsupportedFields,
} from './common-fields.js';
import { ollamaSampling } from './options.js';

export interface GenerateBody extends CommonFields {
  readonly prompt?: string | null;
  readonly system?: string | null;
  /** The prompt is the model's as it stands, without its chat template. */
  readonly raw?: boolean | null;
}

export const generateSchema = {
  type: 'object',
  properties: {
    prompt: { type: ['string', 'null'] },
    system: { type: ['string', 'null'] },
    raw: { type: ['boolean', 'null'] },
    ...commonProperties,
  },
};

/** @throws RequestError for what is refused by name or contradicts itself. */
export function generateInput(body: GenerateBody, prompt: string, { model }: ServerContext): ChatInput {
  refuseUnsupported(body, unsupportedFields);
  const { system } = body;
  return {
    messages: [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content: prompt }],
    tools: [],
    choice: 'none',
    ...commonInput(body, model.info.contextLength),
  };
}

/** @throws RequestError for what a prompt without a template has no place for. */
export function rawRequest(body: GenerateBody, prompt: string, { model }: ServerContext): GenerateRequest {
  refuseUnsupported(body, unsupportedFields);
  for (const field of ['system', 'think'])
    if (body[field])
      throw new RequestError(
        'unsupported_combination',
        `${field} cannot stand beside raw: the prompt is taken as it is`,
        field,
      );
  const { contextLength } = model.info;
  const { sampling, maxTokens = contextLength } = ollamaSampling(body.options, contextLength);
  return {
    prompt,
    ...sampling,
    maxTokens: Math.min(maxTokens, contextLength),
    ...askedLogprobs(body),
    ...outputFormat(body).constraint?.option,
  };
}
