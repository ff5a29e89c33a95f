// The grammar of an output that calls tools, from the way a format writes calls: one call or several, at once or somewhere
// in free text, or instead of an answer.
import { RequestError } from '../../errors.js';
import {
  choiceOf,
  dispatch,
  EMPTY,
  type Grammar,
  GrammarBuilder,
  holdsToken,
  mergeInto,
  type Node,
  optional,
  regular,
  repeat,
  sequence,
  sequenceOf,
  textWithout,
  writtenText,
} from '../../grammar/index.js';
import type { Written } from '../declaration.js';
import type { ConstraintOptions, ToolChoice, ToolDefinition } from '../format.js';
import { argumentsNode } from './arguments.js';

const DEFAULT_MAX_CALLS = 32;
const MANY = Number.POSITIVE_INFINITY;

/** A tool that may be called: its name and the node of its arguments. */
interface Callable {
  readonly name: string;
  readonly arguments: Node;
}

/** @throws RequestError naming `tools[i]` when a definition cannot be made a constraint; `invalid_tool_choice` */
export function callsGrammar(
  written: Written,
  tools: readonly ToolDefinition[],
  choice: ToolChoice,
  options: ConstraintOptions = {},
): Grammar {
  const { specialTokens = [] } = options;
  const builder = new GrammarBuilder();
  const callables = tools.flatMap((tool, index): Callable[] => {
    const { name, strict } = tool.function;
    if (typeof choice === 'object' && choice.name !== name) return [];
    const isOpen = choice === 'auto' && strict === false;
    const node = argumentsNode(builder, written.arguments, tool, index, { isOpen, specialTokens });
    return [{ name, arguments: builder.rule(`arguments-${name}`, node) }];
  });
  if (callables.length === 0) throw noTool(choice);
  const calls = new Calls(written, builder, callables, options);
  if (options.answer !== undefined)
    return builder.build(choiceOf([mergeInto(builder, options.answer), calls.block('')]));
  return builder.build(choice === 'auto' ? calls.inText() : calls.block(''));
}

class Calls {
  readonly #written: Written;
  readonly #builder: GrammarBuilder;
  readonly #callables: readonly Callable[];
  readonly #isParallel: boolean;
  readonly #tokens: readonly string[];
  readonly #rest: Node;

  constructor(
    written: Written,
    builder: GrammarBuilder,
    callables: readonly Callable[],
    { parallel = false, maxCalls = DEFAULT_MAX_CALLS, specialTokens = [] }: ConstraintOptions,
  ) {
    this.#written = written;
    this.#builder = builder;
    this.#callables = callables;
    this.#isParallel = parallel;
    this.#tokens = specialTokens;
    const further = this.#isParallel ? this.#further(maxCalls) : EMPTY;
    this.#rest = builder.rule('calls-rest', sequence(further, this.#text(written.close ?? '')));
  }

  /** All calls that begin with `begun`, from behind it on. */
  block(begun: string): Node {
    const open = this.#written.open ?? '';
    const first = this.#callables.flatMap(({ name, arguments: given }) => {
      const { before, after } = this.#written.call(name, 0);
      const start = open + before;
      return start.startsWith(begun)
        ? [sequenceOf([this.#text(start.slice(begun.length)), given, this.#text(after)])]
        : [];
    });
    return sequence(choiceOf(first), this.#rest);
  }

  /** Free text in which a trigger commits to calls. */
  inText(): Node {
    const texts = this.#written.triggers(this.#callables.map(({ name }) => name));
    if (texts.some((text) => holdsToken(text, this.#tokens))) return this.#behindTokens(texts);
    const triggers = texts.map((text) => ({ text, follows: this.block(text) }));
    return dispatch(this.#builder, 'text', { triggers, excludes: [], loop: this.#isParallel });
  }

  /** The same where what begins calls holds a special token. Spelled in text it would be read as a call too. */
  #behindTokens(triggers: readonly string[]): Node {
    const text = regular(textWithout(triggers));
    const calls = sequence(this.block(''), this.#isParallel ? text : EMPTY);
    return sequence(text, repeat(calls, 0, this.#isParallel ? MANY : 1));
  }

  #text(text: string): Node {
    return writtenText(text, this.#tokens);
  }

  #further(maxCalls: number): Node {
    const { between, call } = this.#written;
    if (between === undefined) return EMPTY;
    const isNumbered = call('f', 0).before !== call('f', 1).before;
    if (!isNumbered) return repeat(sequence(this.#text(between), this.#call(0)), 0, MANY);
    let rest: Node = EMPTY;
    for (let index = maxCalls - 1; index > 0; index--) {
      const next = sequenceOf([this.#text(between), this.#call(index), rest]);
      rest = this.#builder.rule(`calls-from-${index}`, optional(next));
    }
    return rest;
  }

  #call(index: number): Node {
    return choiceOf(
      this.#callables.map(({ name, arguments: given }) => {
        const { before, after } = this.#written.call(name, index);
        return sequenceOf([this.#text(before), given, this.#text(after)]);
      }),
    );
  }
}

function noTool(choice: ToolChoice): RequestError {
  return new RequestError(
    'invalid_tool_choice',
    typeof choice === 'object'
      ? `tool_choice names ${JSON.stringify(choice.name)}, which is not among the tools`
      : `tool_choice "${choice}" needs at least one tool`,
    'tool_choice',
  );
}
