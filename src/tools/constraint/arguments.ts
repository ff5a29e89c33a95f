// The grammar of one tool's arguments in the notation of a format: its parameters schema, narrowed to objects.
import { CompileError, RequestError } from '../../errors.js';
import { jsonSchemaGrammar } from '../../frontends/json-schema/index.js';
import { type ParameterTags, parametersGrammar } from '../../frontends/structural-tag/index.js';
import { type GrammarBuilder, mergeInto, type Node } from '../../grammar/index.js';
import type { ArgumentsForm } from '../declaration.js';
import type { ToolDefinition } from '../format.js';
import type { TaggedData } from '../shapes/tagged.js';
import { inputNode } from './input.js';
import { aroundAnyName } from './notation.js';
import { notationArguments } from './notation-arguments.js';

export interface ArgumentsOptions {
  /** Whether any object will do, whatever the schema says. */
  readonly isOpen: boolean;
  /** Special tokens of the vocabulary, by their text: marks among them are these. */
  readonly specialTokens: readonly string[];
}

/**
 * @throws RequestError naming `tools[index].function.parameters` for what the format cannot carry
 */
export function argumentsNode(
  builder: GrammarBuilder,
  form: ArgumentsForm,
  tool: ToolDefinition,
  index: number,
  { isOpen, specialTokens }: ArgumentsOptions,
): Node {
  const { inputGrammar } = tool.function;
  const where = `tools[${index}].function.${inputGrammar ? 'inputGrammar' : 'parameters'}`;
  const schema =
    isOpen && takesAnyName(form) ? { type: 'object' } : { type: 'object', ...tool.function.parameters };
  try {
    if (inputGrammar) return inputNode(builder, form, inputGrammar);
    switch (form.form) {
      case 'json':
        return mergeInto(builder, jsonSchemaGrammar(schema, {}).grammar);
      case 'tags': {
        const excludes = [...form.data.parameter.close, ...(form.data.parameter.wrap?.slice(0, 1) ?? [])];
        return mergeInto(builder, parametersGrammar(schema, tagsOf(form.data, specialTokens), { excludes }));
      }
      case 'notation':
        return notationArguments(builder, schema, form.notation, specialTokens);
    }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new RequestError(error.code, `${where}: ${error.message}`, where, { cause: error });
  }
}

/** Whether arguments may have names that no schema lists. */
function takesAnyName(form: ArgumentsForm): boolean {
  return form.form !== 'notation' || aroundAnyName(form.notation.argument) !== undefined;
}

/** The tags of a parameter as the format writes them. */
function tagsOf(
  { parameter, entities = false }: TaggedData,
  specialTokens: readonly string[],
): ParameterTags {
  const { open, nameEnd, kind, valueOpen = [''], close, lines = false } = parameter;
  const line = lines ? '\n' : '';
  return {
    open: open[0],
    behindName:
      kind === undefined
        ? [
            nameEnd[0] + (lines ? valueOpen[0] + line : ''),
            ...(lines || valueOpen[0] === '' ? [] : [valueOpen[0]]),
          ]
        : (of) => `${nameEnd[0]}${kind.lead}${kind.open}${kind.of(of)}${kind.close}${valueOpen[0]}`,
    close: line + close[0],
    escapesNames: entities,
    spaceAroundStrings: false,
    specialTokens,
  };
}
