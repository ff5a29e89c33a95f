// From the syntax tree to a nondeterministic automaton (Thompson 1968) whose edges read classes of the alphabet and
// whose guards read nothing but look at the symbol before and the one after.
import { type AutomatonLimits, DEFAULT_MAX_STATES, type Intervals } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { Alphabet } from './alphabet.js';
import type { Assertion, RegexNode, Side } from './ast.js';
import { ALL } from './classes.js';

/** Nondeterministic states allowed for each deterministic one. */
const STATES_PER_STATE = 10;

/** Holds at a position when allowed[before * (classes + 1) + after] is 1; number `classes` stands for the text's edge. */
export interface Guard {
  readonly allowed: Uint8Array;
  readonly to: number;
}

export interface PositionAutomaton {
  readonly alphabet: Alphabet;
  readonly start: number;
  readonly end: number;
  /** What a state reads, undefined for none: classes, and the state after them. */
  readonly reads: readonly ({ readonly classes: readonly number[]; readonly to: number } | undefined)[];
  readonly epsilons: readonly (readonly number[])[];
  readonly guards: readonly (readonly Guard[])[];
}

/**
 * The automaton of a pattern. With `search`, any text may stand before and after what the pattern matches.
 * @throws LimitError `maxStates`
 */
export function positionAutomaton(
  node: RegexNode,
  search: boolean,
  limits?: AutomatonLimits,
): PositionAutomaton {
  const alphabet = new Alphabet(collectSets(node));
  const builder = new PositionBuilder(alphabet, limits);
  const start = builder.state();
  const first = search ? builder.any(start) : start;
  const last = builder.build(node, first);
  const end = search ? builder.any(last) : last;
  return { alphabet, start, end, reads: builder.reads, epsilons: builder.epsilons, guards: builder.guards };
}

function collectSets(root: RegexNode): Intervals[] {
  const sets: Intervals[] = [ALL];
  const visit = (node: RegexNode): void => {
    switch (node.kind) {
      case 'set':
        sets.push(node.set);
        break;
      case 'assertion':
        for (const sides of node.sides) for (const side of sides) sets.push(side.set);
        break;
      case 'repeat':
        visit(node.item);
        break;
      case 'sequence':
        node.items.forEach(visit);
        break;
      case 'choice':
        node.options.forEach(visit);
    }
  };
  visit(root);
  return sets;
}

class PositionBuilder {
  readonly reads: ({ classes: readonly number[]; to: number } | undefined)[] = [];
  readonly epsilons: number[][] = [];
  readonly guards: Guard[][] = [];
  readonly #alphabet: Alphabet;
  readonly #maxStates: number;
  readonly #tables = new Map<Assertion['sides'], Uint8Array>();

  constructor(alphabet: Alphabet, limits: AutomatonLimits | undefined) {
    this.#alphabet = alphabet;
    this.#maxStates = limits?.maxStates ?? DEFAULT_MAX_STATES;
  }

  state(): number {
    if (this.reads.length > this.#maxStates * STATES_PER_STATE)
      throw new LimitError('maxStates', this.#maxStates, 'a regular expression repeats too much');
    this.reads.push(undefined);
    this.epsilons.push([]);
    return this.guards.push([]) - 1;
  }

  /** A state reached from `from` by any text. */
  any(from: number): number {
    const loop = this.state();
    this.epsilons[from].push(loop);
    this.reads[loop] = { classes: this.#alphabet.classesOf(ALL), to: loop };
    const after = this.state();
    this.epsilons[loop].push(after);
    return after;
  }

  /** Adds the node's automaton to a state that reads nothing yet; returns the state after it, which reads nothing. */
  build(node: RegexNode, from: number): number {
    switch (node.kind) {
      case 'set': {
        const to = this.state();
        this.reads[from] = { classes: this.#alphabet.classesOf(node.set), to };
        return to;
      }
      case 'sequence':
        return node.items.reduce((at, item) => this.build(item, at), from);
      case 'choice': {
        const join = this.state();
        for (const option of node.options) {
          const branch = this.state();
          this.epsilons[from].push(branch);
          this.epsilons[this.build(option, branch)].push(join);
        }
        return join;
      }
      case 'repeat':
        return this.#repeat(node.item, node.min, node.max, from);
      case 'assertion': {
        const to = this.state();
        this.guards[from].push({ allowed: this.#table(node.sides), to });
        return to;
      }
    }
  }

  #repeat(item: RegexNode, min: number, max: number, from: number): number {
    let at = from;
    for (let copy = 0; copy < min; copy++) at = this.build(item, at);
    const end = this.state();
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.state();
      this.epsilons[at].push(loop);
      const body = this.state();
      this.epsilons[loop].push(body, end);
      this.epsilons[this.build(item, body)].push(loop);
      return end;
    }
    for (let copy = min; copy < max; copy++) {
      const body = this.state();
      this.epsilons[at].push(body, end);
      at = this.build(item, body);
    }
    this.epsilons[at].push(end);
    return end;
  }

  #table(sides: Assertion['sides']): Uint8Array {
    let allowed = this.#tables.get(sides);
    if (!allowed) {
      const edge = this.#alphabet.size;
      allowed = new Uint8Array((edge + 1) ** 2);
      const contexts = (side: Side) => [...this.#alphabet.classesOf(side.set), ...(side.edge ? [edge] : [])];
      for (const [before, after] of sides)
        for (const left of contexts(before))
          for (const right of contexts(after)) allowed[left * (edge + 1) + right] = 1;
      this.#tables.set(sides, allowed);
    }
    return allowed;
  }
}
