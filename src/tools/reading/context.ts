// What a shape's reader works with: the text, the events, and what is known of the tools.
import type { ToolDefinition } from '../format.js';
import { Input } from './input.js';
import { type Kinds, parameterKinds } from './kinds.js';
import { Output } from './output.js';

/** Names longer than this are none; so text is not held back without bound. */
export const MAX_NAME = 256;

export class Context {
  readonly input = new Input();
  readonly output = new Output();
  readonly #tools: ReadonlyMap<string, ToolDefinition> | undefined;
  readonly #dropUnknown: boolean;
  #announced = false;

  constructor(tools: readonly ToolDefinition[] | undefined, dropUnknown: boolean) {
    this.#tools = tools && new Map(tools.map((tool) => [tool.function.name, tool]));
    this.#dropUnknown = dropUnknown;
  }

  /** Whether a tool of this name may be meant: always, when the tools are not known. */
  knows(name: string): boolean {
    return this.#tools?.has(name) ?? true;
  }

  /** Whether the tool's definition is known. */
  defines(tool: string): boolean {
    return this.#tools?.has(tool) ?? false;
  }

  /** The kinds of values that a parameter takes; undefined when nothing is known of it. */
  kinds(tool: string, parameter: string): Kinds | undefined {
    return parameterKinds(this.#tools?.get(tool)?.function.parameters, parameter);
  }

  parameters(tool: string): Record<string, unknown> | undefined {
    return this.#tools?.get(tool)?.function.parameters;
  }

  /** Whether a call was announced since the last `attempt`. */
  get isAnnounced(): boolean {
    return this.#announced;
  }

  /** What is taken from here on is text, unless a call is announced. */
  attempt(): void {
    this.#announced = false;
    this.input.hold();
  }

  announce(name: string, id?: string): void {
    this.#announced = true;
    this.input.release();
    this.output.call(name, id, !this.#dropUnknown || this.knows(name));
  }

  /** Ends an attempt: what was taken without a call being announced is text. Whether there was a call. */
  settle(): boolean {
    if (!this.#announced) this.output.text(this.input.release());
    return this.#announced;
  }
}
