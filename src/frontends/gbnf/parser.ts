// Tokens to syntax tree: one method per production. The grammar is LL(1): a rule's body ends at a newline.
import { EmbeddedActionsParser, EOF, type IParserErrorMessageProvider, type IToken } from 'chevrotain';
import { CompileError, LimitError } from '../../errors.js';
import { anyCodePoint, classIntervals, literalText } from './characters.js';
import { joinLines } from './lines.js';
import type { Expression, RuleDefinition } from './syntax.js';
import {
  Bar,
  CharacterClass,
  Close,
  Count,
  Defines,
  Dot,
  Literal,
  Name,
  Newline,
  Open,
  Plus,
  positionOf,
  Question,
  Star,
  tokenize,
  vocabulary,
} from './tokens.js';

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

class GbnfParser extends EmbeddedActionsParser {
  constructor() {
    super(vocabulary, { maxLookahead: 1, errorMessageProvider: messages });
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
    this.CONSUME(Defines);
    const body = this.SUBRULE(this.#alternatives);
    return this.ACTION(() => ({ name: name.image, body, position: positionOf(name) }));
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
      const item = this.SUBRULE(this.#repeated);
      this.ACTION(() => items.push(item));
    });
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
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
        {
          ALT: () => {
            const token = this.CONSUME(Literal);
            return this.ACTION(() => ({
              kind: 'literal',
              text: literalText(token.image, positionOf(token)),
            }));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(CharacterClass);
            const intervals = this.ACTION(() => classIntervals(token.image, positionOf(token)));
            return { kind: 'class', intervals };
          },
        },
        {
          ALT: () => {
            this.CONSUME(Dot);
            return { kind: 'class', intervals: anyCodePoint };
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Name);
            return this.ACTION(() => ({ kind: 'name', name: token.image, position: positionOf(token) }));
          },
        },
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
}

let parser: GbnfParser | undefined;

export interface ParseLimits {
  /** Parentheses inside each other. */
  readonly maxDepth: number;
  readonly maxRules: number;
}

/**
 * Parses a GBNF text.
 * @throws CompileError `invalid_grammar` or `unsupported_keyword` with line and column; LimitError `maxDepth`
 * or `maxRules`.
 */
export function parse(text: string, limits: ParseLimits): RuleDefinition[] {
  const tokens = tokenize(text);
  checkLimits(tokens, limits);
  parser ??= new GbnfParser();
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
    if (token.tokenType === Open && ++depth > maxDepth)
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
  return { min, max: high === '' ? Number.POSITIVE_INFINITY : Number(high) };
}

function found(token: IToken): string {
  if (token.tokenType === EOF) return 'the end of the text';
  return token.tokenType === Newline ? 'the end of the line' : `'${token.image}'`;
}
