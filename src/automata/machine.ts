// Runs a pushdown automaton on bytes: sets of configurations, their closure and their steps. Knows no vocabulary.
// This is the plain definition that the native matcher is held to; nothing here depends on the memo being on.
//
// A configuration is (state, stack). Stacks are graph-structured (Tomita 1985): a StackSet is a set of frames, and a
// frame's `parents` is a StackSet again, so stacks that agree in their upper frames are held once. Frames with the same
// return state and count are merged; thus an ambiguous grammar costs polynomial space, and nearly every JSON grammar has
// one frame per set.
import { LimitError } from '../errors.js';
import { ACCEPT_STATE, EDGE_WORDS, EdgeKind, type Pda } from './pda.js';

interface Frame {
  readonly id: number;
  readonly returnTo: number;
  readonly count: number;
  readonly parents: StackSet;
}

/** Frames in ascending order of (returnTo, count); no two share both. */
interface StackSet {
  readonly id: number;
  readonly frames: readonly Frame[];
}

/**
 * A closed set of configurations: those that can read a byte or accept. Interned: while the memo is on, equal sets are
 * the same object.
 */
export interface ConfigurationSet {
  readonly id: number;
  /** Ascending; one entry per state. */
  readonly states: readonly number[];
  /** @internal */
  readonly stacks: readonly StackSet[];
  /** Whether what was read so far is a whole sentence. */
  readonly accepting: boolean;
  /** Remembered steps: by byte; undefined: not yet taken, null: refused. */
  readonly next: (ConfigurationSet | null | undefined)[];
}

export interface MachineOptions {
  /** Most configurations in one set; default 4,096. */
  readonly maxConfigurations?: number;
  /** Most sets, frames and stacks remembered before the memory is dropped and begun anew; default 200,000. */
  readonly maxRemembered?: number;
  /** Remember steps and share equal sets; default true. Off, every answer is computed afresh. */
  readonly memo?: boolean;
}

const NO_STACK: StackSet = { id: 0, frames: [] };
/** How far below their tops two ambiguous stacks are compared when they are merged. */
const MAX_MERGE_DEPTH = 2000;

/** The automaton in motion. One per grammar; any number of matchers share it. */
export class Machine {
  readonly pda: Pda;
  readonly start: ConfigurationSet;
  readonly #maxConfigurations: number;
  readonly #maxRemembered: number;
  readonly #memo: boolean;
  #nextId = 1;
  #frames = new Map<string, Frame>();
  #stacks = new Map<string, StackSet>();
  #merged = new Map<string, StackSet>();
  #sets = new Map<string, ConfigurationSet>();

  constructor(pda: Pda, options: MachineOptions = {}) {
    this.pda = pda;
    this.#maxConfigurations = options.maxConfigurations ?? 4096;
    this.#maxRemembered = options.maxRemembered ?? 200_000;
    this.#memo = options.memo ?? true;
    const bottom = this.#stack([this.#frame(ACCEPT_STATE, 0, NO_STACK)]);
    this.start = this.#close([[pda.start, bottom]]) ?? this.#intern([], [], false);
  }

