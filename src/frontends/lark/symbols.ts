// What names refer to, checked before anything is lowered: every undefined one is listed with its place, and templates are
// used with as many arguments as they have parameters.
import { CompileError } from '../../errors.js';
import type { Definition, Definitions } from './definitions.js';
import { type Expression, isTerminalName, type Position } from './syntax.js';
import { visit } from './walk.js';

/** Names mentioned in one error message. */
const MAX_LISTED = 50;

interface Use {
  readonly name: string;
  readonly position: Position;
}

/** Names that are used and not defined, each once, in the order of the text. */
export function undefinedSymbols(definitions: Definitions): Use[] {
  const { byName, ignored } = definitions;
  const found = new Map<string, Use>();
  const use = (name: string, position: Position) => {
    if (!byName.has(name) && !found.has(name)) found.set(name, { name, position });
  };
  for (const definition of byName.values())
    forEachUse(definition, (name, position) => {
      if (!definition.params.includes(name)) use(name, position);
    });
  for (const name of ignored) use(name, { line: 1, column: 1 });
  return [...found.values()].sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
}

/** @throws CompileError `invalid_grammar` that names every undefined symbol with its line */
export function refuseUndefined(uses: readonly Use[]): void {
  if (uses.length === 0) return;
  const shown = uses
    .slice(0, MAX_LISTED)
    .map(
      ({ name, position }) => `${kindOf(name)} '${name}' (line ${position.line}, column ${position.column})`,
    );
  const more = uses.length > MAX_LISTED ? `, and ${uses.length - MAX_LISTED} more` : '';
  throw new CompileError('invalid_grammar', `used but not defined: ${shown.join(', ')}${more};`, {
    ...uses[0].position,
    keyword: uses[0].name,
  });
}

/** @throws CompileError `invalid_grammar` */
export function checkTemplates({ byName }: Definitions): void {
  for (const { body, params, position } of byName.values()) {
    const double = params.find((param, i) => byName.has(param) || params.indexOf(param) < i);
    if (double !== undefined)
      throw new CompileError('invalid_grammar', `'${double}' cannot be the name of a parameter here`, {
        ...position,
      });
    if (body)
      visit(body, (part) => {
        if (part.kind === 'template' && !params.includes(part.name)) checkTemplate(part, byName);
      });
  }
}

function checkTemplate(
  { name, args, position }: Expression & { kind: 'template' },
  byName: ReadonlyMap<string, Definition>,
): void {
  const count = byName.get(name)?.params.length ?? 0;
  if (count !== args.length)
    throw new CompileError(
      'invalid_grammar',
      `template '${name}' has ${count} parameters, not ${args.length}`,
      {
        ...position,
      },
    );
}

function forEachUse({ body, attributes }: Definition, use: (name: string, position: Position) => void): void {
  for (const { value, position } of attributes)
    if (value?.kind === 'name' && isTerminalName(value.text)) use(value.text, position);
  if (!body) return;
  visit(body, (part) => {
    if (part.kind === 'name' || part.kind === 'template' || part.kind === 'apply')
      use(part.name, part.position);
  });
}

function kindOf(name: string): string {
  return isTerminalName(name) ? 'terminal' : 'rule';
}
