// Embeddings: checks and encodes the inputs, has the native engine pool the hidden states of each, cuts and normalises what
// comes of it.
import { EngineError, RequestError } from '../errors.js';
import type { NativeEngine, NativeEvent, NativeRequest } from '../native/index.js';
import type { BackgroundEncoder } from './background-encoder.js';
import type { ModelFolder } from './model-folder.js';
import { folderPooling, type Pooling } from './pooling.js';
import { checkRequest } from './request.js';
import { type EventReceiver, submit } from './submit.js';
import type { GenerateRequest } from './types.js';

/** Most inputs of one call. */
export const MAX_EMBED_INPUTS = 2048;

/** A text (the tokenizer's own special tokens are added), or token ids, taken as they are. */
export type EmbedInput = string | readonly number[] | Int32Array;

export interface EmbedOptions extends Pick<GenerateRequest, 'cacheSalt' | 'priority' | 'signal'> {
  /** Default: what the model folder names in 1_Pooling/config.json, else 'mean'. */
  readonly pooling?: Pooling;
  /** Divide by the Euclidean norm (true). */
  readonly normalize?: boolean;
  /** Keep the first so many numbers, before they are normalised (all). */
  readonly dimensions?: number;
}

export interface EmbedResult {
  /** In the order of the inputs. */
  readonly embeddings: readonly Float32Array[];
  readonly usage: EmbedUsage;
}

/** Of all inputs together. */
export interface EmbedUsage {
  readonly promptTokens: number;
  /** Tokens whose keys and values came from the radix cache; with pooling 'mean' none do. */
  readonly cachedTokens: number;
}

type NativeEnd = NonNullable<NativeEvent['finish']>;
type Embedded = EmbedUsage & { readonly embedding: Float32Array };

interface Checked {
  readonly pooling: Pooling;
  readonly normalize: boolean;
  readonly dimensions: number;
  /** What each input's request has besides the input. */
  readonly shared: Pick<GenerateRequest, 'cacheSalt' | 'priority' | 'signal'>;
}

/** What an engine has for its embeddings. */
export interface EmbedderParts {
  readonly folder: ModelFolder;
  readonly encoder: BackgroundEncoder;
  readonly native: NativeEngine;
  /** Where the engine looks who takes an event. */
  readonly receivers: Map<number, EventReceiver>;
  /** A new request's id. */
  readonly nextId: () => number;
}

const OPTIONS = ['pooling', 'normalize', 'dimensions', 'cacheSalt', 'priority', 'signal'];

export class Embedder {
  readonly #parts: EmbedderParts;
  #folderPooling: Pooling | undefined;

  constructor(parts: EmbedderParts) {
    this.#parts = parts;
  }

  /**
   * All inputs at once. What one of them throws ends the others.
   * @throws RequestError, EngineError, ModelError
   */
  async embed(inputs: EmbedInput | readonly EmbedInput[], options: EmbedOptions): Promise<EmbedResult> {
    const checked = this.#check(options);
    const requests = await Promise.all(listOf(inputs).map((input) => this.#request(input, checked)));
    const ended = await this.#runAll(requests, checked.shared.signal);
    const sum = (key: keyof EmbedUsage) => ended.reduce((total, one) => total + one[key], 0);
    return {
      embeddings: ended.map(({ embedding }) => shaped(embedding, checked)),
      usage: { promptTokens: sum('promptTokens'), cachedTokens: sum('cachedTokens') },
    };
  }

  #check(options: EmbedOptions): Checked {
    for (const name of Object.keys(options))
      if (!OPTIONS.includes(name)) throw invalid(`unknown option; known are ${OPTIONS.join(', ')}`, name);
    const { pooling, normalize = true, dimensions, ...shared } = options;
    const { hiddenSize } = this.#parts.folder.spec;
    if (pooling !== undefined && pooling !== 'mean' && pooling !== 'last')
      throw invalid(`must be 'mean' or 'last', found ${String(pooling)}`, 'pooling');
    if (typeof normalize !== 'boolean') throw invalid('must be true or false', 'normalize');
    if (
      dimensions !== undefined &&
      !(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= hiddenSize)
    )
      throw invalid(
        `must be an integer from 1 to ${hiddenSize}, as many as the model has; found ${String(dimensions)}`,
        'dimensions',
      );
    return {
      pooling: pooling ?? this.#ownPooling(),
      normalize,
      dimensions: dimensions ?? hiddenSize,
      shared,
    };
  }

  #ownPooling(): Pooling {
    this.#folderPooling ??= folderPooling(this.#parts.folder.path);
    return this.#folderPooling;
  }

