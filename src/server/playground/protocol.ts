// What the playground's page and the server say to each other. Both import this file, and it imports none.

/** A token by its bytes. A single token may end within a character, so the page joins the bytes of several. */
export interface TokenView {
  readonly id: number;
  readonly bytes: readonly number[];
  /** What a special token is called; its bytes are no part of the text. */
  readonly special?: string;
}

export interface Alternative extends TokenView {
  /** In the model's own distribution. */
  readonly logprob: number;
  /** Whether the mask allowed it; null where that could not be found out. */
  readonly allowed: boolean | null;
}

/** One token of an output, and what else could have stood there. */
export interface Step extends TokenView {
  /** How many tokens the mask allowed; -1 without a constraint. */
  readonly allowed: number;
  /**
   * Whether the grammar left a choice. `token`: the mask allowed this token alone; `text`: its bytes had to come next, though
   * other tokens could have spelt them.
   */
  readonly forced: 'token' | 'text' | null;
  readonly logprob?: number;
  /** The most probable tokens, the most probable first; the chosen one may be among them. */
  readonly alternatives?: readonly Alternative[];
}

/** The prompt as the model reads it, special tokens and all. */
export interface PromptEvent {
  readonly type: 'prompt';
  readonly ids: readonly number[];
  readonly text: string;
}

export interface StepsEvent {
  readonly type: 'steps';
  readonly steps: readonly Step[];
}

export interface EndEvent {
  readonly type: 'end';
  readonly text: string;
  readonly finish_reason: 'stop' | 'length' | 'abort';
  readonly matched_stop: string | number | null;
  readonly usage: {
    readonly prompt_tokens: number;
    readonly cached_tokens: number;
    readonly output_tokens: number;
    readonly first_token_ms: number;
    readonly total_ms: number;
    readonly mask_ms: number;
  };
  /** How much of the prompt's text came from the cache, in UTF-16 units. */
  readonly cached_text_length: number;
}

export type GenerateEvent = PromptEvent | StepsEvent | EndEvent | { readonly error: ErrorView };

export const CONSTRAINT_KINDS = ['schema', 'regex', 'ebnf', 'lark'] as const;
export type ConstraintKind = (typeof CONSTRAINT_KINDS)[number];

export interface ConstraintView {
  readonly kind: ConstraintKind;
  readonly text: string;
}

export interface MessageView {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Exactly one of `messages` and `prompt`. Sampling fields are those of chat completions. */
export interface GenerateBody {
  readonly messages?: readonly MessageView[];
  readonly prompt?: string;
  readonly constraint?: ConstraintView | null;
  /** How many alternatives come with each token; null: no probabilities, and forced tokens are not sampled. */
  readonly alternatives?: number | null;
  readonly max_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly top_k?: number | null;
  readonly min_p?: number | null;
  readonly seed?: number | null;
  readonly repetition_penalty?: number | null;
  readonly stop?: readonly string[] | null;
  readonly ignore_eos?: boolean | null;
}

export interface CheckBody {
  readonly constraint: ConstraintView;
}

/** A constraint that does not compile is no failure of the check: its error is what was asked for. */
export type CheckView = CompiledView | { readonly error: ErrorView };

export interface CompiledView {
  readonly compile_ms: number;
  readonly image_bytes: number;
  /** Keywords that were read and have no effect. */
  readonly annotations: readonly { readonly pointer: string; readonly keyword: string }[];
}

/** Where a constraint's source is at fault. */
export interface PlaceView {
  /** A JSON pointer into the schema. */
  readonly pointer?: string;
  /** From 1 on; a column alone is one of a source of a single line. */
  readonly line?: number;
  readonly column?: number;
}

export interface ErrorView {
  readonly message: string;
  readonly code: string;
  readonly param: string | null;
  readonly place?: PlaceView;
}

export interface CacheBody {
  /** The prompt whose path is to be marked, and how many of its tokens were found in the cache. */
  readonly prompt_tokens?: readonly number[];
  readonly cached_tokens?: number;
}

export interface CacheNode {
  /** Its beginning; null where the prefix has a salt, and so is its tenant's alone. */
  readonly text: string | null;
  readonly tokens: number;
  readonly pages: number;
  /** Pages that running requests use. */
  readonly locked_pages: number;
  /** Pages in the host tier. */
  readonly host_pages: number;
  readonly hits: number;
  /** How many of its first tokens are the marked prompt's, and how many of these came from the cache. */
  readonly matched: number;
  readonly reused: number;
  readonly children: readonly CacheNode[];
}

export interface CacheView {
  readonly roots: readonly CacheNode[];
  /** Nodes shown, and nodes that there are. */
  readonly shown: number;
  readonly total: number;
}

/** Counters of the engine, and when they were read, in milliseconds of a clock that only goes forward. */
export interface StatsView {
  readonly at: number;
  readonly running: number;
  readonly queued: number;
  readonly prompt_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly pages_total: number;
  readonly pages_free: number;
  readonly pages_cached: number;
  readonly pages_evicted: number;
  readonly cache_nodes: number;
  readonly forward_steps: number;
  readonly mask_micros: number;
}

export interface InfoView {
  readonly model: string;
  readonly context_length: number;
  readonly vocab_size: number;
  readonly device: string;
  readonly kernels: string;
  readonly page_size: number;
  readonly jump_forward: boolean;
  readonly has_chat_template: boolean;
  readonly max_alternatives: number;
}
