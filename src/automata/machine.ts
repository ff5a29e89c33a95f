// Runs a pushdown automaton on bytes: sets of configurations, their closure and their steps. Knows no vocabulary.
// The native matcher is held to it. Its shortcuts (steps by class of bytes, closures that are not needed) change no verdict.
//
// A configuration is (state, stack, track): where it is, what it returns to (stacks.ts), and which JSON values it is in
// the middle of that must differ from earlier ones, or texts that must pass a check (tracks.ts; none in nearly every grammar).
import { LimitError } from '../errors.js';
import type { ByteMachine } from './byte-machine.js';
import { byteClasses, kindsOfStates } from './edge-tables.js';
import { jsonValueKey } from './json-values.js';
import { ACCEPT_STATE, EDGE_WORDS, EdgeKind, type Pda, readsByte } from './pda.js';
import { possibleBytes } from './possible-bytes.js';
import { type Frame, NO_STACK, type StackSet, StackTable } from './stacks.js';
import { mayPassCheck, passesCheck } from './text-checks.js';
import {
  isSpelledLikeOne,
  KNOWN_VALUE,
  NEW_VALUE,
  type Track,
  TrackTable,
  trackAt,
  trackedBytes,
} from './tracks.js';

/** Where a machine is: a state, the stacks above it, and what is tracked. */
export interface Configuration {
  readonly state: number;
  readonly stack: StackSet;
  readonly track: Track | undefined;
}

/**
 * A closed set of configurations: those that can read something or accept. Interned: while the memo is on, equal sets are
 * the same object.
 */
export interface ConfigurationSet {
  readonly id: number;
  /** @internal In ascending order of state, then track; one entry for each pair of them. */
  readonly configurations: readonly Configuration[];
  /** The states of the configurations, ascending. */
  readonly states: readonly number[];
  /** Whether what was read so far is a whole sentence. */
  readonly accepting: boolean;
  /** @internal The step that was taken first, by its column; most sets know no other. Undefined: none; null: refused. */
  firstColumn: number;
  firstStep: ConfigurationSet | null;
  /** @internal The other remembered steps: by class of bytes, where something is tracked by byte. */
  next: (ConfigurationSet | null | undefined)[] | null;
  /** @internal Whether some configuration has a track: steps then differ by byte, not only by class. */
  readonly tracked: boolean;
  /** @internal The bytes that some edge reads, as {@link Machine.readable} found them. */
  readable: Int32Array | null;
}

interface Held {
  configuration: Configuration;
  /** Of the same state with another track, or -1. */
  readonly next: number;
}

/** Closures after which the marks of epochs are cleared. */
const MAX_EPOCH = 0x7fffffff;

/** Edges that begin or end what a track holds. */
const TRACKING: ReadonlySet<number> = new Set([
  EdgeKind.begin,
  EdgeKind.distinct,
  EdgeKind.capture,
  EdgeKind.known,
  EdgeKind.verify,
]);

export interface MachineOptions {
  /** Most configurations in one set; default 4,096. */
  readonly maxConfigurations?: number;
  /** Most sets, frames and stacks remembered before the memory is dropped and begun anew; default 200,000. */
  readonly maxRemembered?: number;
  /** Remember steps and share equal sets; default true. Off, every answer is computed afresh. */
  readonly memo?: boolean;
}

/** The automaton in motion. One per grammar; any number of matchers share it. */
export class Machine implements ByteMachine<ConfigurationSet> {
  readonly pda: Pda;
  readonly start: ConfigurationSet;
  readonly #maxConfigurations: number;
  readonly #maxRemembered: number;
  readonly #memo: boolean;
  /** By byte: bytes of one class are read alike by every edge. */
  readonly #classOf: Uint8Array;
  readonly #classCount: number;
  /** By state: 1 where an edge reads a byte or a token. */
  readonly #reads: Uint8Array;
  /** By state: 1 where all its edges read a byte, and there is one. */
  readonly #isPlain: Uint8Array;
  #ids = 1;
  readonly #nextId = () => this.#ids++;
  #stacks = new StackTable(this.#nextId);
  #tracks = new TrackTable(this.#nextId);
  /** The closure at work: by state the last of its entries in `#held`, where the epoch is this one's. */
  readonly #heldOf: Int32Array;
  readonly #heldEpoch: Int32Array;
  readonly #held: Held[] = [];
  readonly #work: Configuration[] = [];
  #heldCount = 0;
  #workCount = 0;
  #epoch = 0;
  #budget = 0;
  #sets = new Map<string, ConfigurationSet>();
  /** Sets of one configuration that neither accepts nor tracks: by stack and state. */
  #singles = new Map<number, ConfigurationSet>();
  /** What {@link enter} answered, by stack and state. */
  #entered = new Map<number, ConfigurationSet | null>();

