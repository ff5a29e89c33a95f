// The native addon as TypeScript sees it. native/node/ implements this; JavaScript checks every value before it crosses.
import type { NativeModelSpec } from './model-types.js';

/** Opaque owners of native objects; freed by the garbage collector or `close`. */
export interface TokenizerHandle {
  readonly __tokenizer: unique symbol;
}
export interface GrammarHandle {
  readonly __grammar: unique symbol;
}
export interface RowHandle {
  readonly __row: unique symbol;
}
export interface ModelHandle {
  readonly __model: unique symbol;
}

/** The native matcher: same meaning as the portable `Matcher`. */
export interface NativeMatcher {
  /**
   * Writes the mask row (ceil(V/32) words) and returns how many tokens are allowed. Without `row`: into the one that the
   * matcher was opened with, where only what differs from the last mask is written.
   */
  fill(row?: Int32Array): number;
  /** False when the token is refused; the matcher is then unchanged. */
  accept(token: number): boolean;
  /**
   * Accepts a token and fills the row of what may follow, as `accept` and then `fill` do, in one call. Returns how many tokens are
   * allowed next; -1 when the token is refused: matcher and row are then unchanged.
   */
  advance(token: number, row?: Int32Array): number;
  /** How many of the tokens, from the first on, would be accepted one after the other. The matcher does not advance. */
  validate(tokens: Int32Array): number;
  /** Takes back the last `count` tokens, in a time that grows with its logarithm. */
  rollback(count: number): void;
  /** An independent matcher at the same position, with the same history, which it shares: it takes constant time. */
  fork(): NativeMatcher;
  readonly isAccepting: boolean;
  readonly isFinished: boolean;
  /** The bytes that must come next, at most `limit`. */
  forced(limit: number): Uint8Array;
  close(): void;
}

/** Masks made ahead; the lists are those of `PrecomputedMasks`. */
export interface NativeMasks {
  readonly count: number;
  /** Every position of the grammar is among them. */
  readonly isComplete: boolean;
  readonly entries: Int32Array;
  readonly tokens: Int32Array;
  readonly bases: Int32Array;
}

/** What byte-pair encoding needs to know of a vocabulary. */
export interface NativeForcedText {
  /** The tokens' bytes one after the other, and where those of each end. */
  readonly bytes: Uint8Array;
  readonly ends: Int32Array;
  /** Left, right and merged token of each merge, the most urgent first. */
  readonly merges: Int32Array;
}

export interface NativeSpeculation {
  /** 'grammar': what a grammar forces; 'ngram', 'draft': that, and guesses by prompt look-up or by `draftModel`. */
  readonly kind: 'grammar' | 'ngram' | 'draft';
  /** Most guesses, and most tokens that a grammar forces, in one draft. */
  readonly maxTokens: number;
  readonly maxForced: number;
  /** 'ngram': how many of the last tokens must occur earlier, and beyond how many it does not matter. */
  readonly minMatch: number;
  readonly maxMatch: number;
  /** 'draft': tokens that the draft model's KV cache holds. */
  readonly kvTokens: number;
  /** 'draft': a model of the same vocabulary and at least as many positions. */
  readonly draftModel?: ModelHandle;
  /** What text that a grammar forces is spelt with; without: only tokens without an alternative are drafted. */
  readonly forcedText?: NativeForcedText;
}

export interface NativeEngineOptions {
  /** Where the model computes. `createEngine` throws `no_device` when 'cuda' finds no library or no GPU, `unsupported_model` when it does not compute the model. */
  readonly device: 'cpu' | 'cuda';
  /** What CUDA computes in; 'auto': the weights' element type. The CPU computes in float32. */
  readonly dtype: 'auto' | 'bfloat16' | 'float16' | 'float32';
  /** Ranks that share the model, each with a part of it: GPUs, or CPU back ends. `tensor_parallel` where it cannot be split so. Default 1. */
  readonly tp?: number;
  /** Threads that fill masks and, on the CPU back end, compute. */
  readonly threads: number;
  /** Tokens that the KV cache holds over all requests; rounded up to whole pages. 0 (CUDA): what fits the device. */
  readonly kvTokens: number;
  /** Where kvTokens is 0 (CUDA): the share of the device's memory that may be in use once the cache is there. Default: all that is free. */
  readonly memoryShare?: number;
  /** Tokens that the host tier holds besides, rounded up to whole pages; 0: there is none. Not on CUDA (`unsupported`). */
  readonly hostKvTokens: number;
  /** Tokens per KV page. */
  readonly pageSize: number;
  /** Most requests in the running batch. */
  readonly maxRunning: number;
  /** Most prompt tokens in one forward step. */
  readonly chunkedPrefillSize: number;
  /** Most requests waiting; one more is refused with `queue_full`. */
  readonly maxQueued: number;
  readonly radixCache: boolean;
  /** Which leaf of the prefix cache is evicted first: the one used longest ago, or the one found least often. */
  readonly radixEviction: 'lru' | 'lfu';
  /** Which waiting request goes first: that of the longest cached prefix, the oldest, or that of the highest priority. */
  readonly schedulePolicy: 'lpm' | 'fcfs' | 'priority';
  /** Plan a step while the last one runs. Outputs are the same. */
  readonly overlap: boolean;
  /** Append tokens that a grammar forces without sampling them. Outputs are the same. */
  readonly jumpForward: boolean;
  /** With jumpForward, forced text is appended too, in the tokens that these merges make of it. */
  readonly forcedText?: NativeForcedText;
  /** What is drafted of requests' next tokens. Outputs are the same. Not with `overlap`. */
  readonly speculation?: NativeSpeculation;
  /** Mask rows kept for another use; on CUDA they stay on the device. Raised to what maxRunning needs. */
  readonly maskRows: number;
}

