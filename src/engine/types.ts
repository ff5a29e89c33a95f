// What the engine takes and gives: the types of its public API.

import type { CompileOptions, GrammarSource } from '../compile/index.js';
import type { GrammarCompilerOptions } from '../compile-threads/index.js';
import type { NativeEngineOptions } from '../native/index.js';
import type { CacheOutcome } from '../tokenizer-files/index.js';
import type { MaskLevel } from './precompute.js';
import type { WarmMode } from './warming.js';

type Grammar = Extract<GrammarSource, { grammar: unknown }>['grammar'];

/** One message of a chat, in OpenAI's form. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool' | (string & {});
  readonly content: string | null;
  readonly name?: string;
  readonly tool_calls?: readonly ToolCallMessage[];
  readonly tool_call_id?: string;
  /** What an assistant thought before its answer, for templates that show it. */
  readonly reasoning_content?: string;
}

export interface ToolCallMessage {
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name: string; readonly arguments: string | Record<string, unknown> };
}

/** A tool definition in OpenAI's form. */
export interface ToolDefinition {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Record<string, unknown>;
    readonly strict?: boolean | null;
  };
}

export interface EngineOptions {
  /** A Hugging Face model folder, or a `.gguf` file; default: the embedded model, sprout. */
  readonly model?: string;
  /** 'dummy': random weights of the shape that config.json describes, for measurements; default 'auto': the folder's. */
  readonly loadFormat?: 'auto' | 'dummy';
  /**
   * Where the tokenizer's image is kept between processes: a folder, or false for nowhere. Default: ESPALIER_CACHE, else
   * the platform's folder for caches.
   */
  readonly cache?: string | false;
  /** The chat template's text, in place of those that the model's files have. */
  readonly chatTemplate?: string;
  /**
   * What is made ready before requests come: the vocabulary is divided by the lexemes that nearly every JSON grammar has, on
   * another thread, and the schema compiler is warmed, a schema at a time, for three seconds at most and until the first
   * request. 'background' (default) begins while the model is loaded, 'before-ready' makes {@link Engine.ready} wait for it,
   * 'none' leaves it out.
   */
  readonly warm?: WarmMode;
  /** Limits of compiling grammars, which is done in threads of its own where it takes long. */
  readonly compiler?: GrammarCompilerOptions;
  /**
   * Masks of each grammar that are made ahead, in the background: 'none' (default), 'hot' (the likeliest positions, at most
   * 256), 'all' (at most 65,536).
   */
  readonly masks?: MaskLevel;
  /**
   * Where the model computes; default 'cpu'. 'cuda' rejects with `no_device` where there is no library or no GPU, with
   * `unsupported_model` where it does not compute this model.
   */
  readonly device?: 'cpu' | 'cuda';
  /** What CUDA computes in; default 'auto': the weights' element type. The CPU computes in float32. */
  readonly dtype?: 'auto' | 'bfloat16' | 'float16' | 'float32';
  /**
   * Ranks that share the model (tensor parallelism), each with a part of its weights and KV cache: on CUDA as many GPUs, the
   * first ones; on the CPU as many back ends, which is for tests. Default 1, at most 64. Rejects with `tensor_parallel` where
   * the model's heads or inner sizes cannot be divided so.
   */
  readonly tp?: number;
  /** Threads that fill masks and, on the CPU, compute; default: the machine's cores, at most 16, on CUDA at most 4. */
  readonly threads?: number;
  /**
   * Most tokens of prompt and output together; default and limit: the model's. A model of the longrope kind (Phi-3) takes
   * its factors for short texts where this is at most the length that it was first trained on, and those for long texts
   * elsewhere, whatever a request's length.
   */
  readonly contextLength?: number;
  /**
   * Tokens that the KV cache holds. Default: 32,768 or the model's context, whichever is more, but no more than fit a
   * quarter of the memory that is available; on CUDA what fits the device.
   */
  readonly kvTokens?: number;
  /**
   * The share of memory that weights and KV cache take together, above 0 and below 1: of the device's, on the CPU of what is
   * available when the engine opens. It decides `kvTokens` where that is not given. Default: as told there.
   */
  readonly memoryShare?: number;
  /**
   * Tokens that a second tier of the prefix cache holds in host memory: what makes room in the KV cache goes there, and is
   * copied back where a prompt has it again. Default 0: none. On CUDA it is pinned memory.
   */
  readonly hostKvTokens?: number;
  /** Tokens per KV page; default 16. */
  readonly pageSize?: number;
  /** Most requests in the running batch; default 64, on CUDA 256. */
  readonly maxRunning?: number;
  /** Most requests waiting; default 1,024. */
  readonly maxQueued?: number;
  /** Most prompt tokens in one step; default 512, on CUDA 8,192. */
  readonly chunkedPrefillSize?: number;
  /** Share prefixes between requests; default true. */
  readonly radixCache?: boolean;
  /** Which prefix makes room first: the one used longest ago ('lru', default) or the one found least often ('lfu'). */
  readonly radixEviction?: 'lru' | 'lfu';
  /**
   * Which waiting request goes first: that of the longest cached prefix ('lpm', default), the oldest ('fcfs'), or that of
   * the highest `priority`. No policy lets one wait for ever.
   */
  readonly schedulePolicy?: 'lpm' | 'fcfs' | 'priority';
  /** Called as loading goes on. What it throws makes loading fail. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Plan a step while the last one still runs; default true on CUDA without `speculation`, else false; on the CPU nothing is won by it. */
  readonly overlap?: boolean;
  /**
   * Append what a grammar leaves no choice about without running the model for each token; default true: where one token
   * is allowed, which leaves outputs as they are. 'text': also where one text can follow that several tokens can spell,
   * such as a key; it is spelt as the tokenizer would, all but its last token. Needs a tokenizer with merges (BPE).
   */
  readonly jumpForward?: boolean | 'text';
  /**
   * Draft tokens and compute several in one step; default off. Excludes `overlap`, which is then off on CUDA, too.
   */
  readonly speculation?: SpeculationOptions;
  /** Token masks that are kept for another use, on CUDA in the device's memory; default 4,096. Never fewer than running requests need. */
  readonly maskRows?: number;
}

