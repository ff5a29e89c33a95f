// What a machine comes to without reading: every edge that reads nothing, followed to a fixed point.
import { LimitError } from '../errors.js';
import { type Configuration, sortConfigurations } from './configuration-set.js';
import { kindsOfStates } from './edge-tables.js';
import { EDGE_WORDS, EdgeKind, readsByte } from './edges.js';
import { jsonValueKey } from './json-values.js';
import { ACCEPT_STATE, type Pda } from './pda.js';
import type { Frame, StackSet, StackTable } from './stacks.js';
import { passesCheck } from './text-checks.js';
import {
  isSpelledLikeOne,
  KNOWN_VALUE,
  NEW_VALUE,
  type Track,
  type TrackTable,
  trackedBytes,
} from './tracks.js';

/** Closures after which the marks of epochs are cleared. */
const MAX_EPOCH = 0x7fffffff;
/** Configurations that a closure takes up, new ones and those whose stacks grow, for each that it may hold. */
const MAX_TAKEN_UP = 16;

/** Edges that begin or end what a track holds. */
const TRACKING: ReadonlySet<number> = new Set([
  EdgeKind.begin,
  EdgeKind.distinct,
  EdgeKind.capture,
  EdgeKind.known,
  EdgeKind.verify,
]);

export interface Closed {
  /** Those that can read, in ascending order. */
  readonly reading: Configuration[];
  readonly accepting: boolean;
}

export class Closures {
  readonly #pda: Pda;
  readonly #stacks: StackTable;
  readonly #tracks: TrackTable;
  readonly #maxConfigurations: number;
  /** By state: 1 where an edge reads a byte or a token. */
  readonly #reads: Uint8Array;
  /** By state: 1 where all its edges read a byte, and there is one. */
  readonly #isPlain: Uint8Array;
  /** By state the last of its entries in `#held`, where the epoch is this closure's. */
  readonly #heldOf: Int32Array;
  readonly #heldEpoch: Int32Array;
  readonly #held: Configuration[] = [];
  /** By entry in `#held`: another of the same state with another track, or -1. */
  readonly #heldNext: number[] = [];
  readonly #work: Configuration[] = [];
  #heldCount = 0;
  #workCount = 0;
  #epoch = 0;
  #budget = 0;