export interface NativeSampling {
  /** 0: greedy. */
  readonly temperature: number;
  /** 0: off. */
  readonly topK: number;
  /** 1: off. */
  readonly topP: number;
  /** 0: off. */
  readonly minP: number;
  /** 53-bit unsigned; equal seeds give equal outputs. */
  readonly seed: number;
  /** Above 0; 1, the default: off. */
  readonly repetitionPenalty?: number;
  /** Default 0: off. */
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
}

export interface NativeRequest {
  /** Chosen by the caller, unique among live requests. */
  readonly id: number;
  readonly prompt: Int32Array;
  readonly maxTokens: number;
  readonly sampling: NativeSampling;
  /** Token ids that end the output; they are not part of it. */
  readonly stopTokens: Int32Array;
  readonly grammar?: GrammarHandle;
  /** The grammar comes by giveGrammar(), or the request is aborted; its prompt is computed meanwhile. */
  readonly grammarFollows?: boolean;
  /** Added to the logits of these tokens, each of them once. */
  readonly logitBias?: { readonly tokens: Int32Array; readonly biases: Float32Array };
  /** Output tokens before a stop token may be sampled. */
  readonly minTokens?: number;
  /** Report log-probabilities with each token, and those of this many alternatives, at most 20. */
  readonly logprobs?: number;
  /** Only prompts of one salt share cached prefixes; absent: the empty one. */
  readonly cacheSalt?: string;
  /** A 32-bit integer, higher is more urgent; absent: 0. */
  readonly priority?: number;
  /** As `logprobs`, of the prompt's tokens from number `promptLogprobsFrom` (absent: 0) on; the first of all has none. */
  readonly promptLogprobs?: number;
  readonly promptLogprobsFrom?: number;
  /** Whether tokens of this request may be drafted, where the engine drafts; default true. */
  readonly speculate?: boolean;
  /** An embedding of the prompt in place of output; then `maxTokens` is 0, and neither grammar nor promptLogprobs are taken. */
  readonly pooling?: 'mean' | 'last';
}

/** Of consecutive tokens. */
export interface NativeLogprobs {
  /** Each token's log-probability in the model's own distribution. */
  readonly chosen: Float32Array;
  /** The most probable tokens in place of each, as many as were asked for, and their log-probabilities; -1: there are fewer. */
  readonly alternatives: Int32Array;
  readonly alternativeLogprobs: Float32Array;
}

export type NativeFinish = 'stop' | 'length' | 'abort' | 'error';

/** Progress of one request since its last event. Events come in batches, in order per request. */
export interface NativeEvent {
  readonly id: number;
  /** New output tokens (stop tokens left out). */
  readonly tokens: Int32Array;
  /** For each new token, how many tokens the mask allowed there; -1 without a grammar. */
  readonly allowed: Int32Array;
  /** Of the new tokens, and of the prompt's next ones, where they were asked for. */
  readonly logprobs?: NativeLogprobs;
  readonly promptLogprobs?: NativeLogprobs;
  /** With the last event of a request with `pooling`, unless it was ended before: as many numbers as the hidden size. */
  readonly embedding?: Float32Array;
  /** With the last event of a request. */
  readonly finish?: {
    readonly reason: NativeFinish;
    /** The stop token that ended it, or -1. */
    readonly stopToken: number;
    readonly error?: { readonly code: string; readonly message: string };
    readonly promptTokens: number;
    /** Prompt tokens whose KV came from the radix cache. */
    readonly cachedTokens: number;
    readonly outputTokens: number;
    /** Tokens that were drafted and judged, and those of them that were kept. */
    readonly draftTokens: number;
    readonly acceptedTokens: number;
    /** Microseconds: from submit to the first token, from submit to the end, and spent filling this request's masks. */
    readonly firstTokenMicros: number;
    readonly totalMicros: number;
    readonly maskMicros: number;
  };
}

