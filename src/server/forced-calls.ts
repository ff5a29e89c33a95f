// Grammars of forced calls, remembered by what they were made from: agents send the same tools with every turn.
import { RecentCache } from '../compile/index.js';
import type { GenerateRequest } from '../engine/index.js';
import type { ForcedChoice, ToolCallFormat, ToolDefinition } from '../tools/index.js';

type Grammar = NonNullable<GenerateRequest['grammar']>;

/** Most grammars of forced calls that are kept. */
export const MAX_FORCED_GRAMMARS = 64;

export class ForcedCalls {
  readonly #format: ToolCallFormat;
  readonly #grammars = new RecentCache<string, Grammar>(MAX_FORCED_GRAMMARS);

  constructor(format: ToolCallFormat) {
    this.#format = format;
  }

  /**
   * The grammar of one call of one of the tools; the same object for the same tools and choice.
   * @throws RequestError naming `tools[i]` when a definition cannot be made a constraint.
   */
  grammar(tools: readonly ToolDefinition[], choice: ForcedChoice): Grammar {
    return this.#grammars.get(JSON.stringify([tools, choice]), () => this.#format.constraint(tools, choice));
  }
}
