// Ollama's `options`: their JSON Schema, what they mean for the engine, and Ollama's own defaults.
import type { SamplingOptions } from '../../engine/index.js';
import { RequestError } from '../../errors.js';
import { samplingOptions, samplingProperties, seedSchema, withoutNulls } from '../sampling.js';
import { refuseUnsupported, type UnsupportedField } from '../unsupported.js';

export interface OllamaOptions {
  readonly [name: string]: unknown;
  readonly num_predict?: number | null;
  readonly num_ctx?: number | null;
  readonly temperature?: number | null;
  readonly top_k?: number | null;
  readonly top_p?: number | null;
  readonly min_p?: number | null;
  readonly seed?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly repeat_penalty?: number | null;
  readonly repeat_last_n?: number | null;
  readonly presence_penalty?: number | null;
  readonly frequency_penalty?: number | null;
}

const DEFAULTS = { temperature: 0.8, top_k: 40, top_p: 0.9 };

const { temperature, top_p, top_k, min_p, stop } = samplingProperties;
const { repetition_penalty: repeat_penalty, presence_penalty, frequency_penalty } = samplingProperties;

/** How Ollama lays out memory and work, and which part of an overflowing context it keeps: no output depends on it here. */
const LAYOUT = [
  ...['numa', 'num_batch', 'num_gpu', 'main_gpu', 'num_thread', 'num_keep', 'low_vram', 'f16_kv'],
  ...['logits_all', 'use_mmap', 'use_mlock', 'mirostat_tau', 'mirostat_eta'],
];

const unsupportedOptions: readonly UnsupportedField[] = [
  { name: 'mirostat', inert: [0] },
  { name: 'tfs_z', inert: [1] },
  { name: 'typical_p', inert: [1] },
  { name: 'penalize_newline', inert: [true] },
  { name: 'vocab_only', inert: [false] },
  { name: 'embedding_only', inert: [false] },
];

const anything = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));

export const optionsSchema = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    ...anything(LAYOUT),
    ...anything(unsupportedOptions.map(({ name }) => name)),
    num_predict: { type: ['integer', 'null'], minimum: -2, maximum: Number.MAX_SAFE_INTEGER },
    num_ctx: { type: ['integer', 'null'], minimum: 0 },
    repeat_last_n: { type: ['integer', 'null'], minimum: -1 },
    temperature,
    top_p,
    top_k,
    min_p,
    seed: seedSchema,
    stop,
    repeat_penalty,
    presence_penalty,
    frequency_penalty,
  },
};

/** What the chat layer and the engine take for them. */
export interface Sampling {
  readonly sampling: Omit<SamplingOptions, 'maxTokens'>;
  /** None: up to the context. */
  readonly maxTokens?: number;
}

/** @throws RequestError naming the option that would change outputs in a way that is not had here. */
export function ollamaSampling(given: OllamaOptions | null | undefined, contextLength: number): Sampling {
  const options = given ?? {};
  refuseUnsupported(options, unsupportedOptions, 'options.');
  checkContext(options.num_ctx, contextLength);
  const { num_predict: most } = options;
  return {
    sampling: samplingOptions(
      withoutNulls({
        temperature: options.temperature ?? DEFAULTS.temperature,
        top_k: options.top_k ?? DEFAULTS.top_k,
        top_p: options.top_p ?? DEFAULTS.top_p,
        min_p: options.min_p,
        stop: options.stop,
        ...penalties(options),
      }),
      // Ollama's way to ask for a seed that is drawn.
      options.seed === -1 ? undefined : options.seed,
    ),
    ...(most && most > 0 && { maxTokens: most }),
  };
}

function checkContext(asked: number | null | undefined, contextLength: number): void {
  if (asked && asked > contextLength)
    throw new RequestError(
      'invalid_value',
      `options.num_ctx is ${asked}, but the context of this model, as it was started, is ${contextLength} tokens`,
      'options.num_ctx',
    );
}

/** Penalties look at the whole prompt and output here: a shorter window is refused where it would matter. */
function penalties(options: OllamaOptions) {
  const { repeat_penalty: repetition_penalty, presence_penalty, frequency_penalty } = options;
  const { repeat_last_n: window } = options;
  const isOff = (repetition_penalty ?? 1) === 1 && !presence_penalty && !frequency_penalty;
  if (isOff || window === 0) return {};
  if (typeof window === 'number' && window > 0)
    throw new RequestError(
      'unsupported_parameter',
      'options.repeat_last_n is not supported with this value beside a penalty; only -1, the whole context, or 0, no penalty, is',
      'options.repeat_last_n',
    );
  return { repetition_penalty, presence_penalty, frequency_penalty };
}
