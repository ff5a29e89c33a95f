// The words of the dialects. A lexer knows more than its dialect accepts: constructs of the others are tokens too, so that
// they are refused by name instead of as stray characters.
import { createToken, type IToken, Lexer, type TokenType, tokenMatcher } from 'chevrotain';
import { CompileError } from '../../errors.js';
import type { EbnfDialect } from './dialect.js';
import { macroNames } from './macro-names.js';
import type { Position } from './syntax.js';

export const Newline = createToken({ name: 'Newline', pattern: /\r\n|\n|\r/, line_breaks: true });
const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED });
const Comment = createToken({ name: 'Comment', pattern: /#[^\n\r]*/, group: Lexer.SKIPPED });
const BlockComment = createToken({
  name: 'BlockComment',
  pattern: /\/\*[\s\S]*?\*\//,
  line_breaks: true,
  group: Lexer.SKIPPED,
});
export const Defines = createToken({ name: 'Defines', pattern: '::=', label: "'::='" });
export const Bar = createToken({ name: 'Bar', pattern: '|', label: "'|'" });
/** `(=`: xgrammar's lookahead. */
export const Look = createToken({ name: 'Look', pattern: '(=', label: "'(='" });
export const Open = createToken({ name: 'Open', pattern: '(', label: "'('" });
export const Close = createToken({ name: 'Close', pattern: ')', label: "')'" });
export const Star = createToken({ name: 'Star', pattern: '*', label: "'*'" });
export const Plus = createToken({ name: 'Plus', pattern: '+', label: "'+'" });
export const Question = createToken({ name: 'Question', pattern: '?', label: "'?'" });
export const Dot = createToken({ name: 'Dot', pattern: '.', label: "'.'" });
export const Minus = createToken({ name: 'Minus', pattern: '-', label: "'-'" });
export const Comma = createToken({ name: 'Comma', pattern: ',', label: "','" });
export const Assign = createToken({ name: 'Assign', pattern: '=', label: "'='" });
export const Integer = createToken({ name: 'Integer', pattern: /\d+/, label: 'a number' });
/** What a name may be made of differs by dialect. */
export const Name = createToken({ name: 'Name', pattern: Lexer.NA, label: 'a rule name' });
const nameOf = (name: string, pattern: RegExp) => createToken({ name, pattern, categories: [Name] });
const GbnfName = nameOf('GbnfName', /[A-Za-z0-9_-]+/);
const XgrammarName = nameOf('XgrammarName', /[A-Za-z_][\w.-]*/);
const W3cName = nameOf('W3cName', /[A-Za-z_](?:[\w.-]*\w)?/);
/** A macro's name in front of its arguments. */
export const Macro = createToken({ name: 'Macro', pattern: Lexer.NA, label: 'a macro' });
/** `[…]` directly behind the name of a rule that is being defined. */
export const Attributes = createToken({ name: 'Attributes', pattern: Lexer.NA, label: 'rule attributes' });
/** `{m}`, `{m,}`, `{m,n}` or `{,n}` as a whole. */
export const Count = createToken({
  name: 'Count',
  pattern: /\{\s*(?:\d+\s*(?:,\s*\d*\s*)?|,\s*\d+\s*)\}/,
  line_breaks: true,
  label: 'a repetition count',
});
/** xgrammar's `{m, -1}` has no upper bound. */
const UnboundedCount = createToken({
  name: 'UnboundedCount',
  pattern: /\{\s*\d+\s*,\s*-1\s*\}/,
  categories: [Count],
  line_breaks: true,
});
export const Literal = createToken({
  name: 'Literal',
  pattern: /"(?:[^"\\]|\\[\s\S])*"/,
  line_breaks: true,
  label: 'a literal',
});
/** W3C's literals know no escapes. */
export const PlainLiteral = createToken({
  name: 'PlainLiteral',
  pattern: /"[^"]*"|'[^']*'/,
  line_breaks: true,
  label: 'a literal',
});
/** `#x41`. */
export const CharacterCode = createToken({
  name: 'CharacterCode',
  pattern: /#x[0-9A-Fa-f]+/,
  label: 'a character code',
});
export const CharacterClass = createToken({
  name: 'CharacterClass',
  pattern: /\[(?:[^\]\\]|\\[\s\S])*\]/,
  line_breaks: true,
  label: 'a character class',
});
const W3cClass = createToken({
  name: 'W3cClass',
  pattern: /\[[^\]]+\]/,
  categories: [CharacterClass],
  line_breaks: true,
});
export const TokenReference = createToken({
  name: 'TokenReference',
  pattern: /!?<(?:\[\s*\d+\s*\]|[^>\s][^>\n]*)>/,
  label: 'a token reference',
});