export interface NativeStats {
  readonly running: number;
  readonly queued: number;
  readonly pagesTotal: number;
  readonly pagesFree: number;
  /** Pages held by the radix tree alone (evictable). */
  readonly pagesCached: number;
  /** Pages that left the device to make room, ever. */
  readonly pagesEvicted: number;
  /** The host tier's pages: all, and those in use; ever stored there, copied back from it, and given up by it. */
  readonly hostPagesTotal: number;
  readonly hostPagesUsed: number;
  readonly hostPagesStored: number;
  readonly hostPagesLoaded: number;
  readonly hostPagesEvicted: number;
  /** Tokens that were copied from the beginning of a page whose rest did not agree. */
  readonly headTokens: number;
  /** Bytes of a page in all layers. */
  readonly pageBytes: number;
  /** Nodes of the radix tree. */
  readonly cacheNodes: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly forwardSteps: number;
  /** Steps planned before the tokens of the last one were known. */
  readonly overlappedSteps: number;
  /** Microseconds: in forward passes, of these waiting for tokens, and advancing grammars and filling masks. */
  readonly forwardMicros: number;
  readonly waitMicros: number;
  readonly maskMicros: number;
  /** Requests that gave up their pages, to be computed again: all, and of these for a far more urgent one. */
  readonly retractions: number;
  readonly preemptions: number;
  /** The share of maxTokens that requests are taken to use, when pages are reserved for their outputs. */
  readonly expectedShare: number;
  /** Tokens that were drafted and judged, those of them that were kept, and microseconds spent drafting. */
  readonly draftTokens: number;
  readonly acceptedTokens: number;
  readonly draftMicros: number;
  /** Whether the device still has batch sizes to prepare, which it does while there are no requests. */
  readonly cold: boolean;
}

/** A node of the radix tree. */
export interface NativeCachedPrefix {
  /** Index in the list; -1: it has no parent. */
  readonly parent: number;
  readonly salt: string;
  /** The tokens that its pages hold. */
  readonly tokens: Int32Array;
  readonly pages: number;
  /** Pages that live requests use: they cannot be evicted. */
  readonly lockedPages: number;
  /** Pages, the last ones, that are in the host tier. */
  readonly hostPages: number;
  /** How often a request found it. */
  readonly hits: number;
  /** Larger: used more recently. */
  readonly used: number;
}

export interface NativeEngine {
  /** Queues a request. Throws an Error with `code` `queue_full` or `bad_request`; nothing is queued then. */
  submit(request: NativeRequest): void;
  /** Ends a request at the next step; its last event has reason `abort`. Unknown ids are ignored. */
  abort(id: number): void;
  /** The grammar of a request that was submitted with `grammarFollows`. Unknown ids are ignored. */
  giveGrammar(id: number, grammar: GrammarHandle): void;
  stats(): NativeStats;
  /** The radix tree's nodes, at most `most`: parents before children, the nearest to the roots first. */
  cachedPrefixes(options: { readonly most: number }): Promise<NativeCachedPrefix[]>;
  /** Drops every cached prefix that no running request holds; returns the pages freed. */
  flushCache(): Promise<number>;
  /** Aborts all requests, stops the scheduler thread, frees the KV cache. */
  close(): Promise<void>;
}

/**
 * How a mask was answered; one that went several ways counts for the last of them here. `remembered`: its row was kept;
 * `lexemes`: put together from rows of lexemes and what tokens have behind them; `counted`: as before, of lexemes with a
 * counter; `tracked`: values that must differ, as before, and tokens read byte by byte; `walks`: a walk of the vocabulary's
 * trie, with lexemes' parts where there are any; `divisions`: a lexeme had to divide the vocabulary first.
 */
export type MaskPath = 'remembered' | 'lexemes' | 'counted' | 'tracked' | 'walks' | 'divisions';

/** Of one path, since the tokenizer was loaded. */
export interface NativePathTimes {
  readonly masks: number;
  /** Of these: all but the remembered, of which one in 64. */
  readonly timed: number;
  /** Nanoseconds of the timed ones together, and of the longest. */
  readonly nanos: number;
  readonly longest: number;
  /** How many of the timed fell in each class: class 0 below 128 ns, class 1 + 4p + q from 128 * 2^p * (1 + q/4) ns on. */
  readonly byTime: Float64Array;
}

