// Runs a pushdown automaton on bytes: sets of configurations, their closure and their steps. Knows no vocabulary.
// The native matcher is held to it. Its shortcuts (steps by class of bytes, closures that are not needed) change no verdict.
//
// A configuration is (state, stack, track): where it is, what it returns to (stacks.ts), and which JSON values it is in
// the middle of that must differ from earlier ones, or texts that must pass a check (tracks.ts; none in nearly every grammar).
import type { ByteMachine } from './byte-machine.js';
import { Closures } from './closure.js';
import { type Configuration, type ConfigurationSet, hasTrack, SetTable } from './configuration-set.js';
import { byteClasses } from './edge-tables.js';
import { EDGE_WORDS, EdgeKind, readsByte } from './edges.js';
import { LiveTracks } from './live-tracks.js';
import { ACCEPT_STATE, type Pda } from './pda.js';
import { possibleBytes } from './possible-bytes.js';
import { NO_STACK, type StackSet, StackTable } from './stacks.js';
import { TrackTable } from './tracks.js';

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
  readonly #maxRemembered: number;
  readonly #memo: boolean;
  /** By byte: bytes of one class are read alike by every edge. */
  readonly #classOf: Uint8Array;
  readonly #classCount: number;
  #ids = 1;
  readonly #nextId = () => this.#ids++;
  readonly #stacks = new StackTable(this.#nextId);
  readonly #tracks = new TrackTable(this.#nextId);
  readonly #sets = new SetTable(this.#nextId);
  /** What {@link enter} answered, by stack and state. */
  readonly #entered = new Map<number, ConfigurationSet | null>();
  readonly #closures: Closures;
  readonly #live: LiveTracks;

  constructor(pda: Pda, options: MachineOptions = {}) {
    this.pda = pda;
    this.#maxRemembered = options.maxRemembered ?? 200_000;
    this.#memo = options.memo ?? true;
    ({ classOf: this.#classOf, classCount: this.#classCount } = byteClasses(pda));
    this.#closures = new Closures(pda, this.#stacks, this.#tracks, options.maxConfigurations ?? 4096);
    this.#live = new LiveTracks(pda, this.#closures, (at, byte, reached) => this.#read(at, byte, reached));
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
    const { configurations } = from;
    for (let i = 0; i < configurations.length; i++) this.#read(configurations[i], byte, reached);
    const result = this.#closures.areClosed(reached) ? this.#intern(reached, false) : this.#settle(reached);
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
    const both = this.#closures.close([...a.configurations, ...b.configurations]);
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
    const { reading, accepting } = this.#closures.close(from);
    // Those whose tracked values can still become what they must be.
    const alive = hasTrack(reading) ? reading.filter((at) => this.#live.isAlive(at)) : reading;
    return alive.length === 0 && !accepting ? null : this.#intern(alive, accepting);
  }

  #forEachEdge(state: number, visit: (kind: number, a: number, b: number, to: number) => void): void {
    const { edges, edgeStart } = this.pda;
    const end = edgeStart[state + 1] * EDGE_WORDS;
    for (let at = edgeStart[state] * EDGE_WORDS; at < end; at += EDGE_WORDS)
      visit(edges[at], edges[at + 1], edges[at + 2], edges[at + 3]);
  }

  // Stacks and tracks are always interned: merging compares them by identity. Only steps and sets heed the memo option.
  #intern(configurations: readonly Configuration[], accepting: boolean): ConfigurationSet {
    if (!this.#memo) return this.#sets.make(configurations, accepting);
    const { size: sets } = this.#sets;
    if (sets + this.#entered.size + this.#stacks.size + this.#tracks.size > this.#maxRemembered)
      this.#forget();
    return this.#sets.intern(configurations, accepting);
  }

  /** Begins the tables anew. Sets that matchers hold stay valid; they merely stop being shared with new ones. */
  #forget(): void {
    this.#stacks.clear();
    this.#tracks.clear();
    this.#sets.clear();
    this.#entered.clear();
    if (!this.start) return;
    this.start.firstColumn = -1;
    this.start.next = null;
  }
}
