// Calls as a format writes them: for the history of a chat whose template does not know of calls.
import type { Notation, Sequence } from './constraint/notation.js';
import type { ArgumentsForm, Written } from './declaration.js';
import type { ToolDefinition, WrittenCall } from './format.js';
import { parsedJson } from './reading/json-text.js';
import { kindOf, kindsOf, memberSchema } from './reading/kinds.js';

/** The text of the calls. */
export function writeCalls(
  written: Written,
  calls: readonly WrittenCall[],
  tools: readonly ToolDefinition[] = [],
): string {
  const texts = calls.map(({ name, arguments: values }, index) => {
    const { before, after } = written.call(name, index);
    const parameters = tools.find((tool) => tool.function.name === name)?.function.parameters ?? {};
    return before + argumentsText(written.arguments, values, parameters) + after;
  });
  return (written.open ?? '') + texts.join(written.between ?? '\n') + (written.close ?? '');
}

function argumentsText(
  form: ArgumentsForm,
  values: Readonly<Record<string, unknown>>,
  parameters: Readonly<Record<string, unknown>>,
): string {
  const members = Object.entries(values);
  if (form.form === 'tags') {
    const { open, nameEnd, kind, valueOpen = [''], close, lines } = form.data.parameter;
    const line = lines === true ? '\n' : '';
    const tags = members.map(([name, value]) => {
      const type = kindOf(value);
      const attribute = kind === undefined ? '' : kind.lead + kind.open + kind.of(type) + kind.close;
      const text = typeof value === 'string' ? stringText(value, name, parameters) : JSON.stringify(value);
      return open[0] + name + nameEnd[0] + attribute + valueOpen[0] + line + text + line + close[0];
    });
    return tags.map((tag) => `\n${tag}`).join('') + (tags.length > 0 ? '\n' : '');
  }
  if (form.form === 'notation') {
    const { arguments: around, argument } = form.notation;
    return inSequence(
      around,
      members.map(([name, value]) => inNotation(form.notation, value, argument(name))),
    );
  }
  return JSON.stringify(values);
}

/** A string as it stands, or in quotes where it would be read as another value and the schema says nothing. */
function stringText(text: string, name: string, parameters: Readonly<Record<string, unknown>>): string {
  const kinds = kindsOf(memberSchema(parameters, name, parameters), parameters);
  return kinds === undefined && parsedJson(text) !== undefined ? JSON.stringify(text) : text;
}

/** A value in a notation, between what stands around it. */
function inNotation(notation: Notation, value: unknown, [before, behind]: readonly [string, string]): string {
  return before + notationText(notation, value) + behind;
}

function notationText(notation: Notation, value: unknown): string {
  const { quote, words, list, element, object, member } = notation;
  if (value === null) return words.null;
  if (typeof value === 'boolean') return words[String(value) as 'true' | 'false'];
  if (typeof value === 'string') return quote === undefined ? JSON.stringify(value) : quote + value + quote;
  if (Array.isArray(value))
    return inSequence(
      list,
      value.map((inner) => inNotation(notation, inner, element(''))),
    );
  if (typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).map(([name, inner]) => inNotation(notation, inner, member(name)));
  return inSequence(object, members);
}

function inSequence({ open, between, close }: Sequence, parts: readonly string[]): string {
  return open + parts.join(between) + close;
}
