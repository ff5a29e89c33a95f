// Stacks of frames and the registers in them, interned: equal ones are the same object.
//
// Stacks are graph-structured (Tomita 1985): a StackSet is a set of frames, and a frame's `parents` is a StackSet again,
// so stacks that agree in their upper frames are held once. Frames with the same return state and registers are merged;
// thus an ambiguous grammar costs polynomial space, and nearly every JSON grammar has one frame per set.
import { LimitError } from '../errors.js';
import { mix } from './mix.js';

/** One JSON value that `distinct` has let pass. */
export interface KnownValue {
  /** Equal for equal values: {@link jsonValueKey}. */
  readonly key: string;
  /** How it was spelled. */
  readonly text: Uint8Array;
}

/** Values in ascending order of their keys. */
export interface ValueSet {
  readonly id: number;
  readonly values: readonly KnownValue[];
}

/** What a frame holds beside its counter. */
export interface Registers {
  readonly id: number;
  /** Bit i is set when i was marked. */
  readonly marks: bigint;
  readonly known: ValueSet;
}

export interface Frame {
  readonly id: number;
  readonly returnTo: number;
  readonly count: number;
  readonly registers: Registers;
  readonly parents: StackSet;
  /** The next frame of the same hash. */
  readonly alike: Frame | undefined;
  /** The stack of this frame alone, once somebody asked. */
  alone: StackSet | undefined;
}

/** Frames in ascending order of (returnTo, count, registers); no two share all three. */
export interface StackSet {
  readonly id: number;
  readonly frames: readonly Frame[];
  /** The next stack of the same hash. */
  readonly alike: StackSet | undefined;
}

export const NO_STACK: StackSet = { id: 0, frames: [], alike: undefined };
/** No value at all. */
export const NO_VALUES: ValueSet = { id: 0, values: [] };
/** The registers of a new frame. */
export const NO_REGISTERS: Registers = { id: 0, marks: 0n, known: NO_VALUES };
/** How far below their tops two ambiguous stacks are compared when they are merged. */
const MAX_MERGE_DEPTH = 2000;

/** States from here on are pushed without `#pushed`. */
const MAX_PUSHED = 2 ** 21;

