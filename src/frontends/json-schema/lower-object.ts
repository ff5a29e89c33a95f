// Lowers an object shape with properties in the order of the schema: each state of its graph is a rule, "a property at
// or after this position, and the rest", so n optional properties cost n rules and each next one is a tail reference.
import {
  choice,
  EMPTY,
  type GrammarBuilder,
  NEVER,
  type Node,
  scope,
  sequence,
} from '../../grammar/index.js';
import { hasEnoughMembers } from './emptiness.js';
import { literalNode } from './literals.js';
import type { LoweringContext } from './lowering.js';
import {
  atLeast,
  CLOSE,
  COMMA,
  type Counting,
  comparesNames,
  countingOf,
  countOptional,
  memberNode,
  OPEN,
  otherName,
} from './members.js';
import { type GraphEdge, ObjectGraph } from './object-graph.js';
import type { ObjectPlan } from './object-plan.js';

/** The node of all objects of this plan; never, where there are none. */
export function orderedObject(plan: ObjectPlan, name: string, context: LoweringContext): Node {
  const counting = countingOf(plan);
  const holds = (term: Parameters<typeof context.holdsValue>[0]) => context.holdsValue(term);
  if (!hasEnoughMembers(plan, holds)) return NEVER;
  const graph = new ObjectGraph(plan, counting === 'states', holds, context.limits);
  const node = new OrderedObject(plan, graph, counting, name, context).node();
  return counting === 'counter' || comparesNames(plan) ? scope(node) : node;
}

class OrderedObject {
  readonly #plan: ObjectPlan;
  readonly #graph: ObjectGraph;
  readonly #name: string;
  readonly #context: LoweringContext;
  readonly #counting: Counting;
  /** How many properties that are not required can still come at a state; empty without a counter. */
  readonly #optional: number[] = [];
  /** By state. */
  readonly #rules: ReturnType<GrammarBuilder['declare']>[];
  readonly #pending: number[] = [];

  constructor(
    plan: ObjectPlan,
    graph: ObjectGraph,
    counting: Counting,
    name: string,
    context: LoweringContext,
  ) {
    this.#plan = plan;
    this.#graph = graph;
    this.#counting = counting;
    this.#name = name;
    this.#context = context;
    this.#rules = new Array(graph.states.length);
    if (counting !== 'counter') return;
    this.#optional = new Array(graph.states.length + 1).fill(0);
    for (let id = graph.states.length - 1; id >= 0; id--) {
      const { level, edges } = graph.states[id];
      if (level === plan.members.length) this.#optional[id] = edges.length > 0 ? Infinity : 0;
      else {
        const own = !plan.members[level].required && edges.length > 0 ? 1 : 0;
        this.#optional[id] = own + this.#optional[this.#past(id)];
      }
    }
  }

  node(): Node {
    if (!this.#graph.states[0].live) return NEVER;
    const { space, builder } = this.#context;
    const body = sequence(OPEN, space, this.#after(0, true));
    for (let id = this.#pending.pop(); id !== undefined; id = this.#pending.pop())
      builder.define(this.#rules[id], this.#next(id));
    return body;
  }

  /** The state of the next level, whether this level's property is there or not; for graphs with a counter. */
  #past(id: number): number {
    const { skip, edges } = this.#graph.states[id];
    return skip >= 0 ? skip : (edges[0]?.to ?? this.#graph.states.length);
  }

  /** Behind a property, or at the beginning: the end, or one more property and the rest. */
  #after(id: number, isFirst: boolean): Node {
    const { space } = this.#context;
    const mayClose = this.#graph.states[id].closes && !(isFirst && this.#plan.min > 0);
    if (this.#counting === 'counter')
      return this.#afterCounted(id, isFirst ? EMPTY : sequence(COMMA, space), mayClose);
    const rule = this.#rule(id);
    const more = isFirst ? rule : sequence(COMMA, space, rule);
    return mayClose ? choice(more, CLOSE) : more;
  }

  #afterCounted(id: number, comma: Node, mayClose: boolean): Node {
    const { members, min, max, required } = this.#plan;
    const least = min - required;
    const options: Node[] = [];
    if (mayClose) options.push(sequence(atLeast(least), CLOSE));
    if (max > required) options.push(sequence(countOptional(this.#plan), comma, this.#rule(id)));
    let next = id;
    while (this.#graph.states[next].level < members.length && this.#graph.states[next].skip >= 0)
      next = this.#graph.states[next].skip;
    if (this.#graph.states[next].level < members.length)
      options.push(sequence(atLeast(least - this.#optional[next]), comma, this.#edges(next)));
    return choice(...options);
  }

  /** One property at or after the state, and the rest. */
  #rule(id: number): Node {
    if (!this.#continues(id)) return NEVER;
    const known = this.#rules[id];
    if (known) return known;
    const member = this.#plan.members[this.#graph.states[id].level];
    const rule = this.#context.builder.declare(`${this.#name}{${member?.name ?? '*'}}`);
    this.#rules[id] = rule;
    this.#pending.push(id);
    return rule;
  }

  #next(id: number): Node {
    const { skip } = this.#graph.states[id];
    const later = skip >= 0 && this.#graph.states[skip].live ? this.#rule(skip) : NEVER;
    if (this.#counting !== 'counter' || skip < 0) return choice(this.#edges(id), later);
    const { min, required } = this.#plan;
    return choice(this.#edges(id), sequence(atLeast(min - required - this.#optional[skip] + 1), later));
  }

  /** With a counter, the optional properties before the next required one; else any. */
  #continues(id: number): boolean {
    const { states } = this.#graph;
    const { members } = this.#plan;
    for (let at = id; at >= 0; at = states[at].skip) {
      const isRequired = states[at].level < members.length && members[states[at].level].required;
      if (isRequired && this.#counting === 'counter') return false;
      for (const { to } of states[at].edges) if (states[to].live) return true;
    }
    return false;
  }

  #edges(id: number): Node {
    const { states } = this.#graph;
    const { edges } = states[id];
    const live = edges.length === 1 ? edges : edges.filter(({ to }) => states[to].live);
    return live.length === 1 ? this.#edge(live[0]) : choice(...live.map((edge) => this.#edge(edge)));
  }

  #edge({ property, term, to }: GraphEdge): Node {
    if (!this.#graph.states[to].live) return NEVER;
    const { members } = this.#plan;
    const name =
      property < members.length
        ? literalNode(members[property].name)
        : otherName(this.#plan, property - members.length, this.#context);
    return memberNode(name, term, this.#after(to, false), this.#context);
  }
}
