// GBNF's words. The lexer knows more than the grammar accepts: constructs of other dialects are tokens too, so
// that they are refused by name instead of as stray characters.
import { createToken, type IToken, Lexer, type TokenType } from 'chevrotain';
import { CompileError } from '../../errors.js';
import type { Position } from './syntax.js';

export const Newline = createToken({ name: 'Newline', pattern: /\r\n|\n|\r/, line_breaks: true });
const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED });
const Comment = createToken({ name: 'Comment', pattern: /#[^\n\r]*/, group: Lexer.SKIPPED });
export const Defines = createToken({ name: 'Defines', pattern: '::=', label: "'::='" });
export const Bar = createToken({ name: 'Bar', pattern: '|', label: "'|'" });
export const Open = createToken({ name: 'Open', pattern: '(', label: "'('" });
export const Close = createToken({ name: 'Close', pattern: ')', label: "')'" });
export const Star = createToken({ name: 'Star', pattern: '*', label: "'*'" });
export const Plus = createToken({ name: 'Plus', pattern: '+', label: "'+'" });
export const Question = createToken({ name: 'Question', pattern: '?', label: "'?'" });
export const Dot = createToken({ name: 'Dot', pattern: '.', label: "'.'" });
export const Name = createToken({ name: 'Name', pattern: /[A-Za-z0-9_-]+/, label: 'a rule name' });
/** `{m}`, `{m,}`, `{m,n}` or `{,n}` as a whole. */
export const Count = createToken({
  name: 'Count',
  pattern: /\{[ \t]*(?:\d+[ \t]*(?:,[ \t]*\d*[ \t]*)?|,[ \t]*\d+[ \t]*)\}/,
  label: 'a repetition count',
});
export const Literal = createToken({
  name: 'Literal',
  pattern: /"(?:[^"\\]|\\[\s\S])*"/,
  line_breaks: true,
  label: 'a literal',
});
export const CharacterClass = createToken({
  name: 'CharacterClass',
  pattern: /\[(?:[^\]\\]|\\[\s\S])*\]/,
  line_breaks: true,
  label: 'a character class',
});

/** Token kinds that only exist to be refused, with the construct's name. */
const refused = new Map<TokenType, string>([
  [createToken({ name: 'TokenReference', pattern: /!?<[^>\s]*>/ }), 'token reference'],
  [createToken({ name: 'Lookahead', pattern: /\((?:\?[=!]|=)/ }), 'lookahead assertion'],
  [createToken({ name: 'SingleQuoted', pattern: /'/ }), 'single-quoted literal'],
  [createToken({ name: 'RegexLiteral', pattern: /\// }), 'regex literal'],
]);

/** xgrammar's macros: names that mean something else there when an argument list follows. */
const macros = new Set(['Regex', 'Substring', 'TagDispatch', 'TokenTagDispatch', 'Token', 'ExcludeToken']);

/** In the order of trial. */
export const vocabulary: TokenType[] = [
  Newline,
  Blank,
  Comment,
  Defines,
  Bar,
  ...[...refused.keys()],
  Open,
  Close,
  Star,
  Plus,
  Question,
  Dot,
  Name,
  Count,
  Literal,
  CharacterClass,
];

const lexer = new Lexer(vocabulary, { positionTracking: 'full' });

/**
 * The tokens of a GBNF text, newlines included, comments left out.
 * @throws CompileError `invalid_grammar` for a character that starts no token, `unsupported_keyword` for a
 * construct of another dialect; the first one in the text counts.
 */
export function tokenize(text: string): IToken[] {
  const { tokens, errors } = lexer.tokenize(text);
  const stray = errors.at(0);
  const limit = stray?.offset ?? Number.POSITIVE_INFINITY;
  refuseForeignConstructs(tokens, limit);
  if (stray) {
    const position = { line: stray.line ?? 1, column: stray.column ?? 1 };
    throw new CompileError('invalid_grammar', strayCharacter(text, stray.offset), position);
  }
  return tokens;
}

/** The place of a token, for errors. */
export function positionOf(token: IToken): Position {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

/** The error for a construct that this front end knows and does not support. */
export function unsupported(construct: string, token: IToken): CompileError {
  return new CompileError('unsupported_keyword', `${construct} '${token.image}' is not supported in GBNF`, {
    ...positionOf(token),
    keyword: construct,
  });
}

function refuseForeignConstructs(tokens: readonly IToken[], limit: number): void {
  const defined = new Set(
    tokens.filter((_, i) => tokens[i + 1]?.tokenType === Defines).map((token) => token.image),
  );
  for (const [i, token] of tokens.entries()) {
    if (token.startOffset > limit) return;
    const construct = refused.get(token.tokenType);
    if (construct) throw unsupported(construct, token);
    const next = tokens[i + 1];
    if (token.tokenType !== Name || !next) continue;
    const argumentsFollow = next.startOffset === token.startOffset + token.image.length;
    if (next.tokenType === Open && argumentsFollow && macros.has(token.image) && !defined.has(token.image))
      throw unsupported('macro', token);
    if (next.tokenType === CharacterClass && argumentsFollow && tokens[i + 2]?.tokenType === Defines)
      throw unsupported('rule attribute', next);
  }
}

function strayCharacter(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset)!);
  switch (character) {
    case '"':
      return 'this literal is not closed';
    case '[':
      return 'this character class is not closed';
    case '{':
      return 'a repetition count is {m}, {m,}, {m,n} or {,n}';
    default:
      return `unexpected character ${JSON.stringify(character)}`;
  }
}
