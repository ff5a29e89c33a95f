// Lowers an object shape with properties in any order: one scope for the object, one bit for each listed property, and a
// trie of their names in which a subtree is open only while one of its properties is still to come. Linear in their number.
import { LimitError } from '../../errors.js';
import { bytes, choice, NEVER, type Node, op, scope, sequence } from '../../grammar/index.js';
import { hasEnoughMembers } from './emptiness.js';
import { isPlainText, literalNode } from './literals.js';
import { orderedObject } from './lower-object.js';
import type { LoweringContext } from './lowering.js';
import { atLeast, CLOSE, COMMA, countingOf, countOptional, memberNode, OPEN, otherName } from './members.js';
import { ObjectGraph } from './object-graph.js';
import { type Choice, type Member, type ObjectPlan, withoutClauses } from './object-plan.js';
import { type Clause, type Literal, resolutionClosure } from './presence.js';
import type { Term } from './terms.js';

/** Clauses that may follow from those of one object. */
const MAX_CLOSURE = 200;

/** The node of all objects of this plan; never, where there are none. */
export function unorderedObject(plan: ObjectPlan, name: string, context: LoweringContext): Node {
  if (plan.members.length === 0 && countingOf(plan) === 'none' && plan.claims === 0)
    return new UnorderedObject(plan, plan.clauses, name, context).node();
  const holds = (term: Term) => context.holdsValue(term);
  if (!hasEnoughMembers(plan, holds)) return NEVER;
  const graph = new ObjectGraph(plan, countingOf(plan) === 'states', holds, context.limits);
  if (!graph.states[0].live) return NEVER;
  if (countingOf(plan) === 'states') {
    if (plan.claims > 0) {
      context.refuse(
        'propertyOrder',
        "'any' is not supported where counts of properties meet rules of the kind 'some property …' (which come from not, " +
          'oneOf and if); such an object can be had in the order of the schema',
      );
      return orderedObject(plan, name, context);
    }
    return choice(...withoutClauses(plan).map((part) => unorderedObject(part, name, context)));
  }
  const closure = resolutionClosure(plan.clauses, MAX_CLOSURE);
  if (!closure)
    throw new LimitError('MAX_CLOSURE', MAX_CLOSURE, 'too many rules about which properties go together');
  return new UnorderedObject(plan, closure, name, context).node();
}

/** A listed property with the bit that says that it was there. */
interface Slot {
  readonly member: Member;
  readonly choices: readonly Choice[];
  readonly bit: number;
}

class UnorderedObject {
  readonly #plan: ObjectPlan;
  readonly #clauses: readonly Clause[];
  readonly #name: string;
  readonly #context: LoweringContext;
  /** Required ones first, both kinds in the order of their names; then those that other properties may forbid. */
  readonly #slots: readonly Slot[];
  readonly #bits: ReadonlyMap<string, number>;
  readonly #required: number;
  readonly #after: Node & { kind: 'reference' };
  /** Clauses that say which properties exclude each other, and these. */
  readonly #forbidding: readonly Clause[];
  readonly #guarded: ReadonlySet<string>;
  readonly #values = new Map<string, Node>();

  constructor(plan: ObjectPlan, clauses: readonly Clause[], name: string, context: LoweringContext) {
    this.#plan = plan;
    this.#clauses = clauses;
    this.#name = name;
    this.#context = context;
    const possible = plan.members.flatMap((member) => {
      const choices = member.choices.filter(({ term }) => context.holdsValue(term));
      return choices.length > 0 ? [{ member, choices }] : [];
    });
    this.#forbidding = clauses.filter(({ literals }) => literals.every(({ present }) => !present));
    this.#guarded = new Set(this.#forbidding.flatMap(({ literals }) => literals.map(({ name }) => name)));
    const sorted = possible.sort(
      (a, b) => this.#rank(a.member) - this.#rank(b.member) || byName(a.member, b.member),
    );
    this.#slots = sorted.map((slot, bit) => ({ ...slot, bit }));
    this.#bits = new Map(this.#slots.map(({ member, bit }) => [member.name, bit]));
    this.#required = plan.required;
    this.#after = context.builder.declare(`${name}{…}`);
  }

