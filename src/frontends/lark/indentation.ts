// Which terminals carry the indentation: what the caller says, and by default what the grammar's names say.
import { CompileError } from '../../errors.js';
import type { Definitions } from './definitions.js';
import type { IndenterOptions } from './options.js';

const NEWLINES = ['_NEWLINE', '_NL', 'NEWLINE', 'NL'];

/** Without lists of brackets, literals are brackets that open or close one more than they close or open. */
export type ResolvedIndenter = Required<
  Pick<IndenterOptions, 'newline' | 'indent' | 'dedent' | 'tabLength'>
> & {
  readonly open: readonly string[] | undefined;
  readonly close: readonly string[] | undefined;
};

/** How many more brackets a literal opens than it closes. */
export function bracketBalance(text: string): number {
  let balance = 0;
  for (const character of text) {
    if ('([{'.includes(character)) balance++;
    if (')]}'.includes(character)) balance--;
  }
  return balance;
}

/**
 * The indenter of a grammar; undefined where it has none.
 * @throws CompileError `invalid_grammar` when a terminal that it needs is not there
 */
export function resolveIndenter(
  { byName }: Definitions,
  options: IndenterOptions | false | undefined,
): ResolvedIndenter | undefined {
  if (options === false) return undefined;
  const isDeclared = (name: string) => byName.get(name)?.isTerminal === true && !byName.get(name)!.body;
  const prefix = isDeclared('_INDENT') || isDeclared('_DEDENT') ? '_' : '';
  const indent = options?.indent ?? `${prefix}INDENT`;
  const dedent = options?.dedent ?? `${prefix}DEDENT`;
  if (!options && !isDeclared(indent) && !isDeclared(dedent)) return undefined;
  const newline = options?.newline ?? NEWLINES.find((name) => byName.get(name)?.body);
  if (newline === undefined || !byName.get(newline)?.body)
    throw new CompileError(
      'invalid_grammar',
      "INDENT and DEDENT need a terminal for newlines: option 'indenter'",
      {
        ...(byName.get(indent) ?? byName.get(dedent))?.position,
        keyword: 'indenter',
      },
    );
  const defined = [indent, dedent].find((name) => byName.get(name)?.body);
  if (defined !== undefined)
    throw new CompileError('invalid_grammar', `'${defined}' has a text: the indenter supplies it`, {
      ...byName.get(defined)!.position,
      keyword: 'indenter',
    });
  const { open, close, tabLength = 8 } = options ?? {};
  if (!Number.isInteger(tabLength) || tabLength < 1 || tabLength > 65_536)
    throw new CompileError('invalid_grammar', 'a tab has between 1 and 65536 columns', {
      keyword: 'tabLength',
    });
  return { newline, indent, dedent, open, close, tabLength };
}
