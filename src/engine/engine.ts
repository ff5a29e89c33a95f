// The engine: a model loaded once, any number of requests at once. Checks and encodes each request, hands it to the native
// scheduler in one call, and turns its events into text. JavaScript is not on the path between two tokens.
import { type Expression, isStandardSchema, type OutputOf, type StandardSchema } from '../builder/index.js';
import type { CompiledGrammar } from '../compile/index.js';
import { GrammarCompiler, Turns } from '../compile-threads/index.js';
import { EngineError, ParseError, RequestError } from '../errors.js';
import {
  loadNative,
  type NativeAddon,
  type NativeEngine,
  type NativeEvent,
  type NativeStats,
} from '../native/index.js';
import type { ChatTemplateOptions, Tokenizer } from '../tokenizer/index.js';
import { BackgroundEncoder } from './background-encoder.js';
import { choiceRequests, type IndexedChunk, merged, resultOf, resultsOf } from './choices.js';
import { Constraints, isConstrained, sourceOf } from './constraints.js';
import { Embedder, type EmbedInput, type EmbedOptions, type EmbedResult } from './embedding.js';
import { forcedText } from './forced-text.js';
import { IncompleteOutputError } from './incomplete-output.js';
import { loadSpeculation } from './load-speculation.js';
import { withKvTokens } from './memory.js';
import { type ModelFolder, readModelFolder } from './model-folder.js';
import { resolveOptions } from './options.js';
import { Output, outputOptions } from './output.js';
import { prefixTree } from './prefix-tree.js';
import { checkPrompt, checkRequest } from './request.js';
import { type EventReceiver, submit } from './submit.js';
import type {
  CachedPrefix,
  ChatMessage,
  ConstraintOptions,
  EngineInfo,
  EngineOptions,
  GenerateChunk,
  GenerateRequest,
  GenerateResult,
  LoadProgress,
} from './types.js';
import { Warming } from './warming.js';

/** What an engine holds once its model is loaded. */
interface Loaded {
  readonly folder: ModelFolder;
  readonly warming: Warming;
  readonly encoder: BackgroundEncoder;
  readonly embedder: Embedder;
  readonly constraints: Constraints;
  readonly native: NativeEngine;
  readonly info: EngineInfo;
}

/** A result with its parsed value. */
export interface ObjectResult<T> {
  readonly value: T;
  readonly result: GenerateResult;
}

export class Engine {
  readonly #loading: Promise<Loaded>;
  readonly #outputs = new Map<number, EventReceiver>();
  readonly #compiler: GrammarCompiler;
  readonly #grammarLoading = new Turns();
  #nextId = 1;
  #closed = false;
  readonly #closing = new AbortController();

  /**
   * Checks the options and begins to load the model; {@link ready} tells when it is there. `addon` is for tests.
   * @throws RequestError `invalid_option`
   */
  constructor(options: EngineOptions = {}, addon?: NativeAddon) {
    const resolved = resolveOptions(options);
    this.#compiler = new GrammarCompiler(resolved.compiler);
    this.#loading = this.#load(resolved, addon);
    this.#loading.catch(() => {}); // reported by whoever awaits it
  }

