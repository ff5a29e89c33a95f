// Where a machine is: sets of configurations, interned by content. Equal sets are the same object, found by a hash of the ids
// of what is in them.
import { mix } from './mix.js';
import type { StackSet } from './stacks.js';
import type { Track } from './tracks.js';

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
export class ConfigurationSet {
  readonly id: number;
  /** @internal In ascending order of state, then track; one entry for each pair of them. */
  readonly configurations: readonly Configuration[];
  /** Whether what was read so far is a whole sentence. */
  readonly accepting: boolean;
  /** @internal The step that was taken first, by its column; most sets know no other. Undefined: none; null: refused. */
  firstColumn = -1;
  /** @internal */
  firstStep: ConfigurationSet | null = null;
  /** @internal The other remembered steps: by class of bytes, where something is tracked by byte. */
  next: (ConfigurationSet | null | undefined)[] | null = null;
  /** @internal Whether some configuration has a track: steps then differ by byte, not only by class. */
  readonly tracked: boolean;
  /** @internal The bytes that some edge reads, as the machine's `readable` found them. */
  readable: Int32Array | null = null;
  /** @internal The next one of the same hash. */
  alike: ConfigurationSet | null = null;

  constructor(id: number, configurations: readonly Configuration[], accepting: boolean) {
    this.id = id;
    this.configurations = configurations;
    this.accepting = accepting;
    this.tracked = hasTrack(configurations);
  }

  /** The states of the configurations, ascending. */
  get states(): readonly number[] {
    return this.configurations.map(({ state }) => state);
  }
}

/** The sets of one machine. */
export class SetTable {
  readonly #nextId: () => number;
  /** By hash the last one; the others by `alike`. */
  readonly #sets = new Map<number, ConfigurationSet>();
  #size = 0;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#size;
  }

  /** The set of these, in ascending order. Their stacks and tracks are interned. */
  intern(configurations: readonly Configuration[], accepting: boolean): ConfigurationSet {
    const hash = hashOf(configurations, accepting);
    const last = this.#sets.get(hash);
    for (let set = last; set; set = set.alike ?? undefined)
      if (set.accepting === accepting && areSame(set.configurations, configurations)) return set;
    const set = this.make(configurations, accepting);
    set.alike = last ?? null;
    this.#sets.set(hash, set);
    this.#size++;
    return set;
  }

  /** A set that is equal to no other, not remembered. */
  make(configurations: readonly Configuration[], accepting: boolean): ConfigurationSet {
    return new ConfigurationSet(this.#nextId(), configurations, accepting);
  }

  clear(): void {
    this.#sets.clear();
    this.#size = 0;
  }
}

/** Beyond, sorting by insertion would take too long. */
const MAX_INSERTED = 32;

/** Sorts in place by state, then track: most sets have a few members, and arrays of a sort would be most of their garbage. */
export function sortConfigurations(configurations: Configuration[]): void {
  if (configurations.length > MAX_INSERTED) {
    configurations.sort(compareConfigurations);
    return;
  }
  for (let i = 1; i < configurations.length; i++) {
    const configuration = configurations[i];
    let at = i;
    for (; at > 0 && compareConfigurations(configurations[at - 1], configuration) > 0; at--)
      configurations[at] = configurations[at - 1];
    configurations[at] = configuration;
  }
}

function compareConfigurations(a: Configuration, b: Configuration): number {
  return a.state - b.state || (a.track?.id ?? 0) - (b.track?.id ?? 0);
}

export function hasTrack(configurations: readonly Configuration[]): boolean {
  for (let i = 0; i < configurations.length; i++) if (configurations[i].track) return true;
  return false;
}

function hashOf(configurations: readonly Configuration[], accepting: boolean): number {
  let hash = accepting ? 1 : 0;
  for (let i = 0; i < configurations.length; i++) {
    const { state, stack, track } = configurations[i];
    hash = mix(mix(hash, state), stack.id);
    if (track) hash = mix(hash, track.id);
  }
  return hash;
}

function areSame(a: readonly Configuration[], b: readonly Configuration[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++)
    if (a[i].state !== b[i].state || a[i].stack !== b[i].stack || a[i].track !== b[i].track) return false;
  return true;
}
