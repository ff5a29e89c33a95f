// Grammars of outputs that may hold calls or thinking, remembered by what they were made from: agents send the same tools
// with every turn.
import { frontEnd, RecentCache } from '../../compile/index.js';
import { RequestError } from '../../errors.js';
import type { ToolChoice, ToolDefinition } from '../../tools/index.js';
import type { Formats, ModelFormats } from './formats.js';
import type { Constraint } from './types.js';

type Grammar = ReturnType<typeof frontEnd>['grammar'];

/** Most of these grammars that are kept. */
export const MAX_OUTPUT_GRAMMARS = 64;

export interface OutputShape {
  readonly calls?: {
    /** Those that may be called. */
    readonly tools: readonly ToolDefinition[];
    readonly choice: ToolChoice;
    readonly parallel: boolean;
  };
  /** What the model may answer: in place of calls, where there may be calls. */
  readonly answer?: Constraint;
  /** Whether thinking must come before, may come before, or has ended: answers may yet be opened by marks. */
  readonly thinking?: 'open' | 'may' | 'over';
}

export class OutputGrammars {
  readonly #formats: ModelFormats;
  readonly #grammars = new RecentCache<string, Grammar>(MAX_OUTPUT_GRAMMARS);

  constructor(formats: ModelFormats) {
    this.#formats = formats;
  }

  /**
   * The grammar of such an output, which has calls or an answer; the same object for the same shape.
   * @throws RequestError naming `tools[i]` when a definition cannot be made a constraint; CompileError for the answer
   */
  async get(shape: OutputShape): Promise<Grammar> {
    const formats = await this.#formats.get();
    return this.#grammars.get(JSON.stringify(shape), () => grammarOf(shape, formats));
  }
}

function grammarOf({ calls, answer, thinking }: OutputShape, formats: Formats): Grammar {
  const { tools: format, reasoning, specialTokens } = formats;
  const answerOnly = answer && answerGrammar(answer);
  if (!thinking || !reasoning) return calls ? callsGrammar(calls, answerOnly) : required(answerOnly);
  const options = { isOpen: thinking === 'open', isOver: thinking === 'over', specialTokens };
  if (!calls) return reasoning.constraint(required(answerOnly), options);
  // Where an answer is opened by marks of its own, it is either the answer that is opened or calls.
  const isApart = reasoning.answerOpen !== '' && (calls.choice === 'auto' || answerOnly !== undefined);
  if (!isApart) return reasoning.constraint(callsGrammar(calls, answerOnly), { ...options, isCalls: true });
  const choice = calls.choice === 'auto' ? 'required' : calls.choice;
  return reasoning.constraint(answerOnly ?? anyText(), {
    ...options,
    orCalls: callsGrammar({ ...calls, choice }, undefined),
  });

  function callsGrammar(
    { tools, choice, parallel }: NonNullable<OutputShape['calls']>,
    or: Grammar | undefined,
  ): Grammar {
    return format.constraint(tools, choice, { parallel, specialTokens, ...(or && { answer: or }) });
  }
}

function required(grammar: Grammar | undefined): Grammar {
  if (!grammar) throw new Error('an output without calls or answer has no grammar');
  return grammar;
}

function anyText(): Grammar {
  return frontEnd({ regex: '[\\s\\S]*' }, {}).grammar;
}

function answerGrammar({ option, field }: Constraint): Grammar {
  const { grammar, lexer } = frontEnd(option as Parameters<typeof frontEnd>[0], {});
  if (lexer)
    throw new RequestError(
      'unsupported_combination',
      `${field}: a grammar with a lexer of its own cannot stand beside tools; leave one of them out`,
      field,
    );
  return grammar;
}