  constructor(pda: Pda, stacks: StackTable, tracks: TrackTable, maxConfigurations: number) {
    this.#pda = pda;
    this.#stacks = stacks;
    this.#tracks = tracks;
    this.#maxConfigurations = maxConfigurations;
    ({ reads: this.#reads, isPlain: this.#isPlain } = kindsOfStates(pda));
    this.#heldOf = new Int32Array(pda.stateCount);
    this.#heldEpoch = new Int32Array(pda.stateCount);
  }

  /** Whether these are closed as they are: one configuration that only reads, as inside literals and lexemes. */
  areClosed(configurations: readonly Configuration[]): boolean {
    return (
      configurations.length === 1 &&
      this.#isPlain[configurations[0].state] === 1 &&
      configurations[0].track === undefined
    );
  }

  /**
   * What `from` comes to. Each configuration is taken up once per new stack.
   * @throws LimitError `maxConfigurations`
   */
  close(from: readonly Configuration[]): Closed {
    if (++this.#epoch === MAX_EPOCH) {
      this.#heldEpoch.fill(0);
      this.#epoch = 1;
    }
    this.#heldCount = 0;
    this.#workCount = 0;
    this.#budget = this.#maxConfigurations * MAX_TAKEN_UP;
    for (let i = 0; i < from.length; i++) this.#add(from[i].state, from[i].stack, from[i].track);
    while (this.#workCount > 0) this.#follow(this.#work[--this.#workCount]);
    let accepting = false;
    const reading: Configuration[] = [];
    for (let i = 0; i < this.#heldCount; i++) {
      const configuration = this.#held[i];
      if (configuration.state === ACCEPT_STATE) accepting = true;
      if (this.#reads[configuration.state]) reading.push(configuration);
    }
    sortConfigurations(reading);
    return { reading, accepting };
  }

  /** Holds a configuration of the closure, and takes it up if it is new and can do other than read. */
  #add(state: number, stack: StackSet, track: Track | undefined): void {
    if (stack.frames.length === 0 && state !== ACCEPT_STATE) return;
    if (this.#heldEpoch[state] !== this.#epoch) {
      this.#heldEpoch[state] = this.#epoch;
      this.#heldOf[state] = -1;
    }
    let at = this.#heldOf[state];
    while (at >= 0 && this.#held[at].track !== track) at = this.#heldNext[at];
    const configuration = { state, stack, track };
    if (at < 0) {
      this.#held[this.#heldCount] = configuration;
      this.#heldNext[this.#heldCount] = this.#heldOf[state];
      this.#heldOf[state] = this.#heldCount++;
    } else {
      const before = this.#held[at].stack;
      const after = this.#stacks.merge(before, stack);
      if (before === after) return;
      this.#held[at] = { state, stack: after, track };
    }
    if (!this.#isPlain[state]) this.#work[this.#workCount++] = configuration;
    if (this.#heldCount > this.#maxConfigurations || --this.#budget < 0)
      throw new LimitError('maxConfigurations', this.#maxConfigurations, 'the grammar is too ambiguous here');
  }

  #follow({ state: from, stack, track }: Configuration): void {
    const { edges, edgeStart } = this.#pda;
    const end = edgeStart[from + 1] * EDGE_WORDS;
    for (let at = edgeStart[from] * EDGE_WORDS; at < end; at += EDGE_WORDS) {
      const kind = edges[at];
      const to = edges[at + 3];
      if (kind === EdgeKind.epsilon) this.#add(to, stack, track);
      else if (kind === EdgeKind.call) this.#add(edges[at + 1], this.#stacks.push(to, stack), track);
      else if (kind === EdgeKind.return)
        for (const frame of stack.frames) this.#add(frame.returnTo, frame.parents, track);
      else if (TRACKING.has(kind)) this.#followTrack(kind, edges[at + 1], to, stack, track);
      else if (!readsByte(kind) && kind !== EdgeKind.token)
        this.#add(to, this.#operate(kind, edges[at + 1], edges[at + 2], stack), track);
    }
  }

  /** Begins or ends a tracked value or a captured text. */
  #followTrack(kind: number, a: number, to: number, stack: StackSet, track: Track | undefined): void {
    switch (kind) {
      case EdgeKind.begin:
        for (const frame of stack.frames) {
          const alone = this.#stacks.filter(stack, (other) => other === frame);
          const goal = a === 1 ? KNOWN_VALUE : NEW_VALUE;
          this.#add(to, alone, this.#tracks.begin(track, goal, frame.registers.known));
        }
        return;
      case EdgeKind.distinct: {
        if (track?.goal !== NEW_VALUE) return;
        const text = trackedBytes(track);
        this.#add(to, this.#stacks.learn(stack, { key: jsonValueKey(text), text }), track.outer);
        return;
      }
      case EdgeKind.capture:
        this.#add(to, stack, this.#tracks.capture(track, a));
        return;
      case EdgeKind.known:
        if (track?.goal === KNOWN_VALUE && isSpelledLikeOne(track)) this.#add(to, stack, track.outer);
        return;
      default:
        if (track?.goal === a && passesCheck(this.#pda.checks[a], trackedBytes(track)))
          this.#add(to, stack, track.outer);
    }
  }

  /** The stacks whose top frame passes an operation on its registers, with what it changes. */
  #operate(kind: number, a: number, b: number, stack: StackSet): StackSet {
    const stacks = this.#stacks;
    switch (kind) {
      case EdgeKind.count:
        return stacks.recount(stack, (count) => (count < a ? count + 1 : b === 1 ? a : -1));
      case EdgeKind.check:
        return stacks.recount(stack, (count) => (count >= a ? 0 : -1));
      case EdgeKind.atLeast:
        return stacks.filter(stack, (frame) => frame.count >= a);
      case EdgeKind.mark:
        return stacks.mark(stack, a);
      case EdgeKind.room:
        return stacks.filter(stack, (frame) => !allMarked(frame, a, b));
      default:
        return stacks.filter(stack, (frame) => allMarked(frame, a, b));
    }
  }
}

function allMarked({ registers }: Frame, from: number, to: number): boolean {
  const wanted = ((1n << BigInt(to - from)) - 1n) << BigInt(from);
  return (registers.marks & wanted) === wanted;
}