/** How far loading is. */
export interface LoadProgress {
  /** What begins: reading the folder and its tokenizer, the weights, the KV cache and the threads; or `ready`. */
  readonly stage: 'folder' | 'weights' | 'engine' | 'ready';
  /** Bytes of weight files, known from `weights` on; 0 of random weights. */
  readonly weightBytes: number;
  /** Milliseconds since loading began. */
  readonly elapsedMs: number;
}
/**
 * What is guessed of the next tokens, to be computed together with the token before them and kept where the model agrees.
 * Outputs are the same, token for token. What a grammar forces is drafted by every kind, where the tokenizer has merges (BPE)
 * or one token alone is allowed.
 */
export type SpeculationOptions = (
  | {
      /** Only what grammars force. Needs a tokenizer with merges. */
      readonly kind: 'grammar';
    }
  | {
      /** What followed an earlier occurrence of the last tokens, in prompt or output (prompt look-up). */
      readonly kind: 'ngram';
      /** Most guesses in a row; default 8. */
      readonly maxTokens?: number;
      /** Least number of tokens that must occur earlier; default 2. */
      readonly minMatch?: number;
      /** Beyond how many equal tokens more do not matter; default 8. */
      readonly maxMatch?: number;
    }
  | {
      /** What a smaller model says. */
      readonly kind: 'draft';
      /** The folder of a model with the same tokenizer, vocabulary size and at least the same context length. */
      readonly model: string;
      /** Most guesses in a row; default 4. */
      readonly maxTokens?: number;
      /** Tokens that the draft model's own KV cache holds; default: as the model's. */
      readonly kvTokens?: number;
    }
) & {
  /** Most tokens that a grammar forces in one draft; default 32. */
  readonly maxForced?: number;
};

