// Tokens to statements, by recursive descent. Lark's own grammar of this language is LALR(1); what it takes is taken,
// and what llguidance and xgrammar add: counts in braces, attributes, parameters, nested grammars, JSON schemas.
import { CompileError, LimitError } from '../../errors.js';
import { ParameterParser } from './parameter-parser.js';
import {
  type Attribute,
  type Definition,
  type Expression,
  isTerminalName,
  type Literal,
  type Position,
  type Statement,
} from './syntax.js';
import { TokenStream } from './token-stream.js';
import { type Token, tokenize } from './tokens.js';

export interface ParseLimits {
  /** Brackets inside each other. */
  readonly maxDepth: number;
  readonly maxRules: number;
}

const OPERATORS: Readonly<Record<string, readonly [number, number]>> = {
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
  '?': [0, 1],
};

/**
 * The statements of a Lark text.
 * @throws CompileError `invalid_grammar` with line and column; LimitError `maxDepth`, `maxRules`.
 */
export function parse(text: string, limits: ParseLimits): Statement[] {
  return new Parser(new TokenStream(tokenize(text)), limits).grammar('end');
}

class Parser {
  readonly #tokens: TokenStream;
  readonly #limits: ParseLimits;
  readonly #parameters: ParameterParser;
  #depth = 0;
  #rules = 0;

  constructor(tokens: TokenStream, limits: ParseLimits) {
    this.#tokens = tokens;
    this.#limits = limits;
    this.#parameters = new ParameterParser(tokens);
  }

