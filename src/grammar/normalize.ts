// Pass: regular parts become lexemes. Fewer, larger automata mean fewer configurations while matching: what a lexeme
// decides by determinism need not be decided by the stack.
import { type Dfa, EMPTY_STRING, literalDfa, literalsDfa, NfaBuilder, repeatDfa } from '../automata/index.js';
import { LimitError } from '../errors.js';
import { bytes, regular, repeat, scope } from './builder.js';
import { isCyclic, stronglyConnected } from './components.js';
import type { Grammar, Node, Rule, RuleId } from './ir.js';
import { choiceOf, sequenceOf } from './lists.js';
import { referencedRules } from './rules-that.js';

export interface MergeLimits {
  /** Most states of a lexeme that is put together from parts; default 256. What would be larger stays apart. */
  readonly maxLexemeStates?: number;
  /**
   * Most bytes of literals whose choice is one lexeme; default 100,000. It has no more states than they have bytes, so
   * this may be much more than `maxLexemeStates`.
   */
  readonly maxLiteralBytes?: number;
  /**
   * How much building of lexemes may cost in all, in states of the parts times states of the result; default 20,000,000,
   * a second or two. What is left then stays apart.
   */
  readonly maxMergeWork?: number;
  /** Most states of a rule's lexeme that is copied to where the rule is used, so that it can merge there; default 32. */
  readonly maxInlinedStates?: number;
}

/**
 * The same language with maximal regular parts as one minimal DFA each: runs in sequences, alternatives of choices, and
 * repeated lexemes. Rules that are not recursive and turn out small and regular are put in place of their references;
 * the rules themselves stay ({@link pruneUnproductive} drops those that are no longer used).
 */
export function mergeRegular(grammar: Grammar, limits: MergeLimits = {}): Grammar {
  const references = grammar.rules.map(({ body }) => [...referencedRules(body)]);
  const merging = new Merging(limits);
  const rules: Rule[] = [...grammar.rules];
  for (const component of stronglyConnected(references)) {
    const recursive = isCyclic(component, references);
    for (const rule of component) {
      const body = merging.merge(grammar.rules[rule].body);
      rules[rule] = { ...grammar.rules[rule], body };
      if (!recursive) merging.offer(rule, body);
    }
  }
  return { rules, start: merging.merge(grammar.start) };
}

/** A node that is an automaton or as good as one. */
type Lexeme = Node & { readonly kind: 'empty' | 'bytes' | 'regular' };

class Merging {
  readonly #maxStates: number;
  readonly #maxLiteralBytes: number;
  readonly #maxInlined: number;
  #work: number;
  /** Rules whose references their lexeme replaces. */
  readonly #inlined = new Map<RuleId, Lexeme>();

  constructor(limits: MergeLimits) {
    this.#maxStates = limits.maxLexemeStates ?? 256;
    this.#maxLiteralBytes = limits.maxLiteralBytes ?? 100_000;
    this.#maxInlined = limits.maxInlinedStates ?? 32;
    this.#work = limits.maxMergeWork ?? 20_000_000;
  }