  async #request(input: EmbedInput, { pooling, shared }: Checked): Promise<NativeRequest> {
    const { folder, encoder, nextId } = this.#parts;
    const given = typeof input === 'string' ? { prompt: input } : { promptTokens: input };
    const { sampling, extras } = checkRequest({ ...given, ...shared }, folder.tokenizer.vocabSize);
    const prompt = typeof input === 'string' ? await encoder.encode(input, true) : Int32Array.from(input);
    if (prompt.length === 0) throw invalid('has no tokens', 'prompt');
    const { maxPositions } = folder.spec;
    if (prompt.length > maxPositions)
      throw new RequestError(
        'context_length_exceeded',
        `prompt: has ${prompt.length} tokens; they must fit the context of ${maxPositions}`,
        'prompt',
      );
    return {
      id: nextId(),
      prompt,
      maxTokens: 0,
      stopTokens: new Int32Array(0),
      sampling,
      ...extras,
      pooling,
    };
  }

  async #runAll(requests: readonly NativeRequest[], signal: AbortSignal | undefined): Promise<Embedded[]> {
    const abort = () => {
      for (const { id } of requests) this.#parts.native.abort(id);
    };
    const running = requests.map((request) => this.#run(request));
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    try {
      return await Promise.all(running);
    } catch (error) {
      abort();
      await Promise.allSettled(running);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #run(request: NativeRequest): Promise<Embedded> {
    const { native, receivers } = this.#parts;
    try {
      return await new Promise<Embedded>((resolve, reject) => {
        const receive = ({ finish, embedding }: NativeEvent) => {
          if (finish && embedding) resolve({ ...finish, embedding });
          else if (finish) reject(failureOf(finish));
        };
        receivers.set(request.id, { receive, fail: reject });
        submit(native, request);
      });
    } finally {
      receivers.delete(request.id);
    }
  }
}

function listOf(inputs: EmbedInput | readonly EmbedInput[]): readonly EmbedInput[] {
  if (typeof inputs === 'string' || inputs instanceof Int32Array) return [inputs];
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw invalid('must be a text, token ids, or a list of them that is not empty', 'inputs');
  if (typeof inputs[0] === 'number') return [inputs as readonly number[]];
  if (inputs.length > MAX_EMBED_INPUTS)
    throw invalid(
      `are ${inputs.length}; at most ${MAX_EMBED_INPUTS} are taken (limit MAX_EMBED_INPUTS)`,
      'inputs',
    );
  return inputs;
}

function failureOf({ reason, error }: NativeEnd): EngineError {
  if (reason === 'abort')
    return new EngineError('aborted', 'the request was ended before its embedding was complete');
  return new EngineError(error?.code ?? 'engine_error', error?.message ?? 'the engine ended this request');
}

function shaped(embedding: Float32Array, { dimensions, normalize }: Checked): Float32Array {
  const values = embedding.slice(0, dimensions);
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  if (!Number.isFinite(squares))
    throw new EngineError('engine_error', 'the embedding holds numbers that are not finite');
  const norm = Math.sqrt(squares);
  return normalize && norm > 0 ? values.map((value) => value / norm) : values;
}

function invalid(reason: string, field: string): RequestError {
  return new RequestError('invalid_request', `${field}: ${reason}`, field);
}
