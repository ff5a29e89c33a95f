// Door of the Lark front end: a Lark grammar's text in, grammar IR out, with a lexer beside it where there is one.
import type { LexedGrammar } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import { type Grammar, mergeRegular, removeLeftRecursion } from '../../grammar/index.js';
import { addBuiltins } from './builtins.js';
import { type Definitions, load } from './definitions.js';
import { holdsGrammars, usesExtensions } from './dialect.js';
import { resolveIndenter } from './indentation.js';
import { lexedGrammar } from './lexed.js';
import { allowsInitialSkip, type LarkLexer, type LarkOptions, type ResolvedOptions } from './options.js';
import { parse } from './parser.js';
import { scannerlessGrammar } from './scannerless.js';
import { checkTemplates, refuseUndefined, undefinedSymbols } from './symbols.js';
import type { Statement } from './syntax.js';
import { checkTerminalSizes } from './terminal-size.js';

export type { IndenterOptions, LarkLexer, LarkOptions } from './options.js';

export interface LarkResult {
  /** Over bytes, or with a lexer over its symbols. */
  readonly grammar: Grammar;
  readonly lexer?: Omit<LexedGrammar, 'parser'>;
}

/**
 * The grammar of a Lark text (lark-parser.readthedocs.io describes the language; docs/lark.md ours).
 * @throws CompileError `invalid_grammar` for a text that is no grammar, with one message that lists every undefined name;
 * `unsupported_keyword` and `unsupported_regex` for what cannot be kept exactly; `unresolved_reference` for imports that
 * nobody supplies; `limit_exceeded` (LimitError) with the limit's name; all with line and column.
 */
export function larkGrammar(text: string, options: LarkOptions = {}): LarkResult {
  const { maxLength = 1_000_000, maxDepth = 200, maxRules = 50_000, imports = {} } = options;
  if (text.length > maxLength)
    throw new LimitError('maxLength', maxLength, `the grammar has ${text.length} characters`);
  const loading = { maxDepth, maxRules, imports };
  const statements = parse(text, loading);
  const dialect = options.dialect ?? (usesExtensions(statements) ? 'llguidance' : 'lark');
  const definitions = load(statements, { ...loading, priorities: dialect === 'lark' });
  const resolved = resolve(options, dialect, definitions);
  if (options.builtins) addBuiltins(definitions, loading);
  checkSymbols(definitions, resolved.root);
  const lexer = lexerOf(options, statements, definitions, resolved);
  const ignores = definitions.ignored.length > 0;
  if (lexer === 'dynamic_complete' && !(ignores && resolved.dialect === 'lark')) {
    const grammar = scannerlessGrammar(definitions, resolved);
    return { grammar: mergeRegular(removeLeftRecursion(grammar, options), options) };
  }
  const lexed = lexedGrammar(definitions, resolved, lexer);
  return { ...lexed, grammar: mergeRegular(removeLeftRecursion(lexed.grammar, options), options) };
}

/** @throws CompileError for a lexer that the dialect does not have */
function lexerOf(
  options: LarkOptions,
  statements: readonly Statement[],
  definitions: Definitions,
  { dialect }: ResolvedOptions,
): LarkLexer {
  const indents = dialect === 'lark' && resolveIndenter(definitions, options.indenter) !== undefined;
  if (dialect === 'llguidance') {
    const lexer = options.lexer ?? (holdsGrammars(statements) ? 'dynamic_complete' : 'longest');
    if (lexer === 'longest' || lexer === 'dynamic_complete') return lexer;
    throw unfit(`the llguidance dialect has no lexer '${lexer}'`);
  }
  const lexer = options.lexer ?? (indents ? 'contextual' : 'dynamic');
  if (lexer === 'longest') throw unfit("the lark dialect has no lexer 'longest'");
  if (indents && lexer !== 'contextual' && lexer !== 'basic')
    throw unfit(`INDENT and DEDENT need lexer 'contextual' or 'basic', not '${lexer}'`);
  return lexer;
}

function unfit(message: string): CompileError {
  return new CompileError('invalid_grammar', message, { keyword: 'lexer' });
}

function checkSymbols(definitions: Definitions, root: string): void {
  checkTemplates(definitions);
  const undefinedNames = undefinedSymbols(definitions);
  refuseUndefined(undefinedNames);
  checkTerminalSizes(definitions.byName);
  const start = definitions.byName.get(root);
  if (!start || start.isTerminal)
    throw new CompileError('invalid_grammar', `there is no rule '${root}' to start from`, {
      line: 1,
      column: 1,
    });
}

function resolve(
  options: LarkOptions,
  dialect: ResolvedOptions['dialect'],
  definitions: Definitions,
): ResolvedOptions {
  const { maxDepth = 200, maxRules = 50_000, maxInstances = 10_000, maxRepeat = 1_000_000_000 } = options;
  const {
    root = 'start',
    imports = {},
    grammars = {},
    terminalFlags: flags = '',
    maxStates,
    maxSubsetSteps,
  } = options;
  const isLark = dialect === 'lark';
  const regexes = isLark ? (options.regexModule ? 'python-regex' : 'python') : 'rust';
  const loading = { maxDepth, maxRules, imports };
  const resolved: ResolvedOptions = {
    ...loading,
    root,
    dialect,
    grammars,
    maxInstances,
    maxRepeat,
    patterns: {
      dialect: regexes,
      flags,
      maxDepth,
      maxRepeat,
      ...(maxStates === undefined ? {} : { maxStates }),
      ...(maxSubsetSteps === undefined ? {} : { maxSubsetSteps }),
    },
    json: options,
    indenter: options.indenter,
    initialSkip: allowsInitialSkip(definitions) ?? isLark,
    parse: (inner) => load(parse(inner, loading), loading),
    inside: (inner) => ({ ...resolved, initialSkip: allowsInitialSkip(inner) ?? isLark }),
  };
  return resolved;
}
