// TEMPORARY
import type {
  ChatMessage,
  ChosenTokenLogprob,
  GenerateRequest,
  SamplingOptions,
} from '../../engine/index.js';
import type { ToolDefinition } from '../../tools/index.js';
import type { ServerContext } from '../context.js';
import type { Constraint } from '../openai/constraint.js';

export interface ChatInput {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  readonly choice: 'none' | 'auto' | 'required' | { readonly name: string };
  readonly parallel: boolean;
  readonly constraint?: Constraint;
  readonly sampling: Omit<SamplingOptions, 'maxTokens'>;
  readonly maxTokens?: number;
  readonly minTokens?: number;
  readonly choices?: number;
  readonly logprobs?: number;
  readonly place?: Pick<GenerateRequest, 'cacheSalt' | 'priority'>;
  readonly chatTemplateOptions?: Record<string, unknown>;
  readonly continueFinalMessage?: boolean;
  readonly reasoning?: { readonly separate?: boolean; readonly budget?: number };
  readonly fields: { readonly tools: string; readonly choice: string; readonly messages: string };
}
export type ChatEvent =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: 'arguments'; readonly index: number; readonly text: string }
  | { readonly type: 'logprobs'; readonly found: readonly ChosenTokenLogprob[] }
  | { readonly type: 'end'; readonly end: ChatEnd };
export interface ChatEnd {
  readonly reason: 'stop' | 'length' | 'tool_calls';
  readonly matchedStop: string | number | null;
  readonly usage: {
    promptTokens: number;
    cachedTokens: number;
    outputTokens: number;
    reasoningTokens: number;
  };
}
export declare class Conversation {
  static plan(input: ChatInput, context: ServerContext): Promise<Conversation>;
  stream(signal: AbortSignal): Promise<AsyncIterable<readonly [choice: number, event: ChatEvent]>>;
  countPrompt(): Promise<number>;
}
