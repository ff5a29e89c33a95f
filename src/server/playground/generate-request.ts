// The body of /playground/generate: its JSON Schema, and the engine request that it asks for.
import type { ConstraintOptions, GenerateRequest } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import type { ServerContext } from '../context.js';
import { samplingOptions, samplingProperties, seedSchema, withoutNulls } from '../sampling.js';
import { CONSTRAINT_KINDS, type ConstraintView, type GenerateBody } from './protocol.js';

/** Most alternatives that are shown of a token: as many as the engine tells. */
export const MAX_ALTERNATIVES = 20;
const DEFAULT_MAX_TOKENS = 256;

const { temperature, top_p, top_k, min_p, stop, ignore_eos, repetition_penalty } = samplingProperties;

export const constraintSchema = {
  type: ['object', 'null'],
  required: ['kind', 'text'],
  additionalProperties: false,
  properties: { kind: { enum: CONSTRAINT_KINDS }, text: { type: 'string' } },
} as const;

export const generateSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    messages: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['role', 'content'],
        additionalProperties: false,
        properties: { role: { enum: ['system', 'user', 'assistant'] }, content: { type: 'string' } },
      },
    },
    prompt: { type: 'string' },
    constraint: constraintSchema,
    alternatives: { type: ['integer', 'null'], minimum: 0, maximum: MAX_ALTERNATIVES },
    max_tokens: { type: ['integer', 'null'], minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    seed: seedSchema,
    temperature,
    top_p,
    top_k,
    min_p,
    stop,
    ignore_eos,
    repetition_penalty,
  },
};

/** A constraint as the engine takes it. A schema goes as text, so that errors tell its lines. */
export function constraintOptions({ kind, text }: ConstraintView): ConstraintOptions {
  return { [kind]: text };
}

export interface GeneratePlan {
  readonly request: GenerateRequest;
  readonly promptIds: readonly number[];
  readonly constraint: ConstraintOptions | undefined;
}

/**
 * The prompt is encoded here, as the engine would, because the page shows its tokens.
 * @throws RequestError where there is not one prompt; TokenizerError where the chat template refuses it
 */
export async function planGenerate(
  body: GenerateBody,
  { engine, model }: ServerContext,
): Promise<GeneratePlan> {
  const { contextLength, vocabSize } = model.info;
  const promptIds = await encodePrompt(body, engine);
  const constraint = body.constraint ? constraintOptions(body.constraint) : undefined;
  const alternatives = body.alternatives ?? undefined;
  return {
    promptIds,
    constraint,
    request: {
      promptTokens: promptIds,
      ...samplingOptions(body, body.seed),
      maxTokens: Math.min(body.max_tokens ?? DEFAULT_MAX_TOKENS, contextLength),
      ...withoutNulls({
        logprobs: alternatives === undefined ? undefined : Math.min(alternatives, vocabSize),
      }),
      ...constraint,
    },
  };
}

async function encodePrompt(
  { messages, prompt }: GenerateBody,
  engine: ServerContext['engine'],
): Promise<readonly number[]> {
  if ((messages === undefined) === (prompt === undefined))
    throw new RequestError('invalid_value', 'give one of messages and prompt', 'prompt');
  const ids =
    messages === undefined
      ? await engine.tokenize(prompt ?? '')
      : await engine.tokenize(await engine.applyChatTemplate(messages), { addSpecialTokens: false });
  return [...ids];
}
