// Door of the tools room: the registry of function-call formats, and the checks on tool definitions.
import type { ToolCallFormat } from './format.js';
import { hermes } from './hermes.js';

export { checkTools, type ToolLimits } from './definitions.js';
export {
  collect,
  type ForcedChoice,
  type ParsedOutput,
  type ToolCall,
  type ToolCallFormat,
  type ToolCallParser,
  type ToolDefinition,
  type ToolEvent,
} from './format.js';
export { hermes } from './hermes.js';

const formats: readonly ToolCallFormat[] = [hermes];

/** The format with this name or alias, or undefined. */
export function findToolFormat(name: string): ToolCallFormat | undefined {
  return formats.find((format) => format.name === name || format.aliases.includes(name));
}

/** Names of all formats, without aliases. */
export function toolFormatNames(): string[] {
  return formats.map((format) => format.name);
}
