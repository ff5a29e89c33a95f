// From the syntax tree to a nondeterministic automaton (Thompson 1968) whose edges read classes of the alphabet and
// whose guards read nothing but look at the symbol before and the one after. Lookaround is a guard that asks about another
// part of the automaton, built once however often its place is repeated.
import { type AutomatonLimits, DEFAULT_MAX_STATES, type Intervals } from '../../automata/index.js';
import { LimitError } from '../../errors.js';
import { Alphabet } from './alphabet.js';
import type { Assertion, Look, RegexNode, Side } from './ast.js';
import { ALL } from './classes.js';

/** Nondeterministic states allowed for each deterministic one. */
const STATES_PER_STATE = 10;

/** Holds between contexts when allowed[before * contexts.count + after] is 1. */
export interface Guard {
  readonly allowed: Uint8Array;
  readonly to: number;
}

/** The part of the automaton that a lookaround asks about. */
export interface LookPart {
  readonly behind: boolean;
  readonly start: number;
  readonly end: number;
}

/** Holds where the part of that number matches, or, `negate`, where it does not. */
export interface LookGuard {
  readonly part: number;
  readonly negate: boolean;
  readonly to: number;
}

/** What guards tell apart: kinds of symbol classes and, with the number `edge`, the edge of the text. */
export interface Contexts {
  readonly count: number;
  readonly edge: number;
  /** The context that a class makes for its neighbours. */
  readonly ofClass: Int32Array;
}

export interface PositionAutomaton {
  readonly alphabet: Alphabet;
  readonly contexts: Contexts;
  readonly start: number;
  readonly end: number;
  /** The text may go on in any way behind the end, though no state reads it; only where there is lookaround. */
  readonly endsAnywhere: boolean;
  /** What a state reads, undefined for none: classes, and the state after them. */
  readonly reads: readonly ({ readonly classes: readonly number[]; readonly to: number } | undefined)[];
  readonly epsilons: readonly (readonly number[])[];
  readonly guards: readonly (readonly Guard[])[];
  /** The parts of lookaround, inner ones first, and each state's guards of this kind. */
  readonly parts: readonly LookPart[];
  readonly lookGuards: readonly (readonly LookGuard[])[];
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
  const { read, seen } = collectSets(node);
  const alphabet = new Alphabet([ALL, ...read, ...seen], limits);
  const contexts = contextsOf(alphabet, seen);
  const builder = new PositionBuilder(alphabet, contexts, limits);
  const start = builder.state();
  const first = search ? builder.any(start) : start;
  const last = builder.build(node, first);
  const { reads, epsilons, guards, parts, lookGuards } = builder;
  const endsAnywhere = search && parts.length > 0;
  const end = search && !endsAnywhere ? builder.any(last) : last;
  return { alphabet, contexts, start, end, endsAnywhere, reads, epsilons, guards, parts, lookGuards };
}

/** Sets that are read, and sets that assertions look for. */
function collectSets(root: RegexNode): { read: Intervals[]; seen: Intervals[] } {
  const read: Intervals[] = [];
  const seen: Intervals[] = [];
  addSets(root, read, seen);
  return { read, seen };
}

function addSets(node: RegexNode, read: Intervals[], seen: Intervals[]): void {
  switch (node.kind) {
    case 'set':
      read.push(node.set);
      break;
    case 'assertion':
      for (const sides of node.sides) for (const side of sides) seen.push(side.set);
      break;
    case 'repeat':
      addSets(node.item, read, seen);
      break;
    case 'look':
      addSets(node.body, read, seen);
      break;
    case 'sequence':
      for (const item of node.items) addSets(item, read, seen);
      break;
    case 'choice':
      for (const option of node.options) addSets(option, read, seen);
  }
}

