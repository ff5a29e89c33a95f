// Calls as a format writes them: for the history of a chat whose template does not know of calls.
import type { ArgumentsForm, Written } from './declaration.js';
import type { ToolDefinition, WrittenCall } from './format.js';
import { kindsOf, memberSchema } from './reading/kinds.js';

/** The text of the calls, or undefined in a notation that is only read. */
export function writeCalls(
  written: Written,
  calls: readonly WrittenCall[],
  tools: readonly ToolDefinition[] = [],
): string | undefined {
  if (written.arguments.form === 'other') return undefined;
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
      const type = typeName(value);
      const attribute = kind === undefined ? '' : kind.lead + kind.open + kind.of(type) + kind.close;
      const text = typeof value === 'string' ? stringText(value, name, parameters) : JSON.stringify(value);
      return open[0] + name + nameEnd[0] + attribute + valueOpen[0] + line + text + line + close[0];
    });
    return tags.map((tag) => `\n${tag}`).join('') + (tags.length > 0 ? '\n' : '');
  }
  if (form.form === 'python')
    return members.map(([name, value]) => `${name}=${pythonText(value)}`).join(', ');
  return JSON.stringify(values);
}

/** A string as it stands, or in quotes where it would be read as another value and the schema says nothing. */
function stringText(text: string, name: string, parameters: Readonly<Record<string, unknown>>): string {
  const kinds = kindsOf(memberSchema(parameters, name, parameters), parameters);
  return kinds === undefined && isJson(text) ? JSON.stringify(text) : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Python's words for a value by itself; inside of others JSON's, as the constraint has them. */
function pythonText(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value);
}
