// A scripted engine: each request is answered by the script; requests are recorded. Tokens are one per piece of text.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type CompiledGrammar, compile, type GrammarSource } from '../../src/compile/index.js';
import type {
  CachedPrefix,
  ConstraintOptions,
  EmbedInput,
  EmbedOptions,
  EmbedResult,
  EngineInfo,
  FinishReason,
  GenerateChunk,
  GenerateRequest,
  GenerateResult,
  IndexedChunk,
} from '../../src/engine/index.js';
import { EngineError } from '../../src/errors.js';
import {
  createServer,
  type EngineLike,
  type EngineStats,
  type ServerOptions,
} from '../../src/server/index.js';
import { buildTokenizerImage, TOKEN_TEXT } from '../../src/tokenizer/index.js';

export interface Script {
  /** The output, piece by piece. */
  readonly pieces?: readonly string[];
  /** Per piece: its token (else its number), and how many tokens the mask allowed (else -1). */
  readonly tokens?: readonly number[];
  readonly allowed?: readonly number[];
  readonly finishReason?: FinishReason;
  readonly matchedStop?: string | number;
  readonly logprobs?: NonNullable<GenerateResult['logprobs']>;
  readonly promptLogprobs?: NonNullable<GenerateResult['promptLogprobs']>;
  /** Thrown before any output. */
  readonly error?: Error;
  /** Thrown after the pieces. */
  readonly lateError?: Error;
  /** Milliseconds before each piece. */
  readonly delay?: number;
}

export const info: EngineInfo = {
  modelPath: '/models/fake',
  modelId: 'fake-1',
  contextLength: 512,
  vocabSize: 100,
  eosTokenIds: [7],
  kernels: 'none',
  tokenizerCache: { state: 'off' },
  options: {
    device: 'cpu',
    dtype: 'auto',
    threads: 1,
    kvTokens: 1024,
    hostKvTokens: 0,
    pageSize: 16,
    maxRunning: 4,
    maxQueued: 4,
    chunkedPrefillSize: 64,
    radixCache: true,
    radixEviction: 'lru',
    schedulePolicy: 'lpm',
    overlap: false,
    jumpForward: true,
    maskRows: 64,
  },
};

/** A token for each character below 128; 7 ends an output. */
const image = buildTokenizerImage({
  vocabSize: 128,
  bytes: (id) => Uint8Array.of(id),
  flag: () => TOKEN_TEXT,
  eos: [7],
});

export class FakeEngine implements EngineLike {
  readonly requests: GenerateRequest[] = [];
  /** How many requests ended by abort. */
  aborted = 0;
  flushes = 0;
  counters: EngineStats = { running: 0 };
  closed = false;
  chatTemplates: readonly string[] = [];
  prefixes: readonly CachedPrefix[] = [];
  readonly #script: (request: GenerateRequest) => Script;
  readonly #ready: Promise<EngineInfo>;

  constructor(script: Script | ((request: GenerateRequest) => Script) = {}, ready = Promise.resolve(info)) {
    this.#script = typeof script === 'function' ? script : () => script;
    this.#ready = ready;
  }

  ready(): Promise<EngineInfo> {
    return this.#ready;
  }

  async generate(request: GenerateRequest): Promise<GenerateResult> {
    let result: GenerateResult | undefined;
    for await (const chunk of this.stream(request)) result = chunk.result;
    return result as GenerateResult;
  }

  async *stream(request: GenerateRequest): AsyncGenerator<GenerateChunk> {
    this.requests.push(request);
    const { pieces = ['Hello', ', ', 'world'], delay = 0, error, lateError, ...end } = this.#script(request);
    if (error) throw error;
    const said: string[] = [];
    for (const [index, text] of pieces.entries()) {
      if (delay) await sleep(delay);
      if (request.signal?.aborted) {
        this.aborted++;
        yield this.#last('', said, { finishReason: 'abort' });
        return;
      }
      said.push(text);
      const chunk = { text, tokens: [end.tokens?.[index] ?? index], allowed: [end.allowed?.[index] ?? -1] };
      if (index < pieces.length - 1 || lateError) yield chunk;
      else yield { ...this.#last(text, said, end), ...chunk };
    }
    if (lateError) throw lateError;
  }

  #last(
    text: string,
    said: string[],
    { tokens, allowed: _, ...end }: Omit<Script, 'pieces' | 'delay' | 'error' | 'lateError'>,
  ): GenerateChunk {
    const result: GenerateResult = {
      text: said.join(''),
      tokens: said.map((_, index) => tokens?.[index] ?? index),
      finishReason: 'stop',
      ...end,
      usage: {
        promptTokens: 11,
        cachedTokens: 8,
        outputTokens: said.length,
        draftTokens: 0,
        acceptedTokens: 0,
        firstTokenMs: 1,
        totalMs: 250,
        maskMs: 0,
      },
    };
    const logprobs = end.logprobs && { logprobs: end.logprobs };
    return { text, tokens: [], allowed: [], ...logprobs, result };
  }

