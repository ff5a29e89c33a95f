// The option `builtins`: undefined terminals are taken from the built-in set. Where its INDENT or DEDENT is used and nothing
// is ignored, blanks, comments and joined lines are ignored as in Python.
import { type Definitions, type LoadOptions, load } from './definitions.js';
import { BUILTINS } from './library/index.js';
import { parse } from './parser.js';
import { undefinedSymbols } from './symbols.js';

const PYTHON_BLANKS = String.raw`
%ignore /[\t \f]+/
%ignore /\\[\t \f]*\r?\n/
%ignore /#[^\n]*/
`;

/** Adds what is missing to the definitions. */
export function addBuiltins(definitions: Definitions, options: LoadOptions): void {
  const { byName } = load(parse(BUILTINS, options), { ...options, imports: {} });
  const added = new Set<string>();
  for (;;) {
    const missing = undefinedSymbols(definitions).filter(({ name }) => byName.has(name) && !added.has(name));
    if (missing.length === 0) break;
    for (const { name } of missing) {
      definitions.byName.set(name, byName.get(name)!);
      added.add(name);
    }
  }
  if (!added.has('INDENT') && !added.has('DEDENT')) return;
  if (definitions.ignored.length > 0) return;
  const blanks = load(parse(PYTHON_BLANKS, options), options);
  for (const [name, definition] of blanks.byName) definitions.byName.set(name, definition);
  definitions.ignored.push(...blanks.ignored);
}
