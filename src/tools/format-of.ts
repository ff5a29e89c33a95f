// Makes a format of its declaration.
import { callsGrammar } from './constraint/calls.js';
import type { Declaration } from './declaration.js';
import type { ToolCallFormat } from './format.js';
import { OutputParser } from './machine.js';
import { writeCalls } from './written-calls.js';

export function formatOf(declaration: Declaration): ToolCallFormat {
  const { name, aliases = [], wire, written } = declaration;
  return {
    name,
    aliases,
    callEnd: written.callEnd,
    parser: (options) => new OutputParser(wire, options),
    constraint: (tools, choice, options) => callsGrammar(written, tools, choice, options),
    write: (calls, tools) => writeCalls(written, calls, tools),
  };
}