  async generateChoices(request: GenerateRequest, n: number): Promise<GenerateResult[]> {
    return Promise.all(Array.from({ length: n }, () => this.generate(request)));
  }

  /** Choice after choice. */
  async *streamChoices(request: GenerateRequest, n: number): AsyncGenerator<IndexedChunk> {
    for (let index = 0; index < n; index++)
      for await (const chunk of this.stream(request)) yield { index, ...chunk };
  }

  readonly embedded: { inputs: readonly EmbedInput[]; options: EmbedOptions }[] = [];

  /** The number of each input and a few others; a token an input. The script has error and delay. */
  async embed(inputs: readonly EmbedInput[], options: EmbedOptions = {}): Promise<EmbedResult> {
    this.embedded.push({ inputs, options });
    const { error, delay } = this.#script({});
    if (error) throw error;
    if (delay) await sleep(delay);
    if (options.signal?.aborted) {
      this.aborted++;
      throw new EngineError('aborted', 'ended');
    }
    return {
      embeddings: inputs.map((_, index) => Float32Array.of(index, 0.1, -1e-9)),
      usage: { promptTokens: inputs.length, cachedTokens: 0 },
    };
  }

  /** What the fake template makes of a chat; what it was asked is recorded. */
  prompt = 'PROMPT';
  readonly rendered: { messages: readonly object[]; options: object }[] = [];

  async applyChatTemplate(messages: readonly object[], options: object = {}): Promise<string> {
    this.rendered.push({ messages, options });
    return this.prompt;
  }

  /** A token a character: its code. */
  async tokenize(text: string): Promise<Int32Array> {
    return Int32Array.from(text, (character) => character.codePointAt(0)!);
  }

  async detokenize(ids: Iterable<number>): Promise<string> {
    return String.fromCodePoint(...ids);
  }

  async compile(constraint: ConstraintOptions): Promise<CompiledGrammar | undefined> {
    return Object.keys(constraint).length === 0 ? undefined : compile(constraint as GrammarSource);
  }

  async tokenizer() {
    return {
      image,
      tokenId: () => undefined,
      tokenBytes: (id: number) => new TextEncoder().encode(String.fromCodePoint(id)),
      specialBytes: () => undefined,
      isSpecial: () => false,
      vocabSize: 0,
      chatTemplates: this.chatTemplates,
    };
  }

  async stats(): Promise<EngineStats> {
    return this.counters;
  }

  async cachedPrefixes(): Promise<readonly CachedPrefix[]> {
    return this.prefixes;
  }

  async flushCache(): Promise<number> {
    this.flushes++;
    return 0;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export interface Running {
  readonly engine: FakeEngine;
  readonly app: FastifyInstance;
  readonly url: string;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

const running: FastifyInstance[] = [];

/** A server over a scripted engine, listening on a free port until {@link stopAll}. */
export async function start(
  script?: ConstructorParameters<typeof FakeEngine>[0],
  options?: ServerOptions,
): Promise<Running> {
  const engine = new FakeEngine(script);
  const app = createServer(engine, options);
  running.push(app);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    engine,
    app,
    url,
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((app) => app.close()));
}

/** The events of a server-sent stream, `[DONE]` as a string. */
// biome-ignore lint/suspicious/noExplicitAny: events are looked at field by field in tests.
export async function events(response: Response): Promise<any[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const data = block.replace(/^data: /, '');
      return data === '[DONE]' ? data : JSON.parse(data);
    });
}
