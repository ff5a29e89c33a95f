// Checks the tool definitions of a request, as hostile input, and names the one at fault as tools[i].
import { RequestError } from '../errors.js';
import type { ToolDefinition } from './format.js';

export interface ToolLimits {
  /** Most tools in one request; default 128. */
  readonly maxTools?: number;
}

const DEFAULT_MAX_TOOLS = 128;
const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };
const NAME = /^[A-Za-z0-9_.:/-]{1,128}$/;

/**
 * The definitions in one normal form (name, description, parameters, and `strict` where it is false), once each is known
 * to be a function with a usable, unique name and parameters that describe an object.
 * @throws RequestError `invalid_tools` or `unsupported_tools` whose param is `tools`, `tools[i]` or a field below it.
 */
export function checkTools(tools: readonly unknown[], limits: ToolLimits = {}): readonly ToolDefinition[] {
  const maxTools = limits.maxTools ?? DEFAULT_MAX_TOOLS;
  if (tools.length > maxTools)
    throw new RequestError(
      'invalid_tools',
      `tools has ${tools.length} entries (limit maxTools = ${maxTools})`,
      'tools',
    );
  const names = new Set<string>();
  return tools.map((tool, index) => {
    const checked = checkTool(tool, `tools[${index}]`);
    const { name } = checked.function;
    if (names.has(name))
      throw invalid(`tools[${index}].function.name`, `repeats the name ${JSON.stringify(name)}`);
    names.add(name);
    return checked;
  });
}

function checkTool(tool: unknown, where: string): ToolDefinition {
  if (!isRecord(tool)) throw invalid(where, 'must be an object');
  if (tool.type !== 'function')
    throw new RequestError(
      'unsupported_tools',
      `${where}.type ${JSON.stringify(tool.type) ?? 'is missing and'} is not supported; only "function" is`,
      `${where}.type`,
    );
  const { function: definition } = tool;
  if (!isRecord(definition)) throw invalid(`${where}.function`, 'must be an object');
  const { name, description, parameters, strict } = definition;
  if (typeof name !== 'string' || !NAME.test(name))
    throw invalid(
      `${where}.function.name`,
      'must be 1 to 128 of the characters A-Z, a-z, 0-9, "_", "-", ".", ":" and "/"',
    );
  if (description !== undefined && description !== null && typeof description !== 'string')
    throw invalid(`${where}.function.description`, 'must be a string');
  if (parameters !== undefined && parameters !== null) checkParameters(parameters, where);
  return {
    type: 'function',
    function: {
      name,
      ...(typeof description === 'string' && { description }),
      parameters: isRecord(parameters) ? parameters : NO_PARAMETERS,
      ...(strict === false && { strict }),
    },
  };
}

/** What of checked definitions the model is told: not how far they are enforced. */
export function shownTools(tools: readonly ToolDefinition[]): readonly ToolDefinition[] {
  return tools.map(({ type, function: { strict, inputGrammar, ...shown } }) => ({ type, function: shown }));
}

/** Arguments are always a JSON object, so the schema must be one that says so, or says nothing of the type. */
function checkParameters(parameters: unknown, where: string): void {
  if (!isRecord(parameters))
    throw invalid(`${where}.function.parameters`, 'must be a JSON Schema that is an object');
  if (parameters.type !== undefined && parameters.type !== 'object')
    throw invalid(`${where}.function.parameters.type`, 'must be "object": arguments are a JSON object');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, problem: string): RequestError {
  return new RequestError('invalid_tools', `${where} ${problem}`, where);
}