/** Sampling and limits of one request. Defaults in parentheses. */
export interface SamplingOptions {
  /** Most output tokens (256). */
  readonly maxTokens?: number;
  /** 0 is greedy (0). */
  readonly temperature?: number;
  /** 0 or -1: off (off). */
  readonly topK?: number;
  /** (1) */
  readonly topP?: number;
  /** (0) */
  readonly minP?: number;
  /** Unsigned, below 2^53 (drawn at random). */
  readonly seed?: number;
  /**
   * Divides the positive logits, and multiplies the others, of tokens that prompt or output hold: 0.01 to 2 (1,
   * off).
   */
  readonly repetitionPenalty?: number;
  /** Subtracted from a token's logit for each time that the output holds it: -2 to 2 (0). */
  readonly frequencyPenalty?: number;
  /** Subtracted from a token's logit where the output holds it: -2 to 2 (0). */
  readonly presencePenalty?: number;
  /** Added to the logits of these token ids, after the penalties: -100 to 100 each (none). */
  readonly logitBias?: Readonly<Record<number, number>>;
  /**
   * Output tokens before a stop token or the end-of-sequence token may be sampled (0). A grammar that is complete ends
   * the output before. Stop strings are not kept from it.
   */
  readonly minTokens?: number;
  /**
   * Report the log-probability of each token, and of this many alternatives: 0 to 20 (off). Tokens that a grammar forces
   * are then sampled like others, not appended.
   */
  readonly logprobs?: number;
  /**
   * Report the log-probabilities of the prompt's tokens from number `promptLogprobsFrom` (0) on, and of this many
   * alternatives: 0 to 20 (off). That part of the prompt is computed even where it is cached.
   */
  readonly promptLogprobs?: number;
  readonly promptLogprobsFrom?: number;
  /** The output ends before the first of these; they are not part of it. */
  readonly stop?: readonly string[];
  /**
   * The output ends before the first match of one of these expressions (ECMAScript's syntax, without anchors and
   * lookaround), as soon as one is complete; text that may be the start of a match is held back until then.
   */
  readonly stopRegex?: readonly string[];
  /** The stop string or the match that ended the output stays in it (false). */
  readonly keepStop?: boolean;
  readonly stopTokenIds?: readonly number[];
  /** Special tokens that the output holds are left out of its text (true). */
  readonly skipSpecialTokens?: boolean;
  /** Go on past end-of-sequence tokens (false). */
  readonly ignoreEos?: boolean;
  /** Whether the engine may draft tokens of this request, where its options say that it drafts (true). */
  readonly speculate?: boolean;
}

/** At most one of these may be given. */
export interface ConstraintOptions {
  /** A JSON Schema: a plain object or boolean, JSON text, or a Standard JSON Schema (zod 4, arktype …). */
  readonly schema?: unknown;
  readonly regex?: string;
  /** A GBNF grammar whose start rule is `root`. */
  readonly gbnf?: string;
  /** A grammar with `::=` in a dialect that its constructs tell: GBNF, xgrammar's or the W3C's. Its start rule is `root`. */
  readonly ebnf?: string;
  /** A Lark grammar whose start rule is `start`; options of `compile` choose its lexer. */
  readonly lark?: string;
  /** A structural tag: free text with tags in it, as an object or as JSON text. */
  readonly structuralTag?: unknown;
  /** A compiled grammar, one written in code with `g`, or one in the IR, built with GrammarBuilder. */
  readonly grammar?: Grammar;
  /** Options of compiling; a compiled grammar has been compiled with its own. */
  readonly compile?: CompileOptions;
}

