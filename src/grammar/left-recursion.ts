// Left recursion to right recursion and loops: the automaton's closure must end, and a left-recursive rule's would not.
// Read from front ends that take left-recursive texts; written for the automaton's compiler.
import { LimitError } from '../errors.js';
import { choice, EMPTY, NEVER, repeat, sequence } from './builder.js';
import type { Grammar, Node, RuleId } from './ir.js';
import { hasLeftRecursion, leftCorners, leftRecursiveComponents } from './left-corners.js';
import { choiceOf, sequenceOf } from './lists.js';
import { isNullable, nullableRules, WithoutEmptyContext, withoutEmptyNode } from './nullable.js';

export interface LeftRecursionLimits {
  /** Most alternatives that the pass may write; default 200,000. */
  readonly maxLeftRecursionAlternatives?: number;
}

/**
 * A grammar of the same language in which no rule begins with itself, directly, through other rules or behind a
 * nullable prefix. A grammar without left recursion comes back as the same object.
 *
 * Each cycle of the left-corner relation is rewritten by the left-corner transform (Rosenkrantz and Lewis 1970;
 * Moore 2000): with every rule A of the cycle in the form A = base(A) ∪ B·rest(A, B) ∪ …, a string of A begins with
 * the base of some rule and is continued by rests until A is complete.
 * @throws LimitError `maxLeftRecursionAlternatives`: a cycle of n rules can need n times its alternatives.
 */
export function removeLeftRecursion(grammar: Grammar, limits: LeftRecursionLimits = {}): Grammar {
  const nullable = nullableRules(grammar);
  if (!hasLeftRecursion(grammar, nullable)) return grammar;
  const components = leftRecursiveComponents(grammar, nullable);
  const { maxLeftRecursionAlternatives = 200_000 } = limits;
  const context = new WithoutEmptyContext(grammar, nullable);
  let spent = 0;
  // All counterparts are claimed before any body is written: bodies refer to the members of other cycles too.
  const cycles = components.map(
    (members) =>
      new Cycle(members, context, (alternatives) => {
        spent += alternatives;
        if (spent <= maxLeftRecursionAlternatives) return;
        const { name, source } = grammar.rules[members[0]];
        const problem = `removing the left recursion of rule '${name}' takes too many alternatives`;
        throw new LimitError('maxLeftRecursionAlternatives', maxLeftRecursionAlternatives, problem, source);
      }),
  );
  for (const cycle of cycles) cycle.rewrite();
  return { rules: context.rules, start: grammar.start };
}

/** What a node's strings (the empty one left out) begin with: nothing of the cycle, or one of its rules. */
interface Split {
  readonly base: Node;
  /** By rule of the cycle: what follows it. */
  readonly rests: ReadonlyMap<RuleId, Node>;
}

/** Rules that are left-recursive through each other, and their rewriting. */
class Cycle {
  readonly members: readonly RuleId[];
  readonly #bodies: ReadonlyMap<RuleId, Node>;
  readonly #context: WithoutEmptyContext;
  readonly #spend: (alternatives: number) => void;
  /** By rule: the rules that it continues to once complete, and behind what (never empty). */
  readonly #continuations = new Map<RuleId, ReadonlyMap<RuleId, Node>>();
  /** By rule: the rules that are complete as soon as it is; itself among them. */
  readonly #completes = new Map<RuleId, ReadonlySet<RuleId>>();
  /** Rules made by {@link Cycle.#path}, by their two ends, and those of them whose body is not written yet. */
  readonly #paths = new Map<string, RuleId>();
  readonly #pending: { path: RuleId; done: RuleId; goal: RuleId }[] = [];

  constructor(
    members: readonly RuleId[],
    context: WithoutEmptyContext,
    spend: (alternatives: number) => void,
  ) {
    this.members = members;
    this.#context = context;
    this.#spend = spend;
    this.#bodies = new Map(members.map((rule) => [rule, context.rules[rule].body]));
    for (const rule of members) context.claim(rule);
  }