  /** Takes the merged body of a rule that is not recursive. */
  offer(rule: RuleId, body: Node): void {
    if (isLexeme(body) && sizeOf(body) <= this.#maxInlined) this.#inlined.set(rule, body);
  }

  merge(node: Node): Node {
    switch (node.kind) {
      case 'reference':
        return this.#inlined.get(node.rule) ?? node;
      case 'sequence':
        return this.#sequence(node.items);
      case 'choice':
        return this.#choice(node.options);
      case 'repeat':
        return this.#repeat(node);
      case 'scope':
        return scope(this.merge(node.body));
      default:
        return node;
    }
  }

  #sequence(items: readonly Node[]): Node {
    const merged = sequenceOf(items.map((item) => this.merge(item)));
    if (merged.kind !== 'sequence') return merged;
    const result: Node[] = [];
    let run: Lexeme[] = [];
    let size = 0;
    const close = () => {
      result.push(...this.#concatenate(run));
      run = [];
      size = 0;
    };
    for (const item of merged.items) {
      const next = isLexeme(item) ? sizeOf(item) : Number.POSITIVE_INFINITY;
      if (size + next > this.#maxStates) close();
      if (isLexeme(item)) {
        run.push(item);
        size += next;
      } else result.push(item);
    }
    close();
    return sequenceOf(result);
  }

  /** Lexemes one behind the other as few nodes as the budget allows. */
  #concatenate(run: readonly Lexeme[]): Node[] {
    if (run.length < 2) return [...run];
    if (run.every((item) => item.kind === 'bytes')) return [joined(run)];
    const whole = this.#within(run.map(dfaOf), concatenation);
    if (whole) return [whole];
    const half = run.length >> 1;
    return [...this.#concatenate(run.slice(0, half)), ...this.#concatenate(run.slice(half))];
  }

  #choice(options: readonly Node[]): Node {
    const merged = choiceOf(options.map((option) => this.merge(option)));
    if (merged.kind !== 'choice') return merged;
    const lexemes = merged.options.filter(isLexeme);
    const others = merged.options.filter((option) => !isLexeme(option));
    const literals = lexemes.filter((option) => option.kind !== 'regular');
    if (literals.reduce((sum, literal) => sum + sizeOf(literal), 0) > this.#maxLiteralBytes) return merged;
    const automata = lexemes.filter((option) => option.kind === 'regular').map(dfaOf);
    if (literals.length > 0) automata.unshift(literalsDfa(literals.map(wordOf)));
    const whole = automata.length > 1 ? this.#within(automata, union) : undefined;
    return choiceOf([...(whole ? [whole] : automata.map(regular)), ...others]);
  }

  #repeat({ item, min, max }: Node & { kind: 'repeat' }): Node {
    const merged = this.merge(item);
    const whole = isLexeme(merged)
      ? this.#within([dfaOf(merged)], ([dfa], maxStates) => repeatDfa(dfa, min, max, { maxStates }))
      : undefined;
    return whole ?? repeat(merged, min, max);
  }

  /** A lexeme of at most the budget's size, or undefined. */
  #within(parts: readonly Dfa[], build: (parts: readonly Dfa[], maxStates: number) => Dfa): Node | undefined {
    if (this.#work <= 0) return undefined;
    let states = this.#maxStates;
    try {
      const dfa = build(parts, this.#maxStates);
      states = dfa.accept.length;
      return regular(dfa);
    } catch (error) {
      if (error instanceof LimitError) return undefined;
      throw error;
    } finally {
      this.#work -= states * parts.reduce((sum, part) => sum + part.accept.length, 0);
    }
  }
}

function isLexeme(node: Node): node is Lexeme {
  return node.kind === 'empty' || node.kind === 'bytes' || (node.kind === 'regular' && !node.quiet);
}

/** States of a lexeme's automaton. */
function sizeOf(lexeme: Lexeme): number {
  if (lexeme.kind === 'empty') return 1;
  return lexeme.kind === 'bytes' ? lexeme.bytes.length + 1 : lexeme.dfa.accept.length;
}

function wordOf(literal: Lexeme): Uint8Array {
  return literal.kind === 'bytes' ? literal.bytes : new Uint8Array();
}

function dfaOf(lexeme: Lexeme): Dfa {
  if (lexeme.kind === 'empty') return EMPTY_STRING;
  return lexeme.kind === 'bytes' ? literalDfa(lexeme.bytes) : lexeme.dfa;
}

function joined(literals: readonly (Node & { kind: 'bytes' })[]): Node {
  const all = new Uint8Array(literals.reduce((sum, literal) => sum + literal.bytes.length, 0));
  let at = 0;
  for (const literal of literals) {
    all.set(literal.bytes, at);
    at += literal.bytes.length;
  }
  return bytes(all);
}

function concatenation(parts: readonly Dfa[], maxStates: number): Dfa {
  const nfa = new NfaBuilder();
  const start = nfa.state();
  let ends = [start];
  for (const part of parts) {
    const { start: entry, accepting } = nfa.embed(part);
    for (const end of ends) nfa.epsilon(end, entry);
    ends = accepting;
  }
  return nfa.toDfa(start, ends, { maxStates });
}

function union(parts: readonly Dfa[], maxStates: number): Dfa {
  const nfa = new NfaBuilder();
  const start = nfa.state();
  const ends: number[] = [];
  for (const part of parts) {
    const { start: entry, accepting } = nfa.embed(part);
    nfa.epsilon(start, entry);
    for (const end of accepting) ends.push(end);
  }
  return nfa.toDfa(start, ends, { maxStates });
}
