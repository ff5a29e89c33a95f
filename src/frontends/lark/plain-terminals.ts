// Terminals of the llguidance dialect: languages, combined by set operations; Rust's regular expressions.
import { type AutomatonLimits, type Dfa, symbolsDfa, utf8Dfa } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { bytes, choiceOf, type Node, regular, repeat, sequenceOf } from '../../grammar/index.js';
import { closeUnderCase } from '../regex/index.js';
import type { Definition } from './definitions.js';
import { jsonString } from './escapes.js';
import { holdsLook, type PatternOptions, parsePattern } from './pattern/index.js';
import { complementText, dfaOf, intersectAll, patternNode } from './regular.js';
import { substringDfa } from './substring.js';
import type { Expression, Literal } from './syntax.js';
import { rangeEnds } from './terminal-text.js';

export class PlainTerminals {
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #options: Omit<PatternOptions, 'location'> & AutomatonLimits;
  readonly #nodes = new Map<string, Node>();
  readonly #active = new Set<string>();

  constructor(
    definitions: ReadonlyMap<string, Definition>,
    options: Omit<PatternOptions, 'location'> & AutomatonLimits,
  ) {
    this.#definitions = definitions;
    this.#options = options;
  }

  /** @throws CompileError `invalid_grammar` for recursion and rules in a terminal */
  ofTerminal(name: string): Node {
    const known = this.#nodes.get(name);
    if (known) return known;
    const { body, position } = this.#definitions.get(name)!;
    if (!body)
      throw new CompileError('unsupported_keyword', `terminal '${name}' is declared only; it has no text`, {
        ...position,
        keyword: '%declare',
      });
    if (this.#active.has(name))
      throw new CompileError('invalid_grammar', `terminal '${name}' refers to itself`, { ...position });
    this.#active.add(name);
    const node = this.of(body);
    this.#active.delete(name);
    this.#nodes.set(name, node);
    return node;
  }

  of(expression: Expression): Node {
    switch (expression.kind) {
      case 'string':
        return this.#string(expression);
      case 'regex':
        return this.#regex(expression);
      case 'range': {
        const [first, last] = rangeEnds(expression.from, expression.to, jsonString);
        if (first > last)
          throw new CompileError('invalid_grammar', 'the ends of this range are in the wrong order', {
            ...expression.position,
          });
        return regular(utf8Dfa(symbolsDfa([[first, last]])));
      }
      case 'name':
        return this.#reference(expression);
      case 'sequence':
        return sequenceOf(expression.items.map((item) => this.of(item)));
      case 'choice':
        return choiceOf(expression.options.map((option) => this.of(option)));
      case 'repeat':
        return repeat(this.of(expression.item), expression.min, expression.max);
      case 'both':
        return regular(
          intersectAll(
            expression.items.map((item) => this.dfa(item)),
            this.#options,
          ),
        );
      case 'not':
        return regular(complementText(this.dfa(expression.item), this.#options));
      case 'substring':
        return regular(substringDfa(expression, this.#options));
      default:
        throw new CompileError('invalid_grammar', `'${expression.kind}' cannot be used in terminals`, {
          ...expression.position,
        });
    }
  }

  dfa(expression: Expression): Dfa {
    return dfaOf(this.of(expression), this.#options);
  }

  #reference({ name, position }: Expression & { kind: 'name' }): Node {
    if (!this.#definitions.get(name)?.isTerminal)
      throw new CompileError('invalid_grammar', `a terminal cannot hold a rule: '${name}'`, { ...position });
    return this.ofTerminal(name);
  }

  #string(literal: Literal): Node {
    const text = jsonString(literal);
    if (literal.flags === '') return bytes(text);
    return sequenceOf(
      [...text].map((character) => {
        const codePoint = character.codePointAt(0)!;
        return regular(utf8Dfa(symbolsDfa(closeUnderCase([[codePoint, codePoint]], true))));
      }),
    );
  }

  #regex({ text, flags, position }: Literal): Node {
    const location = { ...position };
    const source = text.replaceAll('\\/', '/');
    const pattern = parsePattern(source, flags, { ...this.#options, location });
    if (holdsLook(pattern))
      throw new CompileError(
        'unsupported_regex',
        'this dialect has no lookaround, anchors or word boundaries',
        {
          ...location,
          keyword: 'lookaround',
        },
      );
    return patternNode(pattern, this.#options);
  }
}