  /** Writes the members' new bodies. */
  rewrite(): void {
    const bases = new Map<RuleId, Node>();
    const units = new Map<RuleId, Set<RuleId>>(this.members.map((rule) => [rule, new Set()]));
    const steps = new Map<RuleId, Table>(this.members.map((rule) => [rule, new Map()]));
    for (const rule of this.members) {
      const { base, rests } = this.#split(this.#bodies.get(rule)!);
      bases.set(rule, this.#shared(base, this.members.length));
      for (const [corner, rest] of rests) {
        if (isNullable(rest, this.#context.nullable)) units.get(corner)!.add(rule);
        add(steps.get(corner)!, rule, withoutEmptyNode(rest, this.#context));
      }
    }
    for (const rule of this.members) this.#link(rule, units, steps);
    for (const rule of this.members) this.#define(rule, bases);
    while (this.#pending.length > 0) this.#definePath(this.#pending.pop()!);
  }

  /** Records what `rule`, once complete, completes at once and continues to. */
  #link(rule: RuleId, units: ReadonlyMap<RuleId, Set<RuleId>>, steps: ReadonlyMap<RuleId, Table>): void {
    const complete = new Set([rule]);
    // A set iterates over what is added on the way.
    for (const done of complete) for (const next of units.get(done)!) complete.add(next);
    const continuations: Table = new Map();
    for (const done of complete)
      for (const [target, nodes] of steps.get(done)!) add(continuations, target, ...nodes);
    this.#completes.set(rule, complete);
    this.#continuations.set(rule, settled(continuations));
  }

  /** The new body of `goal`: any base, continued until the goal is complete. */
  #define(goal: RuleId, bases: ReadonlyMap<RuleId, Node>): void {
    const options = [...bases].map(([rule, base]) =>
      base.kind === 'never' ? NEVER : sequence(base, this.#path(rule, goal)),
    );
    this.#spend(options.length);
    const counterpart = this.#context.counterpart(goal);
    this.#write(counterpart, choiceOf(options));
    if (counterpart !== goal) this.#write(goal, choice({ kind: 'reference', rule: counterpart }, EMPTY));
  }

  #write(rule: RuleId, body: Node): void {
    this.#context.rules[rule] = { ...this.#context.rules[rule], body };
  }

  /** What leads from `done`, just completed, to `goal` completed: a loop, or one rule per pair that is met. */
  #path(done: RuleId, goal: RuleId): Node {
    if (this.members.length === 1) return this.#loop(done);
    const key = `${done} ${goal}`;
    let path = this.#paths.get(key);
    if (path === undefined) {
      const { rules } = this.#context;
      const nullable = this.#completes.get(done)!.has(goal);
      path = this.#context.addRule(`${rules[done].name}-in-${rules[goal].name}`, NEVER, nullable);
      this.#paths.set(key, path);
      this.#pending.push({ path, done, goal });
    }
    return { kind: 'reference', rule: path };
  }

  #definePath({ path, done, goal }: { path: RuleId; done: RuleId; goal: RuleId }): void {
    const continuations = this.#continuations.get(done)!;
    this.#spend(1 + continuations.size);
    const options = [...continuations]
      .filter(([target]) => target !== done)
      .map(([target, rest]) => sequence(rest, this.#path(target, goal)));
    if (this.#completes.get(done)!.has(goal)) options.push(EMPTY);
    this.#write(path, sequence(this.#loop(done), choiceOf(options)));
  }

  /** From `rule` to `rule` itself, any number of times. */
  #loop(rule: RuleId): Node {
    return repeat(this.#continuations.get(rule)!.get(rule) ?? NEVER, 0, Number.POSITIVE_INFINITY);
  }

  /** Splits `node`, its empty string left out, by what it begins with. */
  #split(node: Node): Split {
    const corners = leftCorners(node, this.#context.nullable);
    if (![...corners].some((rule) => this.#bodies.has(rule)))
      return { base: withoutEmptyNode(node, this.#context), rests: new Map() };
    switch (node.kind) {
      case 'choice':
        return union(node.options.map((option) => this.#split(option)));
      case 'repeat':
        return this.#splitRepeat(node);
      case 'sequence':
        return this.#splitSequence(node.items);
      default:
        return { base: NEVER, rests: new Map([...corners].map((rule) => [rule, EMPTY])) };
    }
  }

  /** Empty iterations may come last: the first one is not empty, and is followed by the others. */
  #splitRepeat({ item, min, max }: Node & { kind: 'repeat' }): Split {
    const least = isNullable(item, this.#context.nullable) ? 0 : Math.max(0, min - 1);
    const split = this.#split(item);
    return followed(split, this.#shared(repeat(item, least, max - 1), uses(split)));
  }

  /** The first item that is not empty begins the string; what is behind it follows. */
  #splitSequence(items: readonly Node[]): Split {
    const splits: Split[] = [];
    const { nullable } = this.#context;
    const first = items.findIndex((item) => !isNullable(item, nullable));
    const last = first === -1 ? items.length - 1 : first;
    let tail = sequenceOf(items.slice(last + 1));
    for (let i = last; i >= 0; i--) {
      const split = this.#split(items[i]);
      tail = this.#shared(tail, uses(split) + (i > 0 ? 1 : 0));
      splits.push(followed(split, tail));
      tail = sequence(items[i], tail);
    }
    return union(splits.reverse());
  }

  /** A node that comes to stand in several places: a rule of its own, unless it is a single word. */
  #shared(node: Node, places: number): Node {
    const isCompound = node.kind === 'sequence' || node.kind === 'choice' || node.kind === 'repeat';
    if (!isCompound || places < 2) return node;
    this.#spend(1);
    const { rules, nullable } = this.#context;
    const rule = this.#context.addRule(`rest-${rules.length}`, node, isNullable(node, nullable));
    return { kind: 'reference', rule };
  }
}

/** Nodes by rule. */
type Table = Map<RuleId, Node[]>;

function add(table: Table, rule: RuleId, ...nodes: readonly Node[]): void {
  const known = table.get(rule);
  if (known) for (const node of nodes) known.push(node);
  else table.set(rule, [...nodes]);
}

/** Each list of a table as one choice; those that match nothing are left out. */
function settled(table: Table): Map<RuleId, Node> {
  const choices = new Map<RuleId, Node>();
  for (const [rule, nodes] of table) {
    const node = choiceOf(nodes);
    if (node.kind !== 'never') choices.set(rule, node);
  }
  return choices;
}

function uses({ base, rests }: Split): number {
  return rests.size + (base.kind === 'never' ? 0 : 1);
}

function followed({ base, rests }: Split, tail: Node): Split {
  return {
    base: sequence(base, tail),
    rests: new Map([...rests].map(([rule, rest]) => [rule, sequence(rest, tail)])),
  };
}

function union(splits: readonly Split[]): Split {
  const rests: Table = new Map();
  for (const split of splits) for (const [rule, rest] of split.rests) add(rests, rule, rest);
  return { base: choiceOf(splits.map(({ base }) => base)), rests: settled(rests) };
}
