// The hermes format (Hermes 2 and 3, Qwen 2.5 and 3): <tool_call>\n{"name": ..., "arguments": {...}}\n</tool_call>.
// Reading is in hermes-parser.ts; here is the declaration, and the grammar that a forced call follows.
import { CompileError, RequestError } from '../errors.js';
import { jsonSchemaGrammar } from '../frontends/json-schema/index.js';
import {
  bytes,
  choice,
  type Grammar,
  GrammarBuilder,
  mergeInto,
  type Node,
  sequence,
} from '../grammar/index.js';
import type { ForcedChoice, ToolCallFormat, ToolDefinition } from './format.js';
import { CALL_END, CALL_START, HermesParser } from './hermes-parser.js';

export const hermes: ToolCallFormat = {
  name: 'hermes',
  aliases: ['qwen25', 'qwen'],
  callEnd: CALL_END,
  parser: () => new HermesParser(),
  constraint,
};

function constraint(tools: readonly ToolDefinition[], forced: ForcedChoice): Grammar {
  const builder = new GrammarBuilder();
  const calls: Node[] = [];
  tools.forEach((tool, index) => {
    if (forced !== 'required' && tool.function.name !== forced.name) return;
    const name = JSON.stringify(tool.function.name);
    const argumentsNode = mergeInto(builder, argumentsGrammar(tool, index));
    calls.push(sequence(bytes(`{"name": ${name}, "arguments": `), argumentsNode, bytes('}')));
  });
  if (calls.length === 0)
    throw new RequestError(
      'invalid_tool_choice',
      forced === 'required'
        ? 'tool_choice "required" needs at least one tool'
        : `tool_choice names ${JSON.stringify(forced.name)}, which is not among the tools`,
      'tool_choice',
    );
  return builder.build(sequence(bytes(`${CALL_START}\n`), choice(...calls), bytes(`\n${CALL_END}`)));
}

/** The grammar of one tool's arguments: its parameters schema, narrowed to objects. */
function argumentsGrammar(tool: ToolDefinition, index: number): Grammar {
  const where = `tools[${index}].function.parameters`;
  try {
    return jsonSchemaGrammar({ type: 'object', ...tool.function.parameters }, {}).grammar;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new RequestError(error.code, `${where}: ${error.message}`, where, { cause: error });
  }
}
