// Builds the IR with small constructors that keep it normal: flat sequences and choices, no empty or never inside them.
import { type Dfa, flatOf } from '../automata/index.js';
import type { SourceLocation } from '../errors.js';
import type { Grammar, Node, RegisterOp, Rule, RuleId, TokenSet } from './ir.js';

const encoder = new TextEncoder();

export const EMPTY: Node = { kind: 'empty' };
export const NEVER: Node = { kind: 'never' };

/** A literal: text is taken as UTF-8. */
export function bytes(literal: string | Uint8Array): Node {
  const encoded = typeof literal === 'string' ? encode(literal) : literal;
  return encoded.length === 0 ? EMPTY : { kind: 'bytes', bytes: encoded };
}

/** Names and punctuation are short and plain: quicker than by an encoder. */
function encode(text: string): Uint8Array {
  if (text.length > 64) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return encoder.encode(text);
    bytes[i] = code;
  }
  return bytes;
}

/** Whether the automaton has a word that is not empty, where it is trimmed. */
function readsFirst(dfa: Dfa): boolean {
  return flatOf(dfa).edgeStart[1] > 0;
}

/** A lexeme: `dfa` is over bytes. */
export function regular(dfa: Dfa): Node {
  if (!readsFirst(dfa)) return dfa.accept[0] ? EMPTY : NEVER;
  return { kind: 'regular', dfa };
}

/** A lexeme between the parts of a value, such as white space: no part of what {@link RegisterOp} `distinct` compares. */
export function quiet(dfa: Dfa): Node {
  const node = regular(dfa);
  return node.kind === 'regular' ? { ...node, quiet: true } : node;
}

/** `body` with registers of its own. */
export function scope(body: Node): Node {
  return body.kind === 'never' || body.kind === 'empty' ? body : { kind: 'scope', body };
}

/** An operation on the registers of the innermost scope. */
export function op(operation: RegisterOp): Node {
  return { kind: 'op', op: operation };
}

/** One token out of `tokens`. */
export function token(tokens: TokenSet): Node {
  return { kind: 'token', tokens };
}

export function sequence(...items: readonly Node[]): Node {
  if (items.length > 1 && items.every(isSequenceItem)) return { kind: 'sequence', items };
  const flat: Node[] = [];
  for (const item of items) {
    if (item.kind === 'never') return NEVER;
    if (item.kind === 'sequence') for (const inner of item.items) flat.push(inner);
    else if (item.kind !== 'empty') flat.push(item);
  }
  if (flat.length === 0) return EMPTY;
  return flat.length === 1 ? flat[0] : { kind: 'sequence', items: flat };
}

function isSequenceItem({ kind }: Node): boolean {
  return kind !== 'sequence' && kind !== 'empty' && kind !== 'never';
}

function isOption({ kind }: Node): boolean {
  return kind !== 'choice' && kind !== 'empty' && kind !== 'never';
}

export function choice(...options: readonly Node[]): Node {
  if (options.length > 1 && options.every(isOption)) return { kind: 'choice', options };
  const flat: Node[] = [];
  let empty = false;
  for (const option of options) {
    if (option.kind === 'choice') {
      for (const inner of option.options) {
        if (inner.kind === 'empty') empty = true;
        else flat.push(inner);
      }
    } else if (option.kind === 'empty') empty = true;
    else if (option.kind !== 'never') flat.push(option);
  }
  if (empty) flat.push(EMPTY);
  if (flat.length === 0) return NEVER;
  return flat.length === 1 ? flat[0] : { kind: 'choice', options: flat };
}

/** `item` between `min` and `max` times; `max` may be Infinity. */
export function repeat(item: Node, min: number, max: number): Node {
  if (max < min) return NEVER;
  if (max === 0 || item.kind === 'empty') return EMPTY;
  if (item.kind === 'never') return min === 0 ? EMPTY : NEVER;
  if (max === 1) return min === 1 ? item : choice(item, EMPTY);
  return { kind: 'repeat', item, min, max };
}

export function optional(item: Node): Node {
  return choice(item, EMPTY);
}

/** Collects rules. Declare a rule before its body is known to write recursion. */
export class GrammarBuilder {
  readonly #rules: { name: string; body: Node | undefined; source: SourceLocation | undefined }[] = [];

  /** Reserves a rule and returns the node that refers to it. */
  declare(name: string, source?: SourceLocation): Node & { kind: 'reference' } {
    this.#rules.push({ name, body: undefined, source });
    return { kind: 'reference', rule: this.#rules.length - 1 };
  }

  /** Gives a declared rule its body. */
  define(reference: { readonly rule: RuleId }, body: Node): void {
    this.#rules[reference.rule].body = body;
  }

  /** Declares and defines in one step. */
  rule(name: string, body: Node, source?: SourceLocation): Node & { kind: 'reference' } {
    const reference = this.declare(name, source);
    this.define(reference, body);
    return reference;
  }

  /** The body of a rule; undefined while it is only declared. */
  bodyOf(rule: RuleId): Node | undefined {
    return this.#rules[rule].body;
  }

  /** Number of rules so far. */
  get size(): number {
    return this.#rules.length;
  }

  /** @throws Error when a declared rule was never defined (a fault of the front end, not of its input). */
  build(start: Node): Grammar {
    const rules = this.#rules.map(({ name, body, source }): Rule => {
      if (!body) throw new Error(`grammar rule '${name}' is declared but not defined`);
      return source ? { name, body, source } : { name, body };
    });
    return { rules, start };
  }
}