  /**
   * Resolves once the model is loaded.
   * @throws ModelError, TokenizerError or EngineError (`native_missing`) when it cannot be
   */
  async ready(): Promise<EngineInfo> {
    return (await this.#loading).info;
  }

  /**
   * Runs a request to its end.
   * @throws RequestError, CompileError, EngineError
   */
  async generate(request: GenerateRequest): Promise<GenerateResult> {
    return resultOf(this.stream(request));
  }

  /**
   * Runs a request and gives its text as it comes. Leaving the loop early ends the request.
   * @throws RequestError, CompileError, EngineError, from the first step
   */
  async *stream(request: GenerateRequest): AsyncGenerator<GenerateChunk, void, undefined> {
    const loaded = await this.#open();
    loaded.warming.requestCame();
    const checked = checkRequest(request, loaded.folder.tokenizer.vocabSize);
    const prompt = await this.#encodePrompt(loaded, request);
    const room = checkPrompt(prompt, checked, loaded.info.contextLength);
    const id = this.#nextId++;
    const output = new Output(loaded.folder.tokenizer, outputOptions(checked, prompt), () =>
      loaded.native.abort(id),
    );
    const onAbort = () => loaded.native.abort(id);
    this.#outputs.set(id, output);
    try {
      submit(loaded.native, {
        id,
        prompt,
        maxTokens: Math.min(checked.maxTokens, room),
        sampling: checked.sampling,
        ...checked.extras,
        stopTokens: Int32Array.from([
          ...(checked.ignoreEos ? [] : loaded.info.eosTokenIds),
          ...checked.stopTokenIds,
        ]),
        ...(isConstrained(request) ? { grammarFollows: true } : {}),
      });
      request.signal?.addEventListener('abort', onAbort);
      if (request.signal?.aborted) onAbort();
      await this.#giveGrammar(loaded, id, request);
      try {
        // A loop here, not a generator of the output's: each within another costs several promises a token.
        for (let chunk: GenerateChunk | undefined; !chunk?.result; ) {
          chunk = output.take();
          if (chunk) yield chunk;
          else await output.arrival();
        }
      } finally {
        if (!output.isComplete) onAbort();
      }
    } finally {
      request.signal?.removeEventListener('abort', onAbort);
      this.#outputs.delete(id);
    }
  }

  /**
   * Runs requests together. The results stand in their order; what one of them throws ends the others.
   * @throws what {@link generate} throws
   */
  async generateAll(requests: readonly GenerateRequest[]): Promise<GenerateResult[]> {
    return resultsOf(requests.length, this.streamAll(requests));
  }

  /** As {@link generateAll}, with the text of each as it comes. */
  async *streamAll(requests: readonly GenerateRequest[]): AsyncGenerator<IndexedChunk, void, undefined> {
    yield* merged(requests.map((request) => this.stream(request)));
  }

  /**
   * `n` outputs of one prompt, which is encoded and computed once. Where the request has a seed, output i has seed + i.
   * @throws what {@link generate} throws
   */
  async generateChoices(request: GenerateRequest, n: number): Promise<GenerateResult[]> {
    return resultsOf(n, this.streamChoices(request, n));
  }

  /** As {@link generateChoices}, with the text of each as it comes. */
  async *streamChoices(request: GenerateRequest, n: number): AsyncGenerator<IndexedChunk, void, undefined> {
    const loaded = await this.#open();
    checkRequest(request, loaded.folder.tokenizer.vocabSize);
    yield* this.streamAll(choiceRequests(request, await this.#encodePrompt(loaded, request), n));
  }

  /**
   * Runs a request under a schema or a grammar and gives the value that its output stands for; a schema of zod and its like
   * also validates it, and types the value as a compiled grammar and an expression of `g` do.
   * @throws EngineError `incomplete_output` when the output was cut off (its `partial` holds the text), `validation_failed`
   * when the schema's own validation refuses the value, besides what {@link generate} throws
   */
  async generateObject<S extends StandardSchema>(
    request: Omit<GenerateRequest, 'schema'> & { readonly schema: S },
  ): Promise<ObjectResult<OutputOf<S>>>;
  async generateObject<T>(
    request: GenerateRequest & { readonly grammar: CompiledGrammar<T> | Expression<T> },
  ): Promise<ObjectResult<T>>;
  async generateObject<T = unknown>(
    request: GenerateRequest & { readonly schema: unknown },
  ): Promise<ObjectResult<T>>;
  async generateObject(request: GenerateRequest): Promise<ObjectResult<unknown>> {
    const result = await this.generate(request);
    if (result.finishReason !== 'stop' || typeof result.matchedStop === 'string')
      throw new IncompleteOutputError(result.text, result.finishReason);
    if (request.schema === undefined) return { value: await this.#outputValue(request, result.text), result };
    const value: unknown = JSON.parse(result.text);
    if (!isStandardSchema(request.schema)) return { value, result };
    const checked = await request.schema['~standard'].validate(value);
    if (checked.issues)
      throw new EngineError(
        'validation_failed',
        `the output obeys the JSON Schema, but: ${checked.issues.map((issue) => issue.message).join('; ')}`,
      );
    return { value: checked.value, result };
  }

  /**
   * Embeddings of texts or token ids: of one, or of a list of them at once.
   * @throws RequestError; EngineError (`aborted` where `signal` ended it); ModelError where the folder asks for further layers
   */
  async embed(inputs: EmbedInput | readonly EmbedInput[], options: EmbedOptions = {}): Promise<EmbedResult> {
    const { embedder, warming } = await this.#open();
    warming.requestCame();
    return embedder.embed(inputs, options);
  }

  /** The token ids of a text; `addSpecialTokens` (default true) adds the tokenizer's begin token. */
  async tokenize(text: string, options: { readonly addSpecialTokens?: boolean } = {}): Promise<Int32Array> {
    return (await this.#open()).encoder.encode(text, options.addSpecialTokens ?? true);
  }

  /** The text of token ids; `skipSpecialTokens` (default false) leaves special tokens out. */
  async detokenize(
    ids: Iterable<number>,
    options: { readonly skipSpecialTokens?: boolean } = {},
  ): Promise<string> {
    return (await this.#open()).folder.tokenizer.decode(ids, options);
  }

  /** The prompt that the model's chat template makes of a chat. @throws TokenizerError `no_chat_template`, `template_error` */
  async applyChatTemplate(
    messages: readonly ChatMessage[],
    options: ChatTemplateOptions = {},
  ): Promise<string> {
    return (await this.#open()).folder.tokenizer.applyChatTemplate(messages, options);
  }

  /** The model's tokenizer. */
  async tokenizer(): Promise<Tokenizer> {
    return (await this.#open()).folder.tokenizer;
  }

  /**
   * The compiled grammar that a request under this constraint has; undefined where it asks for none. Compiled once for equal
   * constraints.
   * @throws RequestError, CompileError
   */
  async compile(constraint: ConstraintOptions, signal?: AbortSignal): Promise<CompiledGrammar | undefined> {
    const source = sourceOf(constraint);
    return source && this.#compiler.compile(source, { ...constraint.compile, ...(signal && { signal }) });
  }

  /** Counters of the native engine. */
  async stats(): Promise<NativeStats> {
    return (await this.#open()).native.stats();
  }

  /** What the prefix cache holds: at most `most` (1,000) pieces of text, the nearest to the beginnings first. */
  async cachedPrefixes(most = 1000): Promise<readonly CachedPrefix[]> {
    if (!Number.isSafeInteger(most) || most < 0)
      throw new RequestError('invalid_request', `most: must be a count, found ${String(most)}`, 'most');
    const { native, folder } = await this.#open();
    return prefixTree(await native.cachedPrefixes({ most }), folder.tokenizer);
  }

  /** Drops every cached prefix that no running request holds. Resolves to the number of KV pages freed. */
  async flushCache(): Promise<number> {
    return (await this.#open()).native.flushCache();
  }

  /** Ends all requests (their finish reason is `abort`) and frees the model. Further calls throw `engine_closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#closing.abort();
    const loaded = await this.#loading.catch(() => undefined);
    await Promise.all([this.#compiler.close(), loaded?.native.close(), loaded?.encoder.close()]);
    const closed = new EngineError('engine_closed', 'the engine was closed');
    for (const output of this.#outputs.values()) output.fail(closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #open(): Promise<Loaded> {
    if (this.#closed) throw new EngineError('engine_closed', 'the engine was closed');
    return this.#loading;
  }

  async #load(
    {
      model,
      loadFormat,
      forcesText,
      cache,
      context,
      template,
      warm,
      masks,
      onProgress,
      native: asked,
      speculation,
    }: ReturnType<typeof resolveOptions>,
    given?: NativeAddon,
  ): Promise<Loaded> {
    const start = performance.now();
    const tell = (stage: LoadProgress['stage'], weightBytes = 0) =>
      onProgress({ stage, weightBytes, elapsedMs: performance.now() - start });
    await undefined; // so that the constructor is done before anything is told
    tell('folder');
    const addon = given ?? loadNative();
    const random = asked.device === 'cuda' ? 'device' : 'host';
    const folder = readModelFolder(model, {
      ...(loadFormat === 'dummy' && { random }),
      ...cache,
      ...context,
      ...template,
      addon,
    });
    tell('weights', folder.weightBytes);
    const loading = addon.loadModel(folder.spec);
    loading.catch(() => {}); // awaited below, unless the tokenizer fails first
    const warming = new Warming(warm, folder.native(), addon, this.#closing.signal);
    loading.catch(() => warming.requestCame());
    folder.tokenizer.prepare(); // while the weights are read
    const handle = await loading;
    tell('engine', folder.weightBytes);
    const options = withKvTokens(asked, folder);
    const text = forcesText ? { forcedText: forcedText(folder) } : {};
    if (warm === 'before-ready') await warming.done;
    const drafts = speculation && {
      speculation: await loadSpeculation(speculation, folder, {
        addon,
        cache,
        kvTokens: options.kvTokens,
      }),
    };
    const native = addon.createEngine(handle, { ...options, ...text, ...drafts }, (events) =>
      this.#dispatch(events),
    );
    tell('ready', folder.weightBytes);
    const encoder = new BackgroundEncoder(folder.tokenizer, folder.tokenizerFiles);
    const nextId = () => this.#nextId++;
    return {
      folder,
      warming,
      native,
      encoder,
      embedder: new Embedder({ folder, encoder, native, receivers: this.#outputs, nextId }),
      constraints: new Constraints(addon, folder.native(), folder.tokenizer, masks),
      info: {
        modelPath: folder.path,
        modelId: folder.id,
        contextLength: folder.spec.maxPositions,
        vocabSize: folder.tokenizer.vocabSize,
        eosTokenIds: folder.tokenizer.eosTokenIds,
        kernels: addon.cpuKernels,
        tokenizerCache: folder.cache,
        options,
      },
    };
  }

  async #encodePrompt({ folder, encoder }: Loaded, request: GenerateRequest): Promise<Int32Array> {
    if (request.promptTokens instanceof Int32Array) return request.promptTokens; // the addon copies it
    if (request.promptTokens !== undefined) return Int32Array.from(request.promptTokens);
    if (request.prompt !== undefined) return encoder.encode(request.prompt, true);
    const text = folder.tokenizer.applyChatTemplate(request.messages ?? [], {
      ...request.chatTemplateOptions,
      ...(request.tools ? { tools: request.tools } : {}),
    });
    return encoder.encode(text, false);
  }

  /** Compiled in another thread, or in small pieces, while the prompts of this request and of others are computed. */
  async #giveGrammar({ constraints, native }: Loaded, id: number, request: GenerateRequest): Promise<void> {
    if (!isConstrained(request)) return;
    try {
      const grammar = await this.compile(request, request.signal);
      if (!grammar) return;
      const load = () => constraints.load(grammar, request.compile?.maxConfigurations);
      native.giveGrammar(id, await this.#grammarLoading.run(load));
    } catch (error) {
      if (request.signal?.aborted || this.#closed) return; // the native engine knows, and its last event says so
      native.abort(id);
      throw error;
    }
  }

  /** What an output stands for under its request's grammar. */
  async #outputValue(request: GenerateRequest, text: string): Promise<unknown> {
    const grammar = await this.compile(request);
    if (!grammar)
      throw new RequestError(
        'invalid_request',
        'schema: generateObject needs a schema or a grammar',
        'schema',
      );
    try {
      return await grammar.parseAsync(text);
    } catch (error) {
      if (error instanceof ParseError && error.code === 'invalid_value')
        throw new EngineError('validation_failed', error.message, { cause: error });
      throw error;
    }
  }

  #dispatch(events: readonly NativeEvent[]): void {
    for (const event of events) this.#outputs.get(event.id)?.receive(event);
  }
}