export interface NativeMaskStats {
  /** Bytes remembered of how lexemes divide the vocabulary, their bound, and how many things made room for others. */
  readonly lexemeBytes: number;
  readonly maxLexemeBytes: number;
  readonly lexemeEvictions: number;
  /** Grammars that live, bytes of the rows they keep, and how many rows made room for others, ever. */
  readonly grammars: number;
  readonly rowBytes: number;
  readonly rowEvictions: number;
  readonly paths: Readonly<Record<MaskPath, NativePathTimes>>;
}

/** Bytes that a grammar takes by itself: its automaton, sets of configurations that outputs came to, and rows. */
export interface NativeGrammarMemory {
  readonly imageBytes: number;
  readonly machineBytes: number;
  readonly rowBytes: number;
}

export interface NativeAddon {
  readonly abiVersion: number;
  /** Name of the kernels chosen at run time, e.g. `avx2`. */
  readonly cpuKernels: string;
  /** `maxLexemeBytes`: bytes remembered of how lexemes divide the vocabulary, for all grammars; default 256 MiB, or 2 KiB a token if that is more. */
  loadTokenizer(image: Uint8Array, maxLexemeBytes?: number): TokenizerHandle;
  /**
   * Maps a file that begins with a TokenizerImage and checks it; `image` and what stands behind it (`tail`) are copies.
   * `maxLexemeBytes` as of loadTokenizer. Throws an Error with `code` `invalid_image` or `file_unreadable`.
   */
  openTokenizer(
    path: string,
    maxLexemeBytes?: number,
  ): {
    readonly tokenizer: TokenizerHandle;
    readonly image: ArrayBuffer;
    readonly tail: ArrayBuffer;
  };
  loadGrammar(
    image: Uint8Array,
    tokenizer: TokenizerHandle,
    options: {
      maxConfigurations: number;
      memo: boolean;
      /** For a grammar that names tokens: each set's number of ids and its ids, ascending, set after set. */
      tokenSets?: Int32Array;
      /** Bytes of finished rows that are kept, least recently used first out; default 16 MiB. */
      maxMaskBytes?: number;
    },
  ): GrammarHandle;
  /** `row`: what `fill()` fills. */
  openMatcher(grammar: GrammarHandle, row?: RowHandle): NativeMatcher;
  /** A row that knows what it holds; its bits must not be written to. */
  newRow(tokenizer: TokenizerHandle): { readonly row: RowHandle; readonly bits: Int32Array };
  maskStats(tokenizer: TokenizerHandle): NativeMaskStats;
  grammarMemory(grammar: GrammarHandle): NativeGrammarMemory;
  /**
   * Fills row i, from word `i * words` on, for matcher i, on at most `threads` threads. Gives the numbers of allowed tokens.
   * A matcher may be given once.
   */
  fillMasks(matchers: readonly NativeMatcher[], rows: Int32Array, words: number, threads: number): Int32Array;
  /**
   * Fills the masks along a text on another thread, so that what they divide of the vocabulary is ready for every grammar
   * of the tokenizer. Resolves to the number of bytes that the grammar accepted.
   */
  warmGrammar(grammar: GrammarHandle, text: Uint8Array): Promise<number>;
  /** Makes at least so many bytes ready, on another thread, for what grammars and tokenizers remember. */
  reserveMemory(bytes: number): Promise<void>;
  /**
   * Fills at most `maxMasks` masks ahead on another thread, the likeliest first, until half of what the grammar may
   * remember is taken. The lists, as `loadMasks` takes them, are empty unless `keep`.
   */
  precomputeMasks(grammar: GrammarHandle, maxMasks: number, keep: boolean): Promise<NativeMasks>;
  /**
   * Remembers such masks; gives how many were taken. Throws an Error with `code` `invalid_image` when they are no masks of
   * this vocabulary.
   */
  loadMasks(grammar: GrammarHandle, entries: Int32Array, tokens: Int32Array, bases: Int32Array): number;
  /** Maps the files and prepares the weights on a worker thread. */
  loadModel(spec: NativeModelSpec): Promise<ModelHandle>;
  /** Logits of every position, row-major [tokens.length, vocabSize]; the prompt is run `chunk` tokens at a time, by `tp` ranks (1). */
  logits(model: ModelHandle, tokens: Int32Array, chunk: number, tp?: number): Promise<Float32Array>;
  createEngine(
    model: ModelHandle,
    options: NativeEngineOptions,
    onEvents: (events: NativeEvent[]) => void,
  ): NativeEngine;
}
