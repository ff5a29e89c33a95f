// Outputs of models with the calls in them (rows with model_output), and tools with calls of them (rows with calls).
import { type ToolDefinition, toolFormatNames, type WrittenCall } from '../../../src/tools/index.js';
import type { Case } from '../case.js';
import type { Adapter, AdapterOptions, Row } from './adapter.js';
import { otherLabels } from './function-calling-labels.js';

interface OutputRow extends Row {
  readonly id: string;
  readonly format: string;
  readonly class: string;
  readonly tools: 'default' | readonly unknown[] | null;
  readonly model_output: string;
  readonly expected_calls: readonly WrittenCall[] | null;
  readonly expected_text: string | null;
  readonly intended_calls?: readonly WrittenCall[] | null;
  readonly intended_text_around?: readonly [string, string] | null;
}

interface ToolsRow extends Row {
  readonly id: string;
  readonly tools: readonly { readonly name: string; readonly parameters: Record<string, unknown> }[];
  readonly calls: readonly { readonly valid: boolean; readonly calls: readonly WrittenCall[] }[];
}

/** Classes of rows whose labels are what one engine does, right or not. */
const ADVISORY = ['edge-engine-specific', 'vllm-stream-differs', 'vllm-stream-partial'];
const OUTPUT_JUDGEMENTS = 5;

export const functionCalling: Adapter = {
  name: 'function-calling',
  reads: (row) => 'model_output' in row || ('tools' in row && 'calls' in row),
  cases: (row, _line, options) =>
    'model_output' in row ? [outputCase(row as OutputRow, options)] : constraintCases(row as ToolsRow),
};

function outputCase(row: OutputRow, { documents }: AdapterOptions): Case {
  const { id, format, model_output: text } = row;
  const isLabelled = !ADVISORY.includes(row.class) && !(id in otherLabels);
  const expected = row.class === 'engine-diverges' ? row.intended_calls : row.expected_calls;
  const calls = (expected ?? []).filter(({ arguments: given }) => !Object.hasOwn(Object(given), '__raw__'));
  const tools = row.tools === 'default' ? documents?.['default-tools.json'] : row.tools;
  const known = Array.isArray(tools) ? tools.flatMap((tool) => definitions(tool)) : undefined;
  const around = row.intended_text_around?.join('');
  return {
    id,
    kind: `function-calling/${format}`,
    tools: {
      task: 'output',
      format,
      ...(known && { tools: known }),
      text,
      calls: calls.map(({ name, arguments: given }) => ({ name, arguments: given })),
      texts: [
        row.expected_text ?? '',
        ...(calls.length === 0 ? [text] : []),
        ...(around === undefined ? [] : [around]),
      ],
    },
    isAdvisory: !isLabelled,
    judgements: Array.from({ length: OUTPUT_JUDGEMENTS }, () => ({ expect: 'accept' as const })),
    unjudged: 0,
  };
}

/** Definitions in the form of chat completions, of those in that of responses too, and of those in namespaces. */
function definitions(tool: Record<string, unknown>): ToolDefinition[] {
  if ('function' in tool) return [tool as unknown as ToolDefinition];
  if (Array.isArray(tool.tools))
    return tool.tools
      .flatMap((inner) => definitions(inner))
      .map(({ function: inner }) => ({
        type: 'function',
        function: { ...inner, name: `${tool.name}__${inner.name}` },
      }));
  return [{ type: 'function', function: tool as unknown as ToolDefinition['function'] }];
}

/** One case a format. */
function constraintCases({ id, tools, calls }: ToolsRow): Case[] {
  return toolFormatNames().map((format) => ({
    id: `${id}/${format}`,
    kind: `function-calling-tools/${format}`,
    tools: {
      task: 'constraint',
      format,
      tools: tools.flatMap((tool) => definitions(tool)),
      valid: calls.filter(({ valid }) => valid).map((each) => each.calls),
    },
    judgements: [{ expect: 'compiles' }],
    unjudged: 0,
  }));
}
