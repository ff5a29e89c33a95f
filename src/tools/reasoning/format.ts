// What a reasoning format is: the marks that a model writes around its thinking. It splits an output, whole or streamed, and
// lets a constraint begin behind the thinking.
import type { Grammar } from '../../grammar/index.js';

export interface ReasoningMarks {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly start: readonly string[];
  readonly end: readonly string[];
  /** Whether the prompt ends inside the thinking, so that an output begins with it. A template may do so on request. */
  readonly isOpen?: boolean;
  /** Whether thinking may begin anywhere in the output, not just at its beginning. */
  readonly anywhere?: boolean;
  /** Marks around the answer that are no text. */
  readonly silent?: readonly string[];
  /** Between the thinking and what follows it. */
  readonly between?: string;
  /** Before an answer, but not before calls. */
  readonly answerOpen?: string;
}

export type ReasoningEvent =
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'text'; readonly text: string };

export interface ReasoningOptions {
  /** Whether the output begins inside the thinking; default as the format has it. */
  readonly isOpen?: boolean;
  /** Marks of calls, which end thinking that was not closed. They are text. */
  readonly callStarts?: readonly string[];
}

/** Splits one output in pieces of any size; how the text is cut changes nothing but the size of the events. */
export interface ReasoningSplitter {
  /** Where in the text so far the last thinking ends, behind its mark: in UTF-16 units; 0 where there is none. */
  readonly thinkingEnd: number;
  push(text: string): ReasoningEvent[];
  finish(): ReasoningEvent[];
}

export interface ReasoningConstraintOptions {
  /** Whether the output begins inside the thinking; default as the format has it. */
  readonly isOpen?: boolean;
  /** Whether the thinking is over, and what stands behind it has been written. */
  readonly isOver?: boolean;
  /** Whether the grammar is that of calls, or of calls in text. */
  readonly isCalls?: boolean;
  /** Calls that may come in place of the grammar's answer. */
  readonly orCalls?: Grammar;
  /** The special tokens of the model's vocabulary, by their text. Marks that are among them are written as these tokens. */
  readonly specialTokens?: readonly string[];
}

export interface ReasoningFormat {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Whether outputs begin inside the thinking, unless said otherwise. */
  readonly isOpen: boolean;
  /** The marks around thinking; the first of each is what a prompt is given. */
  readonly starts: readonly string[];
  readonly ends: readonly string[];
  readonly start: string;
  readonly end: string;
  /** What stands between the thinking and what follows, and what then opens an answer, but not calls; mostly nothing. */
  readonly between: string;
  readonly answerOpen: string;
  splitter(options?: ReasoningOptions): ReasoningSplitter;
  /**
   * Free thinking, then a sentence of the grammar, with white space between. Where the output does not begin inside the
   * thinking, there need be none.
   */
  constraint(grammar: Grammar, options?: ReasoningConstraintOptions): Grammar;
}

/** Gathers the events of a streamed output. */
export function collectReasoning(events: Iterable<ReasoningEvent>): { reasoning: string; content: string } {
  const output = { reasoning: '', content: '' };
  for (const { type, text } of events) output[type === 'text' ? 'content' : 'reasoning'] += text;
  return output;
}