/** Classes that are in the same of the sets make one context. */
function contextsOf(alphabet: Alphabet, sets: readonly Intervals[]): Contexts {
  const { size } = alphabet;
  const ofClass = new Int32Array(size);
  let count = Math.min(size, 1);
  const known = new Set<readonly number[]>();
  for (const set of sets) {
    const classes = alphabet.classesOf(set);
    if (known.has(classes)) continue;
    known.add(classes);
    count = divide(ofClass, classes, count);
  }
  return { count: count + 1, edge: count, ofClass };
}

/** Divides `count` kinds of classes by whether these are among them; kinds are numbered as they first come. */
function divide(ofClass: Int32Array, inside: readonly number[], count: number): number {
  const isInside = new Uint8Array(ofClass.length);
  for (const cls of inside) isInside[cls] = 1;
  const renamed = new Int32Array(2 * count).fill(-1);
  let kinds = 0;
  for (let cls = 0; cls < ofClass.length; cls++) {
    const kind = 2 * ofClass[cls] + isInside[cls];
    if (renamed[kind] < 0) renamed[kind] = kinds++;
    ofClass[cls] = renamed[kind];
  }
  return kinds;
}

/** Such a node holds or fails where it stands, as often as it is repeated. */
function readsNothing(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.items.every(readsNothing);
    case 'choice':
      return node.options.every(readsNothing);
    case 'repeat':
      return node.max === 0 || readsNothing(node.item);
    case 'assertion':
    case 'look':
      return true;
  }
}

class PositionBuilder {
  readonly reads: ({ classes: readonly number[]; to: number } | undefined)[] = [];
  readonly epsilons: number[][] = [];
  readonly guards: Guard[][] = [];
  readonly parts: LookPart[] = [];
  readonly lookGuards: LookGuard[][] = [];
  readonly #partOf = new Map<RegexNode, number>();
  readonly #alphabet: Alphabet;
  readonly #contexts: Contexts;
  readonly #maxStates: number;
  readonly #tables = new Map<Assertion['sides'], Uint8Array>();

  constructor(alphabet: Alphabet, contexts: Contexts, limits: AutomatonLimits | undefined) {
    this.#alphabet = alphabet;
    this.#contexts = contexts;
    this.#maxStates = limits?.maxStates ?? DEFAULT_MAX_STATES;
  }

  state(): number {
    if (this.reads.length > this.#maxStates * STATES_PER_STATE)
      throw new LimitError('maxStates', this.#maxStates, 'a regular expression repeats too much');
    this.reads.push(undefined);
    this.epsilons.push([]);
    this.lookGuards.push([]);
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
      case 'sequence': {
        let at = from;
        for (const item of node.items) at = this.build(item, at);
        return at;
      }
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
      case 'look': {
        const part = this.#part(node);
        const to = this.state();
        this.lookGuards[from].push({ part, negate: node.negate, to });
        return to;
      }
    }
  }

  #repeat(item: RegexNode, min: number, max: number, from: number): number {
    if (readsNothing(item)) return min === 0 ? from : this.build(item, from);
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

  #part({ body, behind }: Look): number {
    let index = this.#partOf.get(body);
    if (index === undefined) {
      const start = this.state();
      const end = this.build(body, start);
      index = this.parts.push({ behind, start, end }) - 1;
      this.#partOf.set(body, index);
    }
    return index;
  }

  #table(sides: Assertion['sides']): Uint8Array {
    let allowed = this.#tables.get(sides);
    if (!allowed) {
      const { count } = this.#contexts;
      allowed = new Uint8Array(count * count);
      for (const [before, after] of sides)
        for (const left of this.#contextsOf(before))
          for (const right of this.#contextsOf(after)) allowed[left * count + right] = 1;
      this.#tables.set(sides, allowed);
    }
    return allowed;
  }

  #contextsOf({ set, edge: atEdge }: Side): ReadonlySet<number> {
    const { edge, ofClass } = this.#contexts;
    const found = new Set<number>();
    for (const cls of this.#alphabet.classesOf(set)) found.add(ofClass[cls]);
    if (atEdge) found.add(edge);
    return found;
  }
}