/** The frames, stacks and registers of one machine. */
export class StackTable {
  readonly #nextId: () => number;
  /** By hash the last one; the others by `alike`. */
  readonly #frames = new Map<number, Frame>();
  /** Of more than one frame, as `#frames`. */
  readonly #stacks = new Map<number, StackSet>();
  #size = 0;
  /** What {@link push} answered, by parents and state: a number is found faster than the text of a frame. */
  readonly #pushed = new Map<number, StackSet>();
  readonly #merged = new Map<StackSet, Map<StackSet, StackSet>>();
  readonly #registers = new Map<string, Registers>();
  readonly #valueSets = new Map<string, ValueSet>();

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#size + this.#registers.size + this.#valueSets.size;
  }

  /** Forgets all; what is made from now on is equal to nothing from before. */
  clear(): void {
    this.#size = 0;
    const tables = [this.#frames, this.#stacks, this.#pushed, this.#merged, this.#registers, this.#valueSets];
    for (const table of tables) table.clear();
  }

  /** The stack with a fresh frame on top of `parents`. */
  push(returnTo: number, parents: StackSet): StackSet {
    const key = parents.id * MAX_PUSHED + returnTo;
    const fits = returnTo < MAX_PUSHED && Number.isSafeInteger(key);
    const known = fits ? this.#pushed.get(key) : undefined;
    if (known) return known;
    const pushed = this.#stack([this.#frame(returnTo, 0, NO_REGISTERS, parents)]);
    if (fits) this.#pushed.set(key, pushed);
    return pushed;
  }

  /** The union of two sets of stacks; frames alike but for their parents are merged, parents and all. */
  merge(a: StackSet, b: StackSet, depth = 0): StackSet {
    if (a === b || b.frames.length === 0) return a;
    if (a.frames.length === 0) return b;
    if (depth > MAX_MERGE_DEPTH)
      throw new LimitError(
        'MAX_MERGE_DEPTH',
        MAX_MERGE_DEPTH,
        'ambiguous stacks differ too deep below their tops',
      );
    const others = remember(this.#merged, a, () => new Map<StackSet, StackSet>());
    return remember(others, b, () => this.#mergeFrames(a, b, depth));
  }

  /** The stacks with every top frame's counter changed; frames for which `change` gives -1 are left out. */
  recount(stack: StackSet, change: (count: number) => number): StackSet {
    return this.#change(stack, (frame) => {
      const count = change(frame.count);
      return count < 0 ? undefined : { count, registers: frame.registers };
    });
  }

  /** The stacks whose top frame has not marked `bit`, with it marked. */
  mark(stack: StackSet, bit: number): StackSet {
    const mask = 1n << BigInt(bit);
    return this.#change(stack, ({ count, registers }) =>
      registers.marks & mask
        ? undefined
        : { count, registers: this.#registersOf(registers.marks | mask, registers.known) },
    );
  }

  /** The stacks whose top frame passes `test`, as they are. */
  filter(stack: StackSet, test: (frame: Frame) => boolean): StackSet {
    const kept = stack.frames.filter(test);
    return kept.length === stack.frames.length ? stack : this.#stack(kept);
  }

  /** The stacks whose top frame does not know `value`, with it known. */
  learn(stack: StackSet, value: KnownValue): StackSet {
    return this.#change(stack, ({ count, registers: { marks, known } }) => {
      if (known.values.some(({ key }) => key === value.key)) return undefined;
      const values = [...known.values, value].sort((a, b) => (a.key < b.key ? -1 : 1));
      return { count, registers: this.#registersOf(marks, this.#valueSet(values)) };
    });
  }

  #change(
    stack: StackSet,
    change: (frame: Frame) => Pick<Frame, 'count' | 'registers'> | undefined,
  ): StackSet {
    let result = NO_STACK;
    for (const frame of stack.frames) {
      const changed = change(frame);
      if (!changed) continue;
      const next = this.#frame(frame.returnTo, changed.count, changed.registers, frame.parents);
      result = this.merge(result, this.#stack([next]));
    }
    return result;
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
          x === y
            ? x
            : this.#frame(x.returnTo, x.count, x.registers, this.merge(x.parents, y.parents, depth + 1)),
        );
      }
    }
    return this.#stack(frames);
  }

  #frame(returnTo: number, count: number, registers: Registers, parents: StackSet): Frame {
    const hash = mix(mix(mix(mix(0, returnTo), count), registers.id), parents.id);
    const last = this.#frames.get(hash);
    for (let known = last; known; known = known.alike)
      if (
        known.returnTo === returnTo &&
        known.count === count &&
        known.registers === registers &&
        known.parents === parents
      )
        return known;
    const id = this.#nextId();
    const frame: Frame = { id, returnTo, count, registers, parents, alike: last, alone: undefined };
    this.#frames.set(hash, frame);
    this.#size++;
    return frame;
  }

  #stack(frames: readonly Frame[]): StackSet {
    if (frames.length === 0) return NO_STACK;
    if (frames.length === 1) return (frames[0].alone ??= this.#newStack(frames, undefined));
    let hash = 0;
    for (const { id } of frames) hash = mix(hash, id);
    const last = this.#stacks.get(hash);
    for (let known = last; known; known = known.alike)
      if (known.frames.length === frames.length && known.frames.every((frame, i) => frame === frames[i]))
        return known;
    const stack = this.#newStack(frames, last);
    this.#stacks.set(hash, stack);
    return stack;
  }

  #newStack(frames: readonly Frame[], alike: StackSet | undefined): StackSet {
    this.#size++;
    return { id: this.#nextId(), frames, alike };
  }

  #registersOf(marks: bigint, known: ValueSet): Registers {
    const key = `${marks.toString(16)},${known.id}`;
    return remember(this.#registers, key, () => ({ id: this.#nextId(), marks, known }));
  }

  #valueSet(values: readonly KnownValue[]): ValueSet {
    const key = JSON.stringify(values.map((value) => [value.key, [...value.text]]));
    return remember(this.#valueSets, key, () => ({ id: this.#nextId(), values }));
  }
}

/** The value of `key` in a table of interned objects, made when first asked for. */
export function remember<K, V>(table: Map<K, V>, key: K, create: () => V): V {
  let value = table.get(key);
  if (value === undefined) {
    value = create();
    table.set(key, value);
  }
  return value;
}

function compareFrames(a: Frame | undefined, b: Frame | undefined): number {
  if (!a) return 1;
  if (!b) return -1;
  return a.returnTo - b.returnTo || a.count - b.count || a.registers.id - b.registers.id;
}