  /** Statements up to the end of the text or to the `}` of a nested grammar. */
  grammar(until: 'end' | '}'): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      while (this.#tokens.skip('newline'));
      if (until === 'end' ? this.#tokens.is('end') : this.#tokens.skipOperator('}')) return statements;
      statements.push(this.#statement());
      if (until === '}' && this.#tokens.isOperator('}')) continue;
      if (!this.#tokens.skip('newline')) throw this.#tokens.unexpected('expected "|" or the end of the line');
    }
  }

  #statement(): Statement {
    const { position } = this.#tokens.peek();
    if (!this.#tokens.is('directive')) return this.#definition('define');
    const directive = this.#tokens.take().text;
    switch (directive) {
      case '%ignore':
        return { kind: 'ignore', body: this.#expansions(), position };
      case '%import':
        return this.#import(position);
      case '%declare':
        return { kind: 'declare', names: this.#declared(), position };
      case '%override':
        return this.#definition('override');
      case '%extend':
        return this.#definition('extend');
      case '%llguidance':
      case '%grammar_options':
        return { kind: 'options', text: this.#tokens.take().text, position };
      default:
        throw new CompileError('invalid_grammar', `there is no directive '${directive}'`, {
          ...position,
          keyword: directive,
        });
    }
  }

  #declared(): string[] {
    const names = [this.#tokens.name('%declare expects names').text];
    while (this.#tokens.is('name')) names.push(this.#tokens.take().text);
    return names;
  }

  #import(position: Position): Statement {
    const relative = this.#tokens.skipOperator('.');
    const path = [this.#tokens.name('%import expects a name').text];
    while (this.#tokens.skipOperator('.')) path.push(this.#tokens.name('%import expects a name').text);
    if (this.#tokens.skipOperator('(')) {
      const names: [string, string][] = [];
      do {
        const name = this.#tokens.name('%import expects names').text;
        names.push([name, name]);
      } while (this.#tokens.skipOperator(','));
      this.#tokens.expect(')');
      return { kind: 'import', path, relative, names, position };
    }
    const name = path.pop()!;
    if (path.length === 0)
      throw new CompileError('invalid_grammar', `nothing is imported from grammar '${name}'`, {
        ...position,
      });
    const alias = this.#tokens.skipOperator('->') ? this.#tokens.name('expected a name').text : name;
    return { kind: 'import', path, relative, names: [[name, alias]], position };
  }

  #definition(how: Definition['how']): Definition {
    let modifiers = '';
    while (this.#tokens.isOperator('?') || this.#tokens.isOperator('!'))
      modifiers += this.#tokens.take().text;
    const { text: name, position } = this.#tokens.name('expected a rule or terminal definition');
    if (++this.#rules > this.#limits.maxRules)
      throw new LimitError('maxRules', this.#limits.maxRules, 'too many rules', { ...position });
    const isTerminal = isTerminalName(name);
    if (isTerminal && modifiers !== '')
      throw new CompileError('invalid_grammar', 'only rules have modifiers', { ...position });
    if (name.startsWith('_') && modifiers.includes('?'))
      throw new CompileError('invalid_grammar', 'an inlined rule (_rule) cannot have the modifier ?', {
        ...position,
      });
    const parametric = this.#parametric();
    const params = this.#params(isTerminal);
    const attributes = this.#attributes(isTerminal);
    const priority = this.#priority();
    if (!this.#tokens.skipOperator(':')) throw this.#tokens.unexpected(`expected ':' after '${name}'`);
    const body = this.#expansions();
    return {
      kind: 'definition',
      how,
      name,
      isTerminal,
      modifiers,
      params,
      priority,
      parametric,
      attributes,
      body,
      position,
    };
  }

  #parametric(): boolean {
    if (!this.#tokens.skipOperator('::')) return false;
    const { kind, text } = this.#tokens.peek();
    if (kind !== 'name' || text !== '_') throw this.#tokens.unexpected("expected '_'");
    this.#tokens.take();
    return true;
  }

  #params(isTerminal: boolean): string[] {
    const params: string[] = [];
    const brace = this.#tokens.peek();
    if (!this.#tokens.skipOperator('{')) return params;
    if (isTerminal)
      throw new CompileError('invalid_grammar', 'a terminal cannot be a template', { ...brace.position });
    do params.push(this.#tokens.name('expected a parameter').text);
    while (this.#tokens.skipOperator(','));
    this.#tokens.expect('}');
    return params;
  }

  #attributes(isTerminal: boolean): Attribute[] {
    const attributes: Attribute[] = [];
    const { position } = this.#tokens.peek();
    if (!this.#tokens.skipOperator('[')) return attributes;
    if (isTerminal) throw new CompileError('invalid_grammar', 'only rules have attributes', { ...position });
    do attributes.push(this.#attribute());
    while (this.#tokens.skipOperator(','));
    this.#tokens.expect(']');
    return attributes;
  }

  #attribute(): Attribute {
    const { text: name, position } = this.#tokens.name('expected an attribute');
    if (!this.#tokens.skipOperator('=')) return { name, position };
    const value = this.#tokens.take();
    if (value.kind === 'string' || value.kind === 'regex') return { name, value: literalOf(value), position };
    if (value.kind === 'name' || value.kind === 'number')
      return { name, value: { kind: value.kind, text: value.text }, position };
    throw this.#tokens.unexpected('expected a value', value);
  }

  #priority(): number {
    if (!this.#tokens.skipOperator('.')) return 0;
    const { kind, text } = this.#tokens.peek();
    if (kind !== 'number' || !/^[+-]?\d+$/.test(text))
      throw this.#tokens.unexpected('a name cannot contain dots; a priority is an integer');
    this.#tokens.take();
    return Number(text);
  }

  #expansions(): Expression {
    if (++this.#depth > this.#limits.maxDepth)
      throw new LimitError('maxDepth', this.#limits.maxDepth, 'brackets nest too deeply', {
        ...this.#tokens.peek().position,
      });
    const options = [this.#alternative()];
    while (this.#tokens.skipBar()) options.push(this.#alternative());
    this.#depth--;
    return options.length === 1 ? options[0] : { kind: 'choice', options };
  }

  #alternative(): Expression {
    const start = this.#tokens.peek().position;
    const items = [this.#sequence()];
    while (this.#tokens.skipOperator('&')) items.push(this.#sequence());
    let item: Expression = items.length === 1 ? items[0] : { kind: 'both', items, position: start };
    const { kind, text, position } = this.#tokens.peek();
    if (kind === 'directive' && text === '%if') {
      this.#tokens.take();
      item = { kind: 'if', item, condition: this.#parameters.condition(), position };
    }
    if (!this.#tokens.skipOperator('->')) return item;
    const name = this.#tokens.name('expected a name for the alternative').text;
    if (isTerminalName(name))
      throw new CompileError('invalid_grammar', 'the name of an alternative is in lower case', {
        ...position,
      });
    return { kind: 'alias', item, name, position };
  }

  #sequence(): Expression {
    const items: Expression[] = [];
    while (this.#startsAtom()) items.push(this.#repeated());
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
  }

  #startsAtom(): boolean {
    const { kind, text } = this.#tokens.peek();
    if (kind === 'operator') return text === '(' || text === '[' || text === '~' || text === '@';
    if (kind === 'directive') return text === '%json' || text === '%regex' || text === '%lark';
    return kind === 'name' || kind === 'string' || kind === 'regex' || kind === 'special';
  }

  #repeated(): Expression {
    const item = this.#atom();
    const { text, position } = this.#tokens.peek();
    const bounds = this.#tokens.is('operator') ? OPERATORS[text] : undefined;
    if (bounds) {
      this.#tokens.take();
      return { kind: 'repeat', item, min: bounds[0], max: bounds[1], position };
    }
    if (this.#tokens.isOperator('~') && this.#tokens.peek(1).kind === 'number') {
      this.#tokens.take();
      const min = this.#count();
      const max = this.#tokens.skipOperator('..') ? this.#count() : min;
      return this.#bounded(item, min, max, position);
    }
    if (this.#tokens.isOperator('{')) return this.#braces(item, position);
    return item;
  }

  /** `{m}`, `{m,}`, `{,n}`, `{m,n}`. */
  #braces(item: Expression, position: Position): Expression {
    this.#tokens.expect('{');
    const min = this.#tokens.is('number') ? this.#count() : 0;
    let max = min;
    if (this.#tokens.skipOperator(','))
      max = this.#tokens.is('number') ? this.#count() : Number.POSITIVE_INFINITY;
    this.#tokens.expect('}');
    return this.#bounded(item, min, max, position);
  }

  #bounded(item: Expression, min: number, max: number, position: Position): Expression {
    if (max < min)
      throw new CompileError('invalid_grammar', `at least ${min} and at most ${max} times is never`, {
        ...position,
      });
    return { kind: 'repeat', item, min, max, position };
  }

  #count(): number {
    const { text, position } = this.#tokens.expectKind('number', 'expected a count');
    const count = /^\+?\d+$/.test(text) ? Number(text) : -1;
    if (count < 0 || !Number.isSafeInteger(count))
      throw new CompileError('invalid_grammar', `'${text}' is no count`, { ...position });
    return count;
  }

  #atom(): Expression {
    const token = this.#tokens.take();
    const { kind, text, position } = token;
    switch (kind) {
      case 'name':
        return this.#named(token);
      case 'string':
        return this.#stringOrRange(token);
      case 'regex':
        return literalOf(token);
      case 'special':
        return { kind: 'special', text, position };
      case 'directive':
        return this.#directive(token);
    }
    switch (text) {
      case '(':
        return this.#bracketed(')');
      case '[':
        return { kind: 'repeat', item: this.#bracketed(']'), min: 0, max: 1, position };
      case '~':
        return { kind: 'not', item: this.#atom(), position };
      case '@':
        return { kind: 'grammar', name: this.#tokens.name('expected the name of a grammar').text, position };
    }
    throw this.#tokens.unexpected('expected a value', token);
  }

  #bracketed(close: string): Expression {
    const item = this.#expansions();
    this.#tokens.expect(close);
    return item;
  }

  #directive({ text, position }: Token): Expression {
    if (text === '%json') return { kind: 'json', text: this.#tokens.take().text, position };
    if (text === '%regex') return { kind: 'substring', text: this.#tokens.take().text, position };
    this.#tokens.expect('{');
    if (++this.#depth > this.#limits.maxDepth)
      throw new LimitError('maxDepth', this.#limits.maxDepth, 'grammars nest too deeply', { ...position });
    const statements = this.grammar('}');
    this.#depth--;
    return { kind: 'nested', statements, position };
  }

  #named({ text: name, position }: Token): Expression {
    if (/^_?[A-Z]/.test(name) && /[a-z]/.test(name))
      throw new CompileError('invalid_grammar', `'${name}' is no name of a rule or a terminal`, {
        ...position,
      });
    if (this.#tokens.skipOperator('::'))
      return { kind: 'apply', name, argument: this.#parameters.argument(), position };
    const inside = this.#tokens.peek(1);
    const isTemplate = inside.kind !== 'number' && !(inside.kind === 'operator' && inside.text === ',');
    if (!this.#tokens.isOperator('{') || !isTemplate) return { kind: 'name', name, position };
    this.#tokens.take();
    const args: Expression[] = [];
    do args.push(this.#argument());
    while (this.#tokens.skipOperator(','));
    this.#tokens.expect('}');
    return { kind: 'template', name, args, position };
  }

  #argument(): Expression {
    if (!this.#startsAtom()) throw this.#tokens.unexpected('expected an argument');
    return this.#atom();
  }

  #stringOrRange(token: Token): Expression {
    const from = literalOf(token);
    if (!this.#tokens.skipOperator('..')) return from;
    const to = literalOf(this.#tokens.expectKind('string', 'expected the end of the range'));
    return { kind: 'range', from, to, position: token.position };
  }
}

function literalOf({ kind, text, flags, position }: Token): Literal {
  return { kind: kind === 'string' ? 'string' : 'regex', text, flags, position };
}
