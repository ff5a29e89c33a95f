// The regular language of a part of a grammar, where it has one: recursion only in last place, no tokens, no registers.
// Front ends use it where a construct asks for an automaton: exceptions, shortest matches, limits on characters.
import { type AutomatonLimits, checkStates, type Dfa, NfaBuilder } from '../automata/index.js';
import { isCyclic, stronglyConnected } from './components.js';
import type { Node, RuleId } from './ir.js';
import { referencedRules } from './rules-that.js';

/**
 * The byte strings of `node` as a DFA, or undefined when it is not plainly regular: it holds tokens or registers, or a
 * rule that refers to itself other than in last place. `bodyOf` gives the bodies of the rules it reaches.
 * @throws LimitError `maxStates`, `maxSubsetSteps`
 */
export function regularLanguage(
  node: Node,
  bodyOf: (rule: RuleId) => Node,
  limits?: AutomatonLimits,
): Dfa | undefined {
  return new RegularLanguage(node, bodyOf, limits).run(node);
}

/** A rule's body that is to be read from state `entry`, and the state behind it. */
interface Piece {
  readonly entry: number;
  readonly body: Node;
  readonly behind: number;
  /** The cycle of rules that it belongs to, if any. */
  readonly cycle: number | undefined;
}

class RegularLanguage {
  readonly #nfa = new NfaBuilder();
  readonly #bodyOf: (rule: RuleId) => Node;
  readonly #limits: AutomatonLimits | undefined;
  readonly #cycleOf: ReadonlyMap<RuleId, number>;
  readonly #entries = new Map<string, number>();
  readonly #pending: Piece[] = [];
  #isRegular = true;

  constructor(node: Node, bodyOf: (rule: RuleId) => Node, limits: AutomatonLimits | undefined) {
    this.#bodyOf = bodyOf;
    this.#limits = limits;
    this.#cycleOf = cyclesBelow(node, bodyOf);
  }

  run(node: Node): Dfa | undefined {
    const start = this.#nfa.state();
    const end = this.#nfa.state();
    this.#pending.push({ entry: start, body: node, behind: end, cycle: undefined });
    for (let piece = this.#pending.pop(); piece && this.#isRegular; piece = this.#pending.pop())
      this.#nfa.epsilon(piece.entry, this.#build(piece.body, piece.behind, piece));
    return this.#isRegular ? this.#nfa.toDfa(start, [end], this.#limits) : undefined;
  }

  /** The state from which `node` is read and `then` reached. */
  #build(node: Node, then: number, inside: Piece): number {
    checkStates(this.#nfa.size, this.#limits);
    switch (node.kind) {
      case 'empty':
        return then;
      case 'never':
        return this.#nfa.state();
      case 'bytes':
        return node.bytes.reduceRight((next, byte) => {
          const state = this.#nfa.state();
          this.#nfa.edge(state, byte, byte, next);
          return state;
        }, then);
      case 'regular': {
        const { start, accepting } = this.#nfa.embed(node.dfa);
        for (const state of accepting) this.#nfa.epsilon(state, then);
        return start;
      }
      case 'sequence':
        return node.items.reduceRight((next, item) => this.#build(item, next, inside), then);
      case 'choice': {
        const entry = this.#nfa.state();
        for (const option of node.options) this.#nfa.epsilon(entry, this.#build(option, then, inside));
        return entry;
      }
      case 'repeat':
        return this.#repeat(node, then, inside);
      case 'reference':
        return this.#reference(node.rule, then, inside);
      default:
        this.#isRegular = false;
        return then;
    }
  }

  #repeat({ item, min, max }: Node & { kind: 'repeat' }, then: number, inside: Piece): number {
    let next = then;
    if (max === Number.POSITIVE_INFINITY) {
      next = this.#nfa.state();
      this.#nfa.epsilon(next, then);
      this.#nfa.epsilon(next, this.#build(item, next, inside));
    } else
      for (let copy = min; copy < max && this.#isRegular; copy++) {
        const entry = this.#nfa.state();
        this.#nfa.epsilon(entry, this.#build(item, next, inside));
        this.#nfa.epsilon(entry, then);
        next = entry;
      }
    for (let copy = 0; copy < min && this.#isRegular; copy++) next = this.#build(item, next, inside);
    return next;
  }

  #reference(rule: RuleId, then: number, inside: Piece): number {
    const cycle = this.#cycleOf.get(rule);
    if (cycle !== undefined && cycle === inside.cycle && then !== inside.behind) this.#isRegular = false;
    const key = `${rule},${then}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#nfa.state();
      this.#entries.set(key, entry);
      this.#pending.push({ entry, body: this.#bodyOf(rule), behind: then, cycle });
    }
    return entry;
  }
}

/** For each rule below `node` that can reach itself, a number of its cycle. */
function cyclesBelow(node: Node, bodyOf: (rule: RuleId) => Node): Map<RuleId, number> {
  const order = [...referencedRules(node)];
  const index = new Map(order.map((rule, i) => [rule, i]));
  const references: number[][] = [];
  for (const rule of order)
    references.push(
      [...referencedRules(bodyOf(rule))].map((next) => {
        if (!index.has(next)) index.set(next, order.push(next) - 1);
        return index.get(next)!;
      }),
    );
  const cycles = new Map<RuleId, number>();
  for (const [number, component] of stronglyConnected(references).entries())
    if (isCyclic(component, references)) for (const i of component) cycles.set(order[i], number);
  return cycles;
}