/** Token kinds that only exist to be refused, with the construct's name. */
const refused = new Map<TokenType, string>([
  [createToken({ name: 'Lookahead', pattern: /\(\?[=!]/ }), 'lookahead assertion'],
  [createToken({ name: 'SingleQuoted', pattern: /'/ }), 'single-quoted literal'],
  [createToken({ name: 'RegexLiteral', pattern: /\// }), 'regex literal'],
]);

const operators = [Look, Open, Close, Star, Plus, Question];
const bracketed = [TokenReference, Count, Literal, CharacterClass];
/** In the order of trial. */
const words: Readonly<Record<EbnfDialect, TokenType[]>> = {
  gbnf: [Newline, Blank, Comment, Defines, Bar, ...refused.keys(), ...operators, Dot, GbnfName, ...bracketed],
  xgrammar: [
    ...[Newline, Blank, Comment, Defines, Bar, ...refused.keys(), ...operators, Comma, Assign],
    ...[XgrammarName, Dot, Integer, UnboundedCount, ...bracketed],
  ],
  w3c: [
    ...[Newline, Blank, BlockComment, CharacterCode, Defines, Bar, Open, Close, Star, Plus, Question, Minus],
    ...[W3cName, PlainLiteral, W3cClass],
  ],
};

/** Every token type that the parser may meet. */
export const vocabulary: TokenType[] = [
  ...new Set([...words.gbnf, ...words.xgrammar, ...words.w3c, Name, Macro, Attributes]),
];

const lexers = new Map<EbnfDialect, Lexer>();

function lexerOf(dialect: EbnfDialect): Lexer {
  const lexer = lexers.get(dialect) ?? new Lexer(words[dialect], { positionTracking: 'full' });
  lexers.set(dialect, lexer);
  return lexer;
}

/**
 * The tokens of a text, newlines included, comments left out; macros and attributes as such.
 * @throws CompileError `invalid_grammar` for a character that starts no token, `unsupported_keyword` for a
 * construct of another dialect; the first one in the text counts.
 */
export function tokenize(text: string, dialect: EbnfDialect): IToken[] {
  const { tokens, errors } = lexerOf(dialect).tokenize(text);
  const stray = errors.at(0);
  const known = withMacrosAndAttributes(tokens);
  const foreign = known.find((token) => foreignConstruct(token, dialect) !== undefined);
  if (foreign && foreign.startOffset <= (stray?.offset ?? Number.POSITIVE_INFINITY))
    throw new CompileError(
      'unsupported_keyword',
      `${foreignConstruct(foreign, dialect)} '${clipped(foreign.image)}' is not supported in the dialect ${dialect}`,
      { ...positionOf(foreign), keyword: foreignConstruct(foreign, dialect)! },
    );
  if (stray) {
    const position = { line: stray.line ?? 1, column: stray.column ?? 1 };
    throw new CompileError('invalid_grammar', strayCharacter(text, stray.offset), position);
  }
  return known;
}

/** Whether a token is a rule's name, in any dialect. */
export function isName(token: IToken | undefined): token is IToken {
  return token !== undefined && tokenMatcher(token, Name);
}

/** The text of a token for a message. */
export function clipped(image: string): string {
  return image.length <= 60 ? image : `${image.slice(0, 60)}…`;
}

/** The place of a token, for errors. */
export function positionOf(token: IToken): Position {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

/** Names of macros that an argument list follows, and brackets between a rule's name and `::=`, get kinds of their own. */
function withMacrosAndAttributes(tokens: readonly IToken[]): IToken[] {
  const defined = new Set(
    tokens
      .filter((token, i) => isName(token) && tokens[i + 1]?.tokenType === Defines)
      .map(({ image }) => image),
  );
  return tokens.map((token, i) => {
    const [before, next] = [tokens[i - 1], tokens[i + 1]];
    if (isName(token) && macroNames.has(token.image) && next?.tokenType === Open && !defined.has(token.image))
      return ofType(token, Macro);
    const isBehindName = isName(before) && before.startOffset + before.image.length === token.startOffset;
    if (token.tokenType === CharacterClass && isBehindName && next?.tokenType === Defines)
      return ofType(token, Attributes);
    return token;
  });
}

function ofType(token: IToken, tokenType: TokenType): IToken {
  return { ...token, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
}

function foreignConstruct({ tokenType }: IToken, dialect: EbnfDialect): string | undefined {
  if (dialect !== 'gbnf') return refused.get(tokenType);
  if (tokenType === Look) return 'lookahead assertion';
  if (tokenType === Macro) return 'macro';
  return tokenType === Attributes ? 'rule attribute' : refused.get(tokenType);
}

function strayCharacter(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset)!);
  switch (character) {
    case '"':
    case "'":
      return 'this literal is not closed';
    case '[':
      return 'this character class is not closed';
    case '{':
      return 'a repetition count is {m}, {m,}, {m,n} or {,n}';
    default:
      return `unexpected character ${JSON.stringify(character)}`;
  }
}
