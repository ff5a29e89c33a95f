// Door of the tools room: the registry of function-call formats, and the checks on tool definitions.
import { detectToolFormat as detectedName } from './detect.js';
import type { ToolCallFormat } from './format.js';
import { formatOf } from './format-of.js';
import { declarations } from './formats/index.js';

export { checkTools, shownTools, type ToolLimits } from './definitions.js';
export {
  type ConstraintOptions,
  collect,
  type ForcedChoice,
  type InputGrammar,
  type ParsedOutput,
  type ParserOptions,
  type ToolCall,
  type ToolCallFormat,
  type ToolCallParser,
  type ToolChoice,
  type ToolDefinition,
  type ToolEvent,
  type WrittenCall,
} from './format.js';
export {
  collectReasoning,
  detectReasoningFormat,
  findReasoningFormat,
  type ReasoningEvent,
  type ReasoningFormat,
  type ReasoningOptions,
  type ReasoningSplitter,
  reasoningFormatNames,
} from './reasoning/index.js';

const formats: readonly ToolCallFormat[] = declarations.map(formatOf);

/** The format of Hermes 2 and 3, Qwen 2.5 and 3. */
export const hermes: ToolCallFormat = formats[0];

/** The format with this name or alias, or undefined. */
export function findToolFormat(name: string): ToolCallFormat | undefined {
  return formats.find((format) => format.name === name || format.aliases.includes(name));
}

/** Names of all formats, without aliases. */
export function toolFormatNames(): string[] {
  return formats.map((format) => format.name);
}

/** The format that a chat template asks for, told by the marks in its text; undefined when none is known in it. */
export function detectToolFormat(template: string): ToolCallFormat | undefined {
  const name = detectedName(template);
  return name === undefined ? undefined : findToolFormat(name);
}
