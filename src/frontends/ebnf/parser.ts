// Tokens to syntax tree: one method per production. The grammar is LL(1): a rule's body ends where the next rule begins.
import { EmbeddedActionsParser, EOF, type IParserErrorMessageProvider, type IToken } from 'chevrotain';
import { CompileError, LimitError } from '../../errors.js';
import { parseAttributes } from './attributes.js';
import { anyCodePoint, classIntervals, literalText } from './characters.js';
import type { EbnfDialect } from './dialect.js';
import { joinLines } from './lines.js';
import type { MacroName } from './macro-names.js';
import type { Attribute, Expression, MacroArgument, MacroValue, RuleDefinition } from './syntax.js';
import { referencedTokens } from './token-references.js';
import {
  Assign,
  Attributes,
  Bar,
  CharacterClass,
  CharacterCode,
  Close,
  Comma,
  Count,
  clipped,
  Defines,
  Dot,
  Integer,
  Literal,
  Look,
  Macro,
  Minus,
  Name,
  Newline,
  Open,
  PlainLiteral,
  Plus,
  positionOf,
  Question,
  Star,
  TokenReference,
  tokenize,
  vocabulary,
} from './tokens.js';
import { characterCode, w3cIntervals } from './w3c-characters.js';

/** What a parser error says: our words, not the toolkit's. */
const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) =>
    `expected ${expected.LABEL ?? expected.name}, found ${found(actual)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    firstRedundant.tokenType === Defines
      ? "a rule name must be alone before '::='; does the rule before it end with a newline?"
      : `expected a newline or the end of the rule, found ${found(firstRedundant)}`,
  buildNoViableAltMessage: ({ actual }) =>
    `expected a literal, class, rule name or group, found ${found(actual[0])}`,
  buildEarlyExitMessage: ({ actual }) => `expected a rule, found ${found(actual[0])}`,
};

class EbnfParser extends EmbeddedActionsParser {
  /** Of the text that is being parsed. */
  dialect: EbnfDialect = 'gbnf';

  constructor() {
    super(vocabulary, { maxLookahead: 2, errorMessageProvider: messages });
    this.performSelfAnalysis();
  }

  readonly grammar = this.RULE('grammar', (): RuleDefinition[] => {
    const rules: RuleDefinition[] = [];
    this.MANY_SEP({
      SEP: Newline,
      DEF: () => {
        const rule = this.SUBRULE(this.#rule);
        this.ACTION(() => rules.push(rule));
      },
    });
    return rules;
  });

  readonly #rule = this.RULE('rule', (): RuleDefinition => {
    const name = this.CONSUME(Name);
    let attributes: readonly Attribute[] | undefined;
    this.OPTION(() => {
      const token = this.CONSUME(Attributes);
      this.ACTION(() => {
        attributes = parseAttributes(token.image, positionOf(token));
      });
    });
    this.CONSUME(Defines);
    const body = this.SUBRULE(this.#alternatives);
    let lookahead: RuleDefinition['lookahead'];
    this.OPTION1(() => {
      const open = this.CONSUME(Look);
      const ahead = this.SUBRULE1(this.#alternatives);
      this.CONSUME(Close);
      this.ACTION(() => {
        lookahead = { body: ahead, position: positionOf(open) };
      });
    });
    return this.ACTION(() => ({
      name: name.image,
      body,
      position: positionOf(name),
      ...(attributes && { attributes }),
      ...(lookahead && { lookahead }),
    }));
  });

  readonly #alternatives = this.RULE('alternatives', (): Expression => {
    const options: Expression[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: Bar,
      DEF: () => {
        const option = this.SUBRULE(this.#sequence);
        this.ACTION(() => options.push(option));
      },
    });
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  });

  readonly #sequence = this.RULE('sequence', (): Expression => {
    const items: Expression[] = [];
    this.MANY(() => {
      const item = this.SUBRULE(this.#difference);
      this.ACTION(() => items.push(item));
    });
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
  });

  readonly #difference = this.RULE('difference', (): Expression => {
    let item = this.SUBRULE(this.#repeated);
    this.MANY(() => {
      const minus = this.CONSUME(Minus);
      const except = this.SUBRULE1(this.#repeated);
      this.ACTION(() => {
        item = { kind: 'exception', item, except, position: positionOf(minus) };
      });
    });
    return item;
  });

  readonly #repeated = this.RULE('repeated', (): Expression => {
    let item = this.SUBRULE(this.#element);
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(Star) },
        { ALT: () => this.CONSUME(Plus) },
        { ALT: () => this.CONSUME(Question) },
        { ALT: () => this.CONSUME(Count) },
      ]);
      this.ACTION(() => {
        item = { kind: 'repeat', item, ...bounds(operator), position: positionOf(operator) };
      });
    });
    return item;
  });

  readonly #element = this.RULE(
    'element',
    (): Expression =>
      this.OR<Expression>([
        { ALT: () => this.SUBRULE(this.#terminal) },
        {
          ALT: () => {
            const token = this.CONSUME(Name);
            return this.ACTION(() => ({ kind: 'name', name: token.image, position: positionOf(token) }));
          },
        },
        { ALT: () => this.SUBRULE(this.#macro) },
        {
          ALT: () => {
            this.CONSUME(Open);
            const group = this.SUBRULE(this.#alternatives);
            this.CONSUME(Close);
            return group;
          },
        },
      ]),
  );

  readonly #terminal = this.RULE('terminal', (): Expression => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Literal) },
      { ALT: () => this.CONSUME(PlainLiteral) },
      { ALT: () => this.CONSUME(CharacterClass) },
      { ALT: () => this.CONSUME(CharacterCode) },
      { ALT: () => this.CONSUME(Dot) },
      { ALT: () => this.CONSUME(TokenReference) },
    ]);
    return this.ACTION(() => terminal(token, this.dialect));
  });

  readonly #macro = this.RULE('macro', (): Expression => {
    const name = this.CONSUME(Macro);
    this.CONSUME(Open);
    const args: MacroArgument[] = [];
    this.MANY_SEP({
      SEP: Comma,
      DEF: () => {
        const argument = this.SUBRULE(this.#argument);
        this.ACTION(() => args.push(argument));
      },
    });
    this.CONSUME(Close);
    return this.ACTION(() => ({
      kind: 'macro',
      macro: name.image as MacroName,
      args,
      position: positionOf(name),
    }));
  });

  readonly #argument = this.RULE('argument', (): MacroArgument => {
    let name: IToken | undefined;
    this.OPTION({
      GATE: () => this.LA(2).tokenType === Assign,
      DEF: () => {
        const token = this.CONSUME(Name);
        this.CONSUME(Assign);
        name = token;
      },
    });
    const first = this.LA(1);
    const value = this.SUBRULE(this.#value);
    return this.ACTION(() => ({
      ...(name && { name: name.image }),
      value,
      position: positionOf(name ?? first),
    }));
  });

  readonly #value = this.RULE(
    'value',
    (): MacroValue =>
      this.OR<MacroValue>([
        {
          ALT: () => {
            const token = this.CONSUME(Literal);
            return this.ACTION(() => ({
              kind: 'string',
              text: literalText(token.image, positionOf(token), { longHex: true }),
            }));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Integer);
            return this.ACTION(() => ({ kind: 'integer', value: Number(token.image) }));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Name);
            return this.ACTION(() => ({ kind: 'word', word: token.image }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(Open);
            const items: MacroArgument[] = [];
            this.OPTION(() => {
              const item = this.SUBRULE(this.#argument);
              this.ACTION(() => items.push(item));
              this.MANY(() => {
                this.CONSUME(Comma);
                const next = this.SUBRULE1(this.#argument);
                this.ACTION(() => items.push(next));
              });
              this.OPTION1(() => this.CONSUME1(Comma));
            });
            this.CONSUME(Close);
            return { kind: 'tuple', items };
          },
        },
      ]),
  );
}

function terminal(token: IToken, dialect: EbnfDialect): Expression {
  const { tokenType, image } = token;
  const position = positionOf(token);
  const longHex = dialect === 'xgrammar';
  if (tokenType === Literal) return { kind: 'literal', text: literalText(image, position, { longHex }) };
  if (tokenType === PlainLiteral) return { kind: 'literal', text: image.slice(1, -1) };
  if (tokenType === CharacterCode)
    return { kind: 'literal', text: String.fromCodePoint(characterCode(image, position)) };
  if (tokenType === Dot) return { kind: 'class', intervals: anyCodePoint };
  if (tokenType === TokenReference) return { kind: 'tokens', tokens: referencedTokens(image) };
  return {
    kind: 'class',
    intervals:
      dialect === 'w3c'
        ? w3cIntervals(image, position)
        : classIntervals(image, position, { longHex, mayBeEmpty: longHex }),
  };
}

let parser: EbnfParser | undefined;

export interface ParseLimits {
  /** Parentheses inside each other. */
  readonly maxDepth: number;
  readonly maxRules: number;
}

/**
 * Parses a text of one of the dialects.
 * @throws CompileError `invalid_grammar` or `unsupported_keyword` with line and column; LimitError `maxDepth`
 * or `maxRules`.
 */
export function parse(text: string, limits: ParseLimits, dialect: EbnfDialect = 'gbnf'): RuleDefinition[] {
  const tokens = tokenize(text, dialect);
  checkLimits(tokens, limits);
  parser ??= new EbnfParser();
  parser.dialect = dialect;
  parser.input = joinLines(tokens);
  const rules = parser.grammar();
  const error = parser.errors.at(0);
  if (error) {
    const token = error.token.tokenType === EOF ? tokens.at(-1) : error.token;
    throw new CompileError('invalid_grammar', error.message, token ? positionOf(token) : { line: 1 });
  }
  return rules;
}

function checkLimits(tokens: readonly IToken[], { maxDepth, maxRules }: ParseLimits): void {
  let depth = 0;
  let rules = 0;
  for (const token of tokens) {
    if ((token.tokenType === Open || token.tokenType === Look) && ++depth > maxDepth)
      throw new LimitError('maxDepth', maxDepth, 'parentheses nest too deeply', positionOf(token));
    if (token.tokenType === Close) depth--;
    if (token.tokenType === Defines && ++rules > maxRules)
      throw new LimitError('maxRules', maxRules, 'too many rules', positionOf(token));
  }
}

function bounds({ tokenType, image }: IToken): { min: number; max: number } {
  if (tokenType === Star) return { min: 0, max: Number.POSITIVE_INFINITY };
  if (tokenType === Plus) return { min: 1, max: Number.POSITIVE_INFINITY };
  if (tokenType === Question) return { min: 0, max: 1 };
  const [low, high] = image
    .slice(1, -1)
    .split(',')
    .map((part) => part.trim());
  const min = low === '' ? 0 : Number(low);
  if (high === undefined) return { min, max: min };
  return { min, max: high === '' || high === '-1' ? Number.POSITIVE_INFINITY : Number(high) };
}

function found(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the text';
  return token.tokenType === Newline ? 'the end of the line' : `'${clipped(token.image)}'`;
}
