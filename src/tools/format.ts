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
  };
}

/** Which tools a forced call may name: any of them, or the one with this name. */
export type ForcedChoice = 'required' | { readonly name: string };

/** A call read from text. `arguments` is JSON text as the model wrote it; it may be broken when the output was cut. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

/** Progress of a streamed output. `arguments` pieces belong to the last `call`; their concatenation is its arguments. */
export type ToolEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly name: string }
  | { readonly type: 'arguments'; readonly text: string };

/** Reads one output, in pieces of any size; how the text is cut changes nothing but the size of the events. */
export interface ToolCallParser {
  /** Events that the text so far has settled. */
  push(text: string): ToolEvent[];
  /** The events still held back, once the output has ended. */
  finish(): ToolEvent[];
}

export interface ToolCallFormat {
  readonly name: string;
  /** Other names that people know the format by. */
  readonly aliases: readonly string[];
  /** The text that closes a call. */
  readonly callEnd: string;
  parser(): ToolCallParser;
  /**
   * The grammar of exactly one call of one of the tools, with arguments after its parameters schema.
   * @throws RequestError naming `tools[i]` when a definition cannot be made a constraint.
   */
  constraint(tools: readonly ToolDefinition[], choice: ForcedChoice): Grammar;
}

/** An output read as a whole: the text outside calls, and the calls. */
export interface ParsedOutput {
  readonly content: string;
  readonly calls: readonly ToolCall[];
}

/** Gathers the events of a streamed output into a {@link ParsedOutput}. */
export function collect(events: Iterable<ToolEvent>): ParsedOutput {
  let content = '';
  const calls: { name: string; arguments: string }[] = [];
  for (const event of events) {
    if (event.type === 'text') content += event.text;
    else if (event.type === 'call') calls.push({ name: event.name, arguments: '' });
    else calls[calls.length - 1].arguments += event.text;
  }
  return { content, calls };
}