export interface GenerateRequest extends SamplingOptions, ConstraintOptions {
  /** The prompt as text (special tokens in it are recognised; the tokenizer's own begin token is added), … */
  readonly prompt?: string;
  /** … or as token ids, taken as they are, … */
  readonly promptTokens?: readonly number[] | Int32Array;
  /** … or as a chat, through the model's chat template. Exactly one of the three. */
  readonly messages?: readonly ChatMessage[];
  readonly tools?: readonly ToolDefinition[];
  readonly chatTemplateOptions?: Record<string, unknown>;
  readonly signal?: AbortSignal;
  /** Only requests of one salt share cached prefixes: other tenants cannot tell what is cached (none). */
  readonly cacheSalt?: string;
  /** Higher is more urgent, where the engine's `schedulePolicy` is 'priority' (0). */
  readonly priority?: number;
}

export type FinishReason = 'stop' | 'length' | 'abort';

export interface GenerateUsage {
  readonly promptTokens: number;
  /** Prompt tokens whose keys and values came from the radix cache. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Tokens that were drafted and judged, and those of them that were kept (see {@link SpeculationOptions}). */
  readonly draftTokens: number;
  readonly acceptedTokens: number;
  /** Milliseconds from submission to the first token, to the last, and spent filling masks. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  readonly maskMs: number;
}

/** A token's natural log-probability in the model's own distribution: before penalties, constraint and temperature. */
export interface TokenLogprob {
  readonly token: number;
  readonly logprob: number;
}

/** What a request with `logprobs` gets with each token. */
export interface ChosenTokenLogprob extends TokenLogprob {
  /** The most probable tokens there, the most probable first; the chosen one may be among them. */
  readonly alternatives: readonly TokenLogprob[];
}

export interface GenerateResult {
  readonly text: string;
  readonly tokens: readonly number[];
  /** Of each token, where the request asked for them. */
  readonly logprobs?: readonly ChosenTokenLogprob[];
  /** Of the prompt's tokens, where the request asked for them; the first of all has none. */
  readonly promptLogprobs?: readonly (ChosenTokenLogprob | null)[];
  readonly finishReason: FinishReason;
  /** The stop string, the stop expression or stop token id that ended the output, if one did. */
  readonly matchedStop?: string | number;
  readonly usage: GenerateUsage;
}

/** One step of a stream. The concatenated `text`s are the result's text. */
export interface GenerateChunk {
  /** New text; never ends inside a UTF-8 character, and never shows part of a stop string. */
  readonly text: string;
  readonly tokens: readonly number[];
  /** Per token: how many tokens the mask allowed there, -1 without a constraint. */
  readonly allowed: readonly number[];
  /** Of each token, where the request asked for them. */
  readonly logprobs?: readonly ChosenTokenLogprob[];
  /** With the last chunk. */
  readonly result?: GenerateResult;
}

/** A piece of text in the prefix cache, and what goes on from it. */
export interface CachedPrefix {
  readonly salt: string;
  /** The tokens after its parent's, as text too. */
  readonly tokens: readonly number[];
  readonly text: string;
  readonly pages: number;
  /** Pages that live requests use. */
  readonly lockedPages: number;
  /** Pages, the last ones, that are in the host tier. */
  readonly hostPages: number;
  /** How often a request found it. */
  readonly hits: number;
  /** Larger: used more recently. */
  readonly used: number;
  readonly children: readonly CachedPrefix[];
}

/** What {@link Engine.ready} tells. */
export interface EngineInfo {
  readonly modelPath: string;
  /** The model folder's name. */
  readonly modelId: string;
  /** Most tokens of prompt and output together. */
  readonly contextLength: number;
  readonly vocabSize: number;
  readonly eosTokenIds: readonly number[];
  /** The CPU kernels chosen at run time, e.g. `avx2`. */
  readonly kernels: string;
  readonly options: NativeEngineOptions;
  /** Whether the tokenizer came from the cache, and why not. */
  readonly tokenizerCache: CacheOutcome;
}
