// Grammars of outputs that may call tools, remembered by what they were made from: agents send the same tools with every turn.
import { frontEnd, RecentCache } from '../compile/index.js';
import { RequestError } from '../errors.js';
import {
  detectToolFormat,
  hermes,
  type ToolCallFormat,
  type ToolChoice,
  type ToolDefinition,
} from '../tools/index.js';
import type { EngineLike } from './engine-like.js';
import type { Constraint } from './openai/constraint.js';
import { specialTokens } from './token-names.js';

type Grammar = ReturnType<typeof frontEnd>['grammar'];

/** Most grammars of calls that are kept. */
export const MAX_TOOL_GRAMMARS = 64;

interface ModelForms {
  readonly format: ToolCallFormat;
  readonly specialTokens: readonly string[];
}

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
  readonly #given: ToolCallFormat | undefined;
  readonly #engine: EngineLike;
  readonly #grammars = new RecentCache<string, Grammar>(MAX_TOOL_GRAMMARS);
  #model: Promise<ModelForms> | undefined;

  /** `format`: undefined for the one that the model's chat template asks for. */
  constructor(format: ToolCallFormat | undefined, engine: EngineLike) {
    this.#given = format;
    this.#engine = engine;
  }

  /** The model's function-call format: hermes where neither option nor template tells one. */
  async format(): Promise<ToolCallFormat> {
    return (await this.#forms()).format;
  }

  /** Found out once; where the model could not be loaded, asked for again. */
  #forms(): Promise<ModelForms> {
    this.#model ??= this.#read().catch((error: unknown) => {
      this.#model = undefined;
      throw error;
    });
    return this.#model;
  }

  async #read(): Promise<ModelForms> {
    const tokenizer = await this.#engine.tokenizer();
    const format = this.#given ?? detectToolFormat(tokenizer.chatTemplates.join('\n')) ?? hermes;
    return { format, specialTokens: specialTokens(tokenizer) };
  }

  /**
   * The grammar of such an output; the same object for the same tools, choice and answer.
   * @throws RequestError naming `tools[i]` when a definition cannot be made a constraint; CompileError for the answer
   */
  async grammar(output: ToolOutput): Promise<Grammar> {
    const { format, specialTokens } = await this.#forms();
    return this.#grammars.get(JSON.stringify(output), () => {
      const { tools, choice, parallel, answer } = output;
      return format.constraint(tools, choice, {
        parallel,
        specialTokens,
        ...(answer && { answer: answerGrammar(answer) }),
      });
    });
  }
}
