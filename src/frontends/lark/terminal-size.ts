// How large terminals are when the ones that they refer to are written out: a few lines that double what they name would
// otherwise take all memory.
import { LimitError } from '../../errors.js';
import type { Definition } from './definitions.js';
import type { Expression } from './syntax.js';
import { visit } from './walk.js';

/** Characters and operators of one terminal, written out. */
const MAX_TERMINAL_SIZE = 1_000_000;

/** @throws LimitError `MAX_TERMINAL_SIZE` */
export function checkTerminalSizes(definitions: ReadonlyMap<string, Definition>): void {
  const sizes = new Map<string, number>();
  for (const { name, isTerminal } of definitions.values()) if (isTerminal) sizeOf(name, definitions, sizes);
}

/** Recursion is refused elsewhere; here what is being measured counts nothing. */
function sizeOf(
  name: string,
  definitions: ReadonlyMap<string, Definition>,
  sizes: Map<string, number>,
): number {
  const known = sizes.get(name);
  if (known !== undefined) return known;
  sizes.set(name, 0);
  const definition = definitions.get(name);
  if (!definition?.body || !definition.isTerminal) return 0;
  let size = 0;
  visit(definition.body, (part) => {
    size += part.kind === 'name' ? sizeOf(part.name, definitions, sizes) : ownSize(part);
    if (size > MAX_TERMINAL_SIZE)
      throw new LimitError('MAX_TERMINAL_SIZE', MAX_TERMINAL_SIZE, `terminal '${name}' is too large`, {
        ...definition.position,
      });
  });
  sizes.set(name, size);
  return size;
}

function ownSize(part: Expression): number {
  return part.kind === 'string' || part.kind === 'regex' ? part.text.length + 1 : 1;
}
