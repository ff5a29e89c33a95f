// The expressions behind `rule::` and `%if`: terms over the parameter of a parametric rule (llguidance).
import { CompileError } from '../../errors.js';
import type { Position, Term } from './syntax.js';
import type { TokenStream } from './token-stream.js';

const MAX_NESTING = 50;

export class ParameterParser {
  readonly #tokens: TokenStream;

  constructor(tokens: TokenStream) {
    this.#tokens = tokens;
  }

  /** What a rule is applied to: `_`, a number or a function of the parameter. */
  argument(): Term {
    return this.#term(0);
  }

  /** What follows `%if`. */
  condition(): Term {
    return this.#term(0);
  }

  #term(depth: number): Term {
    const token = this.#tokens.take();
    const { kind, text, position } = token;
    if (depth > MAX_NESTING)
      throw new CompileError('invalid_grammar', 'this condition nests too deeply', { ...position });
    if (kind === 'name' && text === '_') return { kind: 'self', position };
    if (kind === 'number') return { kind: 'number', value: wholeNumber(text, position), position };
    if (kind === 'operator' && text === '[') return this.#bits(position);
    if (kind !== 'name') throw this.#tokens.unexpected('expected a term over the parameter', token);
    const args: Term[] = [];
    if (this.#tokens.skipOperator('(')) {
      if (!this.#tokens.isOperator(')')) {
        do args.push(this.#term(depth + 1));
        while (this.#tokens.skipOperator(','));
      }
      this.#tokens.expect(')');
    }
    return { kind: 'call', name: text, args, position };
  }

  #bits(position: Position): Term {
    const from = this.#bit();
    this.#tokens.expect(':');
    const to = this.#bit();
    this.#tokens.expect(']');
    if (from > 63 || to > 64 || from >= to)
      throw new CompileError('invalid_grammar', `[${from}:${to}] is no range of the 64 bits`, {
        ...position,
      });
    return { kind: 'bits', from, to, position };
  }

  #bit(): number {
    const { text, position } = this.#tokens.expectKind('number', 'expected the number of a bit');
    return Number(wholeNumber(text, position));
  }
}

function wholeNumber(text: string, position: Position): bigint {
  if (!/^(?:\d+|0x[0-9A-Fa-f]+)$/.test(text) || BigInt(text) >= 1n << 64n)
    throw new CompileError('invalid_grammar', `'${text}' is no number of 64 bits`, { ...position });
  return BigInt(text);
}