  /**
   * The set after one more byte, or null when no configuration can read it.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous.
   */
  step(from: ConfigurationSet, byte: number): ConfigurationSet | null {
    const known = from.next[byte];
    if (known !== undefined) return known;
    const { edges, edgeStart } = this.pda;
    const reached: [number, StackSet][] = [];
    from.states.forEach((state, i) => {
      for (let at = edgeStart[state] * EDGE_WORDS; at < edgeStart[state + 1] * EDGE_WORDS; at += EDGE_WORDS)
        if (edges[at] === EdgeKind.bytes && edges[at + 1] <= byte && byte <= edges[at + 2])
          reached.push([edges[at + 3], from.stacks[i]]);
    });
    const result = reached.length === 0 ? null : this.#close(reached);
    if (this.#memo) from.next[byte] = result;
    return result;
  }

  /** The byte that must come next, or -1 when there is a choice, including that of ending here. */
  forcedByte(set: ConfigurationSet): number {
    if (set.accepting) return -1;
    const { edges, edgeStart } = this.pda;
    let forced = -1;
    for (const state of set.states)
      for (let at = edgeStart[state] * EDGE_WORDS; at < edgeStart[state + 1] * EDGE_WORDS; at += EDGE_WORDS) {
        if (edges[at] !== EdgeKind.bytes) continue;
        if (edges[at + 1] !== edges[at + 2] || (forced !== -1 && forced !== edges[at + 1])) return -1;
        forced = edges[at + 1];
      }
    return forced;
  }

  /** Follows every edge that reads nothing, to a fixed point. Each pair is taken up once per new stack. */
  #close(from: readonly (readonly [number, StackSet])[]): ConfigurationSet | null {
    const { edges, edgeStart } = this.pda;
    const held = new Map<number, StackSet>();
    const work: [number, StackSet][] = [];
    let budget = this.#maxConfigurations * 16;
    const add = (state: number, stack: StackSet) => {
      const before = held.get(state);
      const after = before ? this.#merge(before, stack) : stack;
      if (before && sameStack(before, after)) return;
      held.set(state, after);
      work.push([state, stack]);
      if (held.size > this.#maxConfigurations || --budget < 0)
        throw new LimitError(
          'maxConfigurations',
          this.#maxConfigurations,
          'the grammar is too ambiguous here',
        );
    };
    for (const [state, stack] of from) add(state, stack);
    for (let item = work.pop(); item; item = work.pop()) {
      const [state, stack] = item;
      for (let at = edgeStart[state] * EDGE_WORDS; at < edgeStart[state + 1] * EDGE_WORDS; at += EDGE_WORDS) {
        const a = edges[at + 1];
        const to = edges[at + 3];
        switch (edges[at]) {
          case EdgeKind.epsilon:
            add(to, stack);
            break;
          case EdgeKind.call:
            add(a, this.#stack([this.#frame(to, 0, stack)]));
            break;
          case EdgeKind.return:
            for (const frame of stack.frames) add(frame.returnTo, frame.parents);
            break;
          case EdgeKind.count: {
            const counted = this.#count(stack, a, edges[at + 2] === 1);
            if (counted.frames.length > 0) add(to, counted);
            break;
          }
          case EdgeKind.check: {
            const passed = this.#recount(stack, (count) => (count >= a ? 0 : -1));
            if (passed.frames.length > 0) add(to, passed);
            break;
          }
        }
      }
    }
    return this.#keepReading(held);
  }

  #keepReading(held: Map<number, StackSet>): ConfigurationSet | null {
    const { edges, edgeStart } = this.pda;
    const reads = (state: number) => {
      for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++)
        if (edges[edge * EDGE_WORDS] === EdgeKind.bytes) return true;
      return false;
    };
    const states = [...held.keys()].filter(reads).sort((a, b) => a - b);
    const accepting = held.has(ACCEPT_STATE);
    if (states.length === 0 && !accepting) return null;
    return this.#intern(
      states,
      states.map((state) => held.get(state) as StackSet),
      accepting,
    );
  }

  #count(stack: StackSet, limit: number, saturates: boolean): StackSet {
    return this.#recount(stack, (count) => (count < limit ? count + 1 : saturates ? limit : -1));
  }

  /** The stack with every top frame's counter changed; frames for which `change` gives -1 are left out. */
  #recount(stack: StackSet, change: (count: number) => number): StackSet {
    let result = NO_STACK;
    for (const frame of stack.frames) {
      const count = change(frame.count);
      if (count < 0) continue;
      result = this.#merge(result, this.#stack([this.#frame(frame.returnTo, count, frame.parents)]));
    }
    return result;
  }

  /** The union of two sets of stacks; frames with the same return state and count are merged, parents and all. */
  #merge(a: StackSet, b: StackSet, depth = 0): StackSet {
    if (sameStack(a, b) || b.frames.length === 0) return a;
    if (a.frames.length === 0) return b;
    if (depth > MAX_MERGE_DEPTH)
      throw new LimitError(
        'MAX_MERGE_DEPTH',
        MAX_MERGE_DEPTH,
        'ambiguous stacks differ too deep below their tops',
      );
    return remember(this.#merged, `${a.id},${b.id}`, () => this.#mergeFrames(a, b, depth));
  }

  #mergeFrames(a: StackSet, b: StackSet, depth: number): StackSet {
    const frames: Frame[] = [];
    let i = 0;
    let j = 0;
    while (i < a.frames.length || j < b.frames.length) {
      const order = compareFrames(a.frames[i], b.frames[j]);
      if (order < 0) frames.push(a.frames[i++]);
      else if (order > 0) frames.push(b.frames[j++]);
      else {
        const [x, y] = [a.frames[i++], b.frames[j++]];
        frames.push(
          x.id === y.id ? x : this.#frame(x.returnTo, x.count, this.#merge(x.parents, y.parents, depth + 1)),
        );
      }
    }
    return this.#stack(frames);
  }

  // Stacks and frames are always interned: merging compares them by identity. Only steps and sets heed the memo option.
  #frame(returnTo: number, count: number, parents: StackSet): Frame {
    return remember(this.#frames, `${returnTo},${count},${parents.id}`, () => ({
      id: this.#nextId++,
      returnTo,
      count,
      parents,
    }));
  }

  #stack(frames: readonly Frame[]): StackSet {
    const key = frames.map((frame) => frame.id).join();
    return remember(this.#stacks, key, () => ({ id: this.#nextId++, frames }));
  }

  #intern(states: readonly number[], stacks: readonly StackSet[], accepting: boolean): ConfigurationSet {
    const create = () => ({ id: this.#nextId++, states, stacks, accepting, next: [] });
    if (!this.#memo) return create();
    if (this.#sets.size + this.#frames.size + this.#stacks.size > this.#maxRemembered) this.#forget();
    const key = `${accepting ? 1 : 0};${states.join()};${stacks.map((stack) => stack.id).join()}`;
    return remember(this.#sets, key, create);
  }

  /** Begins the tables anew. Sets that matchers hold stay valid; they merely stop being shared with new ones. */
  #forget(): void {
    this.#frames = new Map();
    this.#stacks = new Map();
    this.#merged = new Map();
    this.#sets = new Map();
    if (this.start) this.start.next.length = 0;
  }
}

function remember<K, V>(table: Map<K, V>, key: K, create: () => V): V {
  let value = table.get(key);
  if (value === undefined) {
    value = create();
    table.set(key, value);
  }
  return value;
}

function sameStack(a: StackSet, b: StackSet): boolean {
  return a.id === b.id;
}

function compareFrames(a: Frame | undefined, b: Frame | undefined): number {
  if (!a) return 1;
  if (!b) return -1;
  return a.returnTo - b.returnTo || a.count - b.count;
}
