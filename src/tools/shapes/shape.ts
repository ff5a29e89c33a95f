// What a wire shape is: one way of writing calls, with a reader for it. A format is data for one or more shapes.
import type { Grammar, GrammarBuilder, Node } from '../../grammar/index.js';
import type { ToolDefinition } from '../format.js';
import type { Context } from '../reading/context.js';
import type { Reading } from '../reading/input.js';

export interface Shape {
  /** Texts that may begin a call, or a list of calls. */
  readonly starts: readonly string[];
  /**
   * Reads what begins with one of the starts, which is not taken yet. Returns once it is certain that no call stands
   * here, or behind what it read: what was taken without a call being announced is text.
   */
  read(cx: Context, around: Around): Reading<void>;
}

/** What stands around calls in the format, and so ends a broken one. */
export interface Around {
  readonly ends: readonly string[];
}

export type { Grammar, GrammarBuilder, Node, ToolDefinition };
