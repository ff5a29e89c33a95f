// The flags that name a constraint, shared by the commands, and the source that they stand for.
import { readFile } from 'node:fs/promises';
import type { GrammarSource } from '../compile/index.js';
import { type GrammarName, grammars } from '../grammars/index.js';
import { UsageError } from './command.js';

export const constraintFlags = {
  schema: { type: 'string' },
  regex: { type: 'string' },
  grammar: { type: 'string' },
  'structural-tag': { type: 'string' },
  lark: { type: 'string' },
} as const;

export interface ConstraintValues {
  readonly schema?: string | undefined;
  readonly regex?: string | undefined;
  readonly grammar?: string | undefined;
  readonly 'structural-tag'?: string | undefined;
  readonly lark?: string | undefined;
}

/** The lines of a help text about {@link constraintFlags}, the grammars that come along among them. */
export const constraintHelp = `  --schema FILE                a JSON Schema
  --regex REGEX                a regular expression, to match as a whole
  --structural-tag FILE        a structural tag: free text with tags in it
  --lark FILE                  a Lark grammar
  --grammar NAME|FILE          a grammar in a file (GBNF, xgrammar's or the W3C's EBNF), or one that comes along:
${wrapped(Object.keys(grammars), 80)
  .map((line) => `${' '.repeat(31)}${line}`)
  .join('\n')}`;

/** Names with commas, in lines of at most `width`. */
function wrapped(names: readonly string[], width: number): string[] {
  const lines: string[] = [];
  names.forEach((name, index) => {
    const word = index === names.length - 1 ? name : `${name},`;
    const last = lines[lines.length - 1];
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  });
  return lines;
}

/**
 * What the flags ask for; undefined when none was given. A schema stays text, so that every digit and the order of its
 * properties count.
 * @throws UsageError when several were given
 */
export async function constraintSource(values: ConstraintValues): Promise<GrammarSource | undefined> {
  const { schema, regex, grammar, lark, 'structural-tag': tag } = values;
  const given = Object.entries({ schema, regex, grammar, lark, 'structural-tag': tag }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1)
    throw new UsageError(`${given.map(([flag]) => `--${flag}`).join(' and ')} cannot be combined`);
  if (schema !== undefined) return { schema: await readFile(schema, 'utf8') };
  if (lark !== undefined) return { lark: await readFile(lark, 'utf8') };
  if (tag !== undefined) return { structuralTag: await readFile(tag, 'utf8') };
  if (grammar !== undefined)
    return isGrammarName(grammar) ? grammars[grammar] : { ebnf: await readFile(grammar, 'utf8') };
  return regex === undefined ? undefined : { regex };
}

function isGrammarName(name: string): name is GrammarName {
  return Object.hasOwn(grammars, name);
}
