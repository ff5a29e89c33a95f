// Grammars of outputs that may call tools, remembered by what they were made from: agents send the same tools with every turn.
import { frontEnd, RecentCache } from '../compile/index.js';
import { RequestError } from '../errors.js';
import type { ToolCallFormat, ToolChoice, ToolDefinition } from '../tools/index.js';
import type { EngineLike } from './engine-like.js';
import type { Constraint } from './openai/constraint.js';
import { specialTokens } from './token-names.js';

type Grammar = ReturnType<typeof frontEnd>['grammar'];

/** Most grammars of calls that are kept. */
export const MAX_TOOL_GRAMMARS = 64;

export interface ToolOutput {
  readonly tools: readonly ToolDefinition[];
  readonly choice: ToolChoice;
  /** Whether more calls may follow the first. */
  readonly parallel: boolean;
  /** What the model may answer in place of a call. */
  readonly answer?: Constraint['option'];
}

function answerGrammar(answer: Constraint['option']): Grammar {
  const { grammar, lexer } = frontEnd(answer as Parameters<typeof frontEnd>[0], {});
  if (lexer)
    throw new RequestError(
      'unsupported_combination',
      'lark: a grammar with a lexer of its own cannot stand beside tools; leave one of them out',
      'lark',
    );
  return grammar;
}

export class ToolGrammars {
  readonly #format: ToolCallFormat;
  readonly #engine: EngineLike;
  readonly #grammars = new RecentCache<string, Grammar>(MAX_TOOL_GRAMMARS);
  #specialTokens: readonly string[] | undefined;

  constructor(format: ToolCallFormat, engine: EngineLike) {
    this.#format = format;
    this.#engine = engine;
  }

  /**
   * The grammar of such an output; the same object for the same tools, choice and answer.
   * @throws RequestError naming `tools[i]` when a definition cannot be made a constraint; CompileError for the answer
   */
  async grammar(output: ToolOutput): Promise<Grammar> {
    this.#specialTokens ??= specialTokens(await this.#engine.tokenizer());
    const marks = this.#specialTokens;
    return this.#grammars.get(JSON.stringify(output), () => {
      const { tools, choice, parallel, answer } = output;
      return this.#format.constraint(tools, choice, {
        parallel,
        specialTokens: marks,
        ...(answer && { answer: answerGrammar(answer) }),
      });
    });
  }
}
