// The work of compiling, as a value: what a front end, the passes and the automaton make of a source. It holds data alone,
// so that it may be made in another thread than the one that uses it.
import { encodeLexed, encodePda, type LexedGrammar, withDeadline } from '../automata/index.js';
import { Expression, type ExpressionData, expressionFromData, expressionGrammar } from '../builder/index.js';
import { RequestError } from '../errors.js';
import { ebnfGrammar, gbnfGrammar } from '../frontends/ebnf/index.js';
import { jsonSchemaGrammar } from '../frontends/json-schema/index.js';
import { larkGrammar } from '../frontends/lark/index.js';
import { type RegexOptions, regexGrammar } from '../frontends/regex/index.js';
import { structuralTagGrammar } from '../frontends/structural-tag/index.js';
import { type Grammar, prepareGrammar, toPda } from '../grammar/index.js';
import type { KeywordNote } from './compiled-grammar.js';
import type { CompileOptions, PlainSource, UncompiledSource } from './source.js';

/** What compiling gives. */
export interface CompiledParts {
  readonly image: Uint8Array;
  readonly annotations?: readonly KeywordNote[] | undefined;
  readonly unenforced?: readonly KeywordNote[] | undefined;
  /** The rules are over bytes, not over the terminals of a lexer. */
  readonly isBytes: boolean;
  readonly compileMs: number;
}

interface FrontEndResult {
  readonly grammar: Grammar;
  /** With a lexer the grammar is over its symbols. */
  readonly lexer?: Omit<LexedGrammar, 'parser'>;
  readonly annotations?: readonly KeywordNote[];
  readonly unenforced?: readonly KeywordNote[];
}

/** Work for a thread that knows nothing else: source and options as JSON texts. */
export interface CompileJob {
  /** A source that is data, or `{expression}`, which stands for a grammar in code. */
  readonly source: string;
  readonly options: string;
}

/** @throws CompileError, LimitError */
export function compileJob({ source, options }: CompileJob): CompiledParts {
  const given = JSON.parse(source) as PlainSource | { readonly expression: ExpressionData };
  return compileParts(
    'expression' in given ? { grammar: expressionFromData(given.expression) } : given,
    JSON.parse(options) as CompileOptions,
  );
}

/** @throws CompileError, LimitError */
export function compileParts(source: UncompiledSource, options: CompileOptions): CompiledParts {
  const started = performance.now();
  return withDeadline(options.maxCompileMs, () => {
    const { grammar, lexer, annotations, unenforced } = frontEnd(source, options);
    const pda = toPda(prepareGrammar(grammar, options), options);
    const image = lexer ? encodeLexed({ ...lexer, parser: pda }) : encodePda(pda);
    return { image, annotations, unenforced, isBytes: !lexer, compileMs: performance.now() - started };
  });
}

/** A source in the IR. */
export function frontEnd(source: UncompiledSource, options: CompileOptions): FrontEndResult {
  if ('grammar' in source)
    return source.grammar instanceof Expression
      ? expressionGrammar(source.grammar, options)
      : { grammar: source.grammar };
  if ('schema' in source) return jsonSchemaGrammar(source.schema, options);
  if ('regex' in source) {
    const flags: RegexOptions = source.flags === undefined ? {} : { flags: source.flags };
    return { grammar: regexGrammar(source.regex, { ...options, ...flags }) };
  }
  if ('gbnf' in source) return { grammar: gbnfGrammar(source.gbnf, rooted(options, source.root)) };
  if ('ebnf' in source) {
    const { root, dialect } = source;
    return ebnfGrammar(source.ebnf, { ...rooted(options, root), ...(dialect && { dialect }) });
  }
  if ('structuralTag' in source) return structuralTagGrammar(source.structuralTag, options);
  if ('lark' in source) {
    const { root, dialect, lexer } = source;
    return larkGrammar(source.lark, {
      ...rooted(options, root),
      ...(dialect && { dialect }),
      ...(lexer && { lexer }),
    });
  }
  throw new RequestError(
    'no_grammar_source',
    'compile needs one of schema, regex, gbnf, ebnf, lark, structuralTag or grammar',
    'source',
  );
}

function rooted(
  options: CompileOptions,
  root: string | undefined,
): CompileOptions & { readonly root?: string } {
  return root === undefined ? options : { ...options, root };
}
