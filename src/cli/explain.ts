// espalier explain: what a constraint is, what of it is enforced, and why it refuses a text. Needs no model.
import { readFile, writeFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type CompiledGrammar, compile, type GrammarSource } from '../compile/index.js';
import type { ExplainedKeyword } from '../explain/index.js';
import { type Command, readArguments, UsageError } from './command.js';
import { constraintFlags, constraintHelp, constraintSource } from './constraint.js';

const help = `Usage: espalier explain [options]

Prints a constraint's rules, what is enforced and what is not, and the size of its automaton; with a text, whether the text
obeys, and if not, where and why. The exit code is 1 for a text that does not.

${constraintHelp}
  --gbnf FILE                  a GBNF grammar in a file, never taken for a name or another dialect
  --root RULE                  the rule that a grammar starts from (default root; start of a Lark grammar)
  --lenient                    list what of a schema cannot be enforced instead of refusing it
  --text TEXT                  a text to judge
  --text-file FILE             … in a file; - reads it from standard input
  --railroad FILE              write railroad diagrams there: .html for a page, else an SVG image
  --json                       print JSON
`;

export const flags = {
  ...constraintFlags,
  gbnf: { type: 'string' },
  root: { type: 'string' },
  lenient: { type: 'boolean' },
  text: { type: 'string' },
  'text-file': { type: 'string' },
  railroad: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const command: Command = { help, run: explain };

type Values = ReturnType<typeof readArguments<typeof flags>>['values'];

async function explain(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, flags);
  if (positionals.length > 0) throw new UsageError(`explain takes no arguments, but got '${positionals[0]}'`);
  if (values.text !== undefined && values['text-file'] !== undefined)
    throw new UsageError('--text and --text-file cannot be combined');
  const grammar = compile(await sourceOf(values), { lenient: values.lenient ?? false });
  const text = await textOf(values);
  const verdict = text === undefined ? undefined : grammar.explainText(text);
  if (values.railroad !== undefined) await draw(grammar, values.railroad, titleOf(values));
  if (values.json)
    print(JSON.stringify({ ...grammar.explain(), ...(verdict && { text: verdict }) }, null, 2));
  else {
    print(report(grammar));
    if (verdict) print(`\ntext\n${indented(verdict.message)}`);
  }
  if (verdict && verdict.verdict !== 'accepted') process.exitCode = 1;
}

async function sourceOf(values: Values): Promise<GrammarSource> {
  const { gbnf, root } = values;
  const given = await constraintSource(values);
  if (gbnf !== undefined && given) throw new UsageError('--gbnf cannot be combined with another constraint');
  const source = gbnf === undefined ? given : { gbnf: await readFile(gbnf, 'utf8') };
  if (!source)
    throw new UsageError(
      'explain needs one of --schema, --regex, --structural-tag, --lark, --grammar and --gbnf',
    );
  if (root === undefined) return source;
  if (!('gbnf' in source || 'ebnf' in source || 'lark' in source))
    throw new UsageError('--root is for grammars with rules');
  return { ...source, root };
}

async function textOf(values: Values): Promise<string | Uint8Array | undefined> {
  const file = values['text-file'];
  if (file === undefined) return values.text;
  return file === '-' ? readAll(process.stdin) : readFile(file);
}

function titleOf({ schema, regex, grammar, gbnf, lark, 'structural-tag': tag }: Values): string {
  return schema ?? grammar ?? gbnf ?? lark ?? tag ?? regex ?? '';
}

async function draw(grammar: CompiledGrammar, file: string, title: string): Promise<void> {
  await writeFile(file, grammar.railroad({ format: /\.html?$/i.test(file) ? 'html' : 'svg', title }));
}

function report(grammar: CompiledGrammar): string {
  const { source, automaton, hash, enforced, annotations, unenforced, grammar: rules } = grammar.explain();
  const { states, edges, imageBytes, compileMs } = automaton;
  const time = compileMs === undefined ? '' : `, compiled in ${compileMs.toFixed(1)} ms`;
  const section = (title: string, items: readonly ExplainedKeyword[]) =>
    items.length === 0 ? [] : [title, ...items.map(keywordText), ''];
  return [
    `source      ${source}`,
    `automaton   ${states} states, ${edges} edges, ${imageBytes} bytes${time} (${hash})`,
    '',
    ...section('enforced', enforced),
    ...section('only annotations', annotations),
    ...section('not enforced', unenforced),
    'rules',
    indented(rules.trimEnd()),
  ].join('\n');
}

/** A schema's keyword by its pointer, a grammar text's by line and column. */
function keywordText({ pointer, keyword, reason }: ExplainedKeyword): string {
  const place = pointer === '' || pointer.startsWith('/') ? `#${pointer}` : `${pointer}: ${keyword}`;
  return `  ${place}${reason === undefined ? '' : `  (${reason})`}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