  node(): Node {
    const { space, builder } = this.#context;
    const close = this.#close();
    builder.define(this.#after, choice(close, this.#members(sequence(COMMA, space))));
    const first = this.#plan.min > 0 && countingOf(this.#plan) === 'none' ? NEVER : close;
    return scope(sequence(OPEN, space, choice(first, this.#members(sequence()))));
  }

  /** The end, where nothing more is needed. */
  #close(): Node {
    const { min, claims, required } = this.#plan;
    const needed = this.#required > 0 ? op({ kind: 'marked', from: 0, to: this.#required }) : sequence();
    const from = this.#slots.length;
    const claimed = claims > 0 ? op({ kind: 'marked', from, to: from + claims }) : sequence();
    const clauses = this.#clauses.filter(({ literals }) => literals.some(({ present }) => present));
    const count = countingOf(this.#plan) === 'counter' ? atLeast(min - required) : sequence();
    return sequence(needed, claimed, ...clauses.map((clause) => this.#holds(clause.literals)), count, CLOSE);
  }

  #holds(literals: readonly Literal[]): Node {
    return choice(
      ...literals.map(({ name, present }) => {
        const bit = this.#bits.get(name);
        if (bit === undefined) return present ? NEVER : sequence();
        return op({ kind: present ? 'marked' : 'room', from: bit, to: bit + 1 });
      }),
    );
  }

  /** One property after `comma`, and the rest. */
  #members(comma: Node): Node {
    const { rest } = this.#plan;
    const counted = countingOf(this.#plan) === 'counter' ? countOptional(this.#plan) : sequence();
    const slots = this.#slots;
    const free = slots.filter(({ bit, member }) => bit >= this.#required && !this.#guarded.has(member.name));
    const others = rest.flatMap(({ choices }, index) => {
      const possible = choices.filter(({ term }) => this.#context.holdsValue(term));
      return possible.length === 0
        ? []
        : [sequence(otherName(this.#plan, index, this.#context), this.#value(possible))];
    });
    const options = [
      this.#named(slots.slice(0, this.#required), comma),
      sequence(counted, this.#named(free, comma)),
      ...slots
        .filter(({ member }) => this.#guarded.has(member.name))
        .map((slot) => sequence(this.#allowed(slot), counted, this.#named([slot], comma))),
      sequence(counted, comma, choice(...others)),
    ];
    return choice(...options);
  }

  /** Possible while no clause forbids the property. */
  #allowed({ member }: Slot): Node {
    const rules = this.#forbidding.filter(({ literals }) =>
      literals.some(({ name }) => name === member.name),
    );
    return sequence(
      ...rules.map(({ literals }) => this.#holds(literals.filter(({ name }) => name !== member.name))),
    );
  }

  /** One of these properties, whose bits follow each other, if one is left. */
  #named(slots: readonly Slot[], comma: Node): Node {
    if (slots.length === 0) return NEVER;
    const trie = slots.filter(({ member }) => isPlainText(member.name));
    const single = slots.filter(({ member }) => !isPlainText(member.name));
    const options = single.map((slot) =>
      sequence(this.#room([slot]), comma, literalNode(slot.member.name), this.#slot(slot)),
    );
    if (trie.length > 0) options.push(sequence(this.#room(trie), comma, bytes('"'), this.#trie(trie, 0)));
    return choice(...options);
  }

  /** The names from the character `at` on; all agree before it. */
  #trie(slots: readonly Slot[], at: number): Node {
    if (slots.length === 1)
      return sequence(bytes(`${slots[0].member.name.slice(at)}"`), this.#slot(slots[0]));
    const first = slots[0].member.name;
    const last = slots[slots.length - 1].member.name;
    let common = at;
    while (common < first.length && first[common] === last[common]) common++;
    const options: Node[] = [];
    for (let from = 0; from < slots.length; ) {
      const letter = slots[from].member.name[common];
      let to = from + 1;
      while (to < slots.length && slots[to].member.name[common] === letter) to++;
      const group = slots.slice(from, to);
      const rest =
        letter === undefined ? sequence(bytes('"'), this.#slot(group[0])) : this.#trie(group, common);
      options.push(sequence(this.#room(group), rest));
      from = to;
    }
    return sequence(bytes(first.slice(at, common)), choice(...options));
  }

  #room(slots: readonly Slot[]): Node {
    return op({ kind: 'room', from: slots[0].bit, to: slots[slots.length - 1].bit + 1 });
  }

  #slot({ bit, choices }: Slot): Node {
    return sequence(op({ kind: 'mark', bit }), this.#value(choices));
  }

  /** What follows a name, for each way to meet `some` constraints; a rule for all names with the same values. */
  #value(choices: readonly Choice[]): Node {
    const key = choices.map(({ term, claims }) => `${term.id}/${claims}`).join();
    const known = this.#values.get(key);
    if (known) return known;
    const options = choices.flatMap(fewerClaims).map(({ term, claims }) => {
      const bits = Array.from({ length: this.#plan.claims }, (_, index) => index);
      const marks = bits
        .filter((index) => claims & (1 << index))
        .map((index) => op({ kind: 'mark', bit: this.#slots.length + index }));
      return memberNode(sequence(...marks), term, this.#after, this.#context);
    });
    const node = this.#context.builder.rule(`${this.#name}{:}`, choice(...options));
    this.#values.set(key, node);
    return node;
  }

  #rank({ name, required }: Member): number {
    if (required) return isPlainText(name) ? 0 : 1;
    if (this.#guarded.has(name)) return 4;
    return isPlainText(name) ? 2 : 3;
  }
}

/** The choice with each part of its claims: a constraint is claimed once, whoever else could meet it. */
function fewerClaims({ term, claims }: Choice): Choice[] {
  const found: Choice[] = [{ term, claims }];
  for (let part = claims; part > 0; ) {
    part = (part - 1) & claims;
    found.push({ term, claims: part });
  }
  return found;
}

function byName(a: Member, b: Member): number {
  return a.name < b.name ? -1 : 1;
}
