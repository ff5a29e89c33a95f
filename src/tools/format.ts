// What a function-call format is: how a model family writes calls into its text.
// A format reads calls back out of text, whole or streamed, and writes the grammar that makes a model call a tool.
import type { Grammar } from '../grammar/index.js';

/** A tool definition in OpenAI's form. */
export interface ToolDefinition {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Record<string, unknown>;
    readonly strict?: boolean | null;
    readonly inputGrammar?: InputGrammar;
  };
}

/** What the tool's one argument, a string, has to be. */
export interface InputGrammar {
  /** The argument's name. */
  readonly argument: string;
  /** A Lark grammar, of characters: without a lexer that would leave some of its sentences out. */
  readonly lark: string;
}

/** Which tools a forced call may name: any of them, or the one with this name. */
export type ForcedChoice = 'required' | { readonly name: string };
/** The same, or calls only where the model begins one. */
export type ToolChoice = 'auto' | ForcedChoice;

export interface ConstraintOptions {
  /** Whether more calls may follow the first; without it an output has one. */
  readonly parallel?: boolean;
  /** What the model may write instead of calling: the output is a sentence of this, or calls. */
  readonly answer?: Grammar;
  /** The special tokens of the model's vocabulary, by their text. Marks that are among them are written as these tokens. */
  readonly specialTokens?: readonly string[];
  /** Most calls in a row where a format numbers them; default 32. */
  readonly maxCalls?: number;
}

/** A call read from text. `arguments` is JSON text as the model wrote it; it may be broken when the output was cut. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
  /** The id that the model gave it, in formats that have one. */
  readonly id?: string;
}

/** A call of a chat's history, with its arguments as values. */
export interface WrittenCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Progress of a streamed output. `arguments` pieces belong to the last `call`; their concatenation is its arguments. */
export type ToolEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly name: string; readonly id?: string }
  | { readonly type: 'arguments'; readonly text: string };

/** Reads one output, in pieces of any size; how the text is cut changes nothing but the size of the events. */
export interface ToolCallParser {
  /** Events that the text so far has settled. */
  push(text: string): ToolEvent[];
  /** The events still held back, once the output has ended. */
  finish(): ToolEvent[];
}

export interface ParserOptions {
  /** The tools that the model was told of. Text between tags is read by their parameters. */
  readonly tools?: readonly ToolDefinition[];
  /** What becomes of a call of another tool: it is given like any other (default), or left out. */
  readonly unknownTools?: 'give' | 'drop';
}

export interface ToolCallFormat {
  readonly name: string;
  /** Other names that people know the format by. */
  readonly aliases: readonly string[];
  /** The text that closes a call. */
  readonly callEnd: string;
  parser(options?: ParserOptions): ToolCallParser;
  /**
   * The grammar of an output with calls, with arguments after their parameters schemas: calls alone, or for `auto` free
   * text that goes on as a call where it holds what begins one. Under `auto` a tool with `strict: false` takes any object.
   * @throws RequestError naming `tools[i]` when a definition cannot be made a constraint.
   */
  constraint(tools: readonly ToolDefinition[], choice: ToolChoice, options?: ConstraintOptions): Grammar;
  /** Calls as the model would have written them. */
  write(calls: readonly WrittenCall[], tools?: readonly ToolDefinition[]): string;
}

/** An output read as a whole: the text outside calls, and the calls. */
export interface ParsedOutput {
  readonly content: string;
  readonly calls: readonly ToolCall[];
}

/** Gathers the events of a streamed output into a {@link ParsedOutput}. */
export function collect(events: Iterable<ToolEvent>): ParsedOutput {
  let content = '';
  const calls: { name: string; id?: string; arguments: string }[] = [];
  for (const event of events) {
    if (event.type === 'text') content += event.text;
    else if (event.type === 'call') {
      const { name, id } = event;
      calls.push({ name, ...(id !== undefined && { id }), arguments: '' });
    } else calls[calls.length - 1].arguments += event.text;
  }
  return { content, calls };
}
