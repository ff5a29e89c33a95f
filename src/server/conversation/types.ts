// What every chat dialect turns its body into, and what it gets back: no field of an API stands here.
import type {
  ChatMessage,
  ChosenTokenLogprob,
  GenerateRequest,
  SamplingOptions,
} from '../../engine/index.js';
import type { ToolChoice, ToolDefinition } from '../../tools/index.js';

/** The form that an answer must have, and the body's field that asks for it. */
export interface Constraint {
  readonly field: string;
  readonly option: Pick<GenerateRequest, 'schema' | 'regex' | 'ebnf' | 'lark' | 'structuralTag'>;
}

export interface ChatInput {
  readonly messages: readonly ChatMessage[];
  /** Those that the model is told of, checked. */
  readonly tools: readonly ToolDefinition[];
  /** `none`: the model is not told of the tools. */
  readonly choice: 'none' | ToolChoice;
  /** Names of the tools that may be called, where not all of them may. */
  readonly callable?: readonly string[];
  /** Whether more calls may follow the first. */
  readonly parallel: boolean;
  readonly constraint?: Constraint;
  readonly sampling: Omit<SamplingOptions, 'maxTokens'>;
  /** Without it an output may fill the context. */
  readonly maxTokens?: number;
  /** Outputs of the prompt; default 1. */
  readonly choices?: number;
  /** How many alternatives come with each token's log-probability; undefined: no log-probabilities. */
  readonly logprobs?: number;
  readonly place?: Pick<GenerateRequest, 'cacheSalt' | 'priority'>;
  readonly chatTemplateOptions?: Readonly<Record<string, unknown>>;
  /** The last message is the assistant's, and is gone on with. */
  readonly continueFinalMessage?: boolean;
  /** Whether the length of the prompt has to be known before its output comes. */
  readonly countsPrompt?: boolean;
  readonly reasoning?: {
    /** Whether thinking is told apart from the answer; default true. */
    readonly separate?: boolean;
    /** Most tokens of thinking; what is longer is ended. 0: none. */
    readonly budget?: number;
  };
  /** The body's field that asks for calls, as errors name it. */
  readonly choiceField: string;
}

export interface ChatUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Those of the output's tokens that spell thinking and its marks. */
  readonly reasoningTokens: number;
}

export interface ChatEnd {
  /** An output that was cut stays `length`, calls or not. */
  readonly reason: 'stop' | 'length' | 'tool_calls';
  /** The stop string or token id that ended the output. */
  readonly matchedStop: string | number | null;
  readonly usage: ChatUsage;
}

/** Progress of one output. `arguments` are pieces of the JSON text of the call with that index. */
export type ChatEvent =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'arguments'; readonly index: number; readonly text: string }
  /** Of tokens whose text comes with the next events, where it has any. */
  | { readonly type: 'logprobs'; readonly found: readonly ChosenTokenLogprob[] }
  /** The last one. */
  | { readonly type: 'end'; readonly end: ChatEnd };

export interface ChatCall {
  readonly id: string;
  readonly name: string;
  /** JSON text; it may be broken when the output was cut. */
  readonly arguments: string;
}

/** One output, gathered. */
export interface ChatOutput {
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly ChatCall[];
  readonly logprobs: readonly ChosenTokenLogprob[];
  readonly end: ChatEnd;
}