  constructor(pda: Pda, options: MachineOptions = {}) {
    this.pda = pda;
    this.#maxConfigurations = options.maxConfigurations ?? 4096;
    this.#maxRemembered = options.maxRemembered ?? 200_000;
    this.#memo = options.memo ?? true;
    ({ classOf: this.#classOf, classCount: this.#classCount } = byteClasses(pda));
    ({ reads: this.#reads, isPlain: this.#isPlain } = kindsOfStates(pda));
    this.#heldOf = new Int32Array(pda.stateCount);
    this.#heldEpoch = new Int32Array(pda.stateCount);
    const bottom = this.#stacks.push(ACCEPT_STATE, NO_STACK);
    const first = { state: pda.start, stack: bottom, track: undefined };
    this.start = this.#settle([first]) ?? this.#intern([], false);
  }

  /**
   * The set after one more byte, or null when no configuration can read it.
   * @throws LimitError `maxConfigurations` when the grammar is too ambiguous.
   */
  step(from: ConfigurationSet, byte: number): ConfigurationSet | null {
    const column = from.tracked ? byte : this.#classOf[byte];
    if (from.firstColumn === column) return from.firstStep;
    const known = from.next?.[column];
    if (known !== undefined) return known;
    const reached: Configuration[] = [];
    for (const configuration of from.configurations) this.#read(configuration, byte, reached);
    // What most steps come to, inside literals and lexemes, is closed already.
    const isClosed =
      reached.length === 1 && this.#isPlain[reached[0].state] === 1 && reached[0].track === undefined;
    const result = isClosed ? this.#intern(reached, false) : this.#settle(reached);
    if (this.#memo) this.#remember(from, column, result);
    return result;
  }

  #remember(from: ConfigurationSet, column: number, result: ConfigurationSet | null): void {
    if (from.firstColumn < 0) {
      from.firstColumn = column;
      from.firstStep = result;
      return;
    }
    from.next ??= new Array(from.tracked ? 256 : this.#classCount);
    from.next[column] = result;
  }

  /**
   * The set after one token that is read as a token, or null; `matches` tells of each token set whether it holds the token.
   * @throws LimitError as {@link step}
   */
  stepToken(from: ConfigurationSet, matches: (tokenSet: number) => boolean): ConfigurationSet | null {
    const reached: Configuration[] = [];
    for (const configuration of from.configurations)
      this.#forEachEdge(configuration.state, (kind, tokenSet, _, to) => {
        if (kind === EdgeKind.token && matches(tokenSet)) reached.push({ ...configuration, state: to });
      });
    return this.#settle(reached);
  }

  /** The token sets of which a token can be read next. */
  tokenSets(from: ConfigurationSet): ReadonlySet<number> {
    const found = new Set<number>();
    if (this.pda.tokenSets.length === 0) return found;
    for (const { state } of from.configurations)
      this.#forEachEdge(state, (kind, tokenSet) => {
        if (kind === EdgeKind.token) found.add(tokenSet);
      });
    return found;
  }

  /** The configurations of both. */
  union(a: ConfigurationSet, b: ConfigurationSet): ConfigurationSet {
    const both = this.#close([...a.configurations, ...b.configurations]);
    return this.#intern(both.reading, a.accepting || b.accepting);
  }

  /** The byte that must come next, or -1 when there is a choice, including that of ending here. */
  forcedByte(set: ConfigurationSet): number {
    if (set.accepting) return -1;
    let forced = -1;
    let choice = false;
    for (const { state } of set.configurations)
      this.#forEachEdge(state, (kind, a, b) => {
        if (kind === EdgeKind.token) choice = true;
        if (!readsByte(kind)) return;
        if (a !== b || (forced !== -1 && forced !== a)) choice = true;
        forced = a;
      });
    return choice ? -1 : forced;
  }

  /** The bytes that some edge of the set reads: 8 words, a bit per byte, least significant first. */
  readable(set: ConfigurationSet): Int32Array {
    if (set.readable) return set.readable;
    const readable = new Int32Array(8);
    for (const { state } of set.configurations)
      this.#forEachEdge(state, (kind, a, b) => {
        if (readsByte(kind)) for (let byte = a; byte <= b; byte++) readable[byte >>> 5] |= 1 << (byte & 31);
      });
    set.readable = readable;
    return readable;
  }

  /**
   * The set of these configurations of another set, and of nothing else.
   * @internal
   */
  only(configurations: readonly Configuration[]): ConfigurationSet {
    return this.#intern(configurations, false);
  }

  /**
   * What can be read from this configuration, or null.
   * @throws LimitError as {@link step}
   * @internal
   */
  enter(configuration: Configuration): ConfigurationSet | null {
    const { state, stack, track } = configuration;
    if (track || !this.#memo) return this.#settle([configuration]);
    const key = stack.id * this.pda.stateCount + state;
    const known = this.#entered.get(key);
    if (known !== undefined) return known;
    const result = this.#settle([configuration]);
    this.#entered.set(key, result);
    return result;
  }

  /**
   * The stacks with the counter of every top frame at 0.
   * @internal
   */
  resetCounters(stack: StackSet): StackSet {
    return this.#stacks.recount(stack, () => 0);
  }

  /**
   * Bytes that may come next behind this state, and perhaps some that may not: registers are not asked. 8 words, a bit per
   * byte, least significant first.
   * @internal
   */
  possibleBytes(state: number, stack: StackSet): Int32Array {
    return possibleBytes(this.pda, this.#stacks, state, stack);
  }

  #read(configuration: Configuration, byte: number, reached: Configuration[]): void {
    const { state, stack, track } = configuration;
    const { edges, edgeStart } = this.pda;
    const end = edgeStart[state + 1] * EDGE_WORDS;
    for (let at = edgeStart[state] * EDGE_WORDS; at < end; at += EDGE_WORDS) {
      if (byte < edges[at + 1] || byte > edges[at + 2] || !readsByte(edges[at])) continue;
      const tracked = track && edges[at] === EdgeKind.bytes ? this.#tracks.advance(track, byte) : track;
      reached.push({ state: edges[at + 3], stack, track: tracked });
    }
  }

  /** The set of what `from` comes to; null when nothing can be read and nothing accepts. */
  #settle(from: readonly Configuration[]): ConfigurationSet | null {
    if (from.length === 0) return null;
    const { reading, accepting } = this.#close(from);
    const alive = reading.some(({ track }) => track) ? this.#alive(reading) : reading;
    return alive.length === 0 && !accepting ? null : this.#intern(alive, accepting);
  }

  /** Those whose tracked values can still become what they must be. */
  #alive(reading: readonly Configuration[]): Configuration[] {
    return reading.filter(
      (configuration) => this.#canPass(configuration.track) && this.#canEndAnew(configuration),
    );
  }

  /** Follows every edge that reads nothing, to a fixed point. Each configuration is taken up once per new stack. */
  #close(from: readonly Configuration[]): { reading: Configuration[]; accepting: boolean } {
    if (++this.#epoch === MAX_EPOCH) {
      this.#heldEpoch.fill(0);
      this.#epoch = 1;
    }
    this.#heldCount = 0;
    this.#workCount = 0;
    this.#budget = this.#maxConfigurations * 16;
    for (const { state, stack, track } of from) this.#add(state, stack, track);
    while (this.#workCount > 0) this.#follow(this.#work[--this.#workCount]);
    let accepting = false;
    const reading: Configuration[] = [];
    for (let i = 0; i < this.#heldCount; i++) {
      const { configuration } = this.#held[i];
      if (configuration.state === ACCEPT_STATE) accepting = true;
      if (this.#reads[configuration.state]) reading.push(configuration);
    }
    if (reading.length > 1) reading.sort(compareConfigurations);
    return { reading, accepting };
  }

  /** Holds a configuration of the closure, and takes it up if it is new. */
  #add(state: number, stack: StackSet, track: Track | undefined): void {
    if (stack.frames.length === 0 && state !== ACCEPT_STATE) return;
    if (this.#heldEpoch[state] !== this.#epoch) {
      this.#heldEpoch[state] = this.#epoch;
      this.#heldOf[state] = -1;
    }
    let at = this.#heldOf[state];
    while (at >= 0 && this.#held[at].configuration.track !== track) at = this.#held[at].next;
    const configuration = { state, stack, track };
    if (at < 0) {
      this.#held[this.#heldCount] = { configuration, next: this.#heldOf[state] };
      this.#heldOf[state] = this.#heldCount++;
    } else {
      const before = this.#held[at].configuration.stack;
      const after = this.#stacks.merge(before, stack);
      if (before === after) return;
      this.#held[at].configuration = { state, stack: after, track };
    }
    this.#work[this.#workCount++] = configuration;
    if (this.#heldCount > this.#maxConfigurations || --this.#budget < 0)
      throw new LimitError('maxConfigurations', this.#maxConfigurations, 'the grammar is too ambiguous here');
  }

  #follow({ state: from, stack, track }: Configuration): void {
    const { edges, edgeStart } = this.pda;
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
        if (track?.goal === a && passesCheck(this.pda.checks[a], trackedBytes(track)))
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

  /** Whether each text that is being captured can still pass, and each value that has to be a known one can still be one. */
  #canPass(innermost: Track | undefined): boolean {
    for (let track = innermost; track; track = track.outer) {
      const { goal, candidates } = track;
      if (goal === KNOWN_VALUE && candidates.length === 0) return false;
      if (goal >= 0 && !mayPassCheck(this.pda.checks[goal], trackedBytes(track))) return false;
    }
    return true;
  }

  /** Whether each value that has to be a new one can still become one. */
  #canEndAnew(configuration: Configuration): boolean {
    for (let track = configuration.track; track; track = track.outer)
      if (
        track.goal === NEW_VALUE &&
        track.candidates.length > 0 &&
        !this.#canLeave(configuration, track.depth)
      )
        return false;
    return true;
  }

  /**
   * Whether some continuation makes the value of the track at `depth` differ from those it knows. What was read so far is
   * how a known value begins, so the known values are followed until another byte, or an end, is possible.
   */
  #canLeave(from: Configuration, depth: number): boolean {
    const seen = new Set<string>();
    const pending = [from];
    for (let at = pending.pop(); at; at = pending.pop()) {
      const track = trackAt(at.track, depth);
      if (!track || track.candidates.length === 0) return true;
      const key = `${at.state},${at.stack.id},${at.track?.id ?? 0}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const known = new Set(track.candidates.map(({ text }) => text[track.text?.length ?? 0]));
      const reached: Configuration[] = [];
      let leaves = false;
      this.#forEachEdge(at.state, (kind, a, b) => {
        if (kind === EdgeKind.quiet) this.#read(at, a, reached);
        if (kind !== EdgeKind.bytes) return;
        for (let byte = a; byte <= b && !leaves; byte++) {
          if (known.has(byte)) this.#read(at, byte, reached);
          else leaves = true;
        }
      });
      if (leaves) return true;
      pending.push(...this.#close(reached).reading);
    }
    return false;
  }

  #forEachEdge(state: number, visit: (kind: number, a: number, b: number, to: number) => void): void {
    const { edges, edgeStart } = this.pda;
    const end = edgeStart[state + 1] * EDGE_WORDS;
    for (let at = edgeStart[state] * EDGE_WORDS; at < end; at += EDGE_WORDS)
      visit(edges[at], edges[at + 1], edges[at + 2], edges[at + 3]);
  }

  // Stacks and tracks are always interned: merging compares them by identity. Only steps and sets heed the memo option.
  #intern(configurations: readonly Configuration[], accepting: boolean): ConfigurationSet {
    if (!this.#memo) return this.#newSet(configurations, accepting);
    if (
      this.#sets.size + this.#singles.size + this.#entered.size + this.#stacks.size + this.#tracks.size >
      this.#maxRemembered
    )
      this.#forget();
    if (configurations.length === 1 && !accepting && !configurations[0].track) {
      const { state, stack } = configurations[0];
      const key = stack.id * this.pda.stateCount + state;
      let set = this.#singles.get(key);
      if (!set) this.#singles.set(key, (set = this.#newSet(configurations, false)));
      return set;
    }
    let key = accepting ? '1' : '0';
    for (const { state, stack, track } of configurations)
      key += track ? `;${state},${stack.id},${track.id}` : `;${state},${stack.id}`;
    let set = this.#sets.get(key);
    if (!set) this.#sets.set(key, (set = this.#newSet(configurations, accepting)));
    return set;
  }

  #newSet(configurations: readonly Configuration[], accepting: boolean): ConfigurationSet {
    return {
      id: this.#nextId(),
      configurations,
      states: configurations.map(({ state }) => state),
      accepting,
      firstColumn: -1,
      firstStep: null,
      next: null,
      tracked: configurations.some(({ track }) => track !== undefined),
      readable: null,
    };
  }

  /** Begins the tables anew. Sets that matchers hold stay valid; they merely stop being shared with new ones. */
  #forget(): void {
    this.#stacks = new StackTable(this.#nextId);
    this.#tracks = new TrackTable(this.#nextId);
    this.#sets = new Map();
    this.#singles = new Map();
    this.#entered = new Map();
    if (!this.start) return;
    this.start.firstColumn = -1;
    this.start.next = null;
  }
}

function allMarked({ registers }: Frame, from: number, to: number): boolean {
  const wanted = ((1n << BigInt(to - from)) - 1n) << BigInt(from);
  return (registers.marks & wanted) === wanted;
}

function compareConfigurations(a: Configuration, b: Configuration): number {
  return a.state - b.state || (a.track?.id ?? 0) - (b.track?.id ?? 0);
}
