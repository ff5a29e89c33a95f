// Whether what is tracked can still become what it must be: a value that must be new, or a known one, or a text that must
// pass a check.
import type { Closures } from './closure.js';
import type { Configuration } from './configuration-set.js';
import { EDGE_WORDS, EdgeKind } from './edges.js';
import type { Pda } from './pda.js';
import { remember } from './stacks.js';
import { mayPassCheck } from './text-checks.js';
import { KNOWN_VALUE, NEW_VALUE, type Track, trackAt, trackedBytes } from './tracks.js';

/** Appends to the list what a configuration comes to by one byte. */
export type ReadByte = (configuration: Configuration, byte: number, reached: Configuration[]) => void;

export class LiveTracks {
  readonly #pda: Pda;
  readonly #closures: Closures;
  readonly #read: ReadByte;

  constructor(pda: Pda, closures: Closures, read: ReadByte) {
    this.#pda = pda;
    this.#closures = closures;
    this.#read = read;
  }

  /** @throws LimitError `maxConfigurations` */
  isAlive(configuration: Configuration): boolean {
    return this.#canPass(configuration.track) && this.#canEndAnew(configuration);
  }

  /** Whether each text that is being captured can still pass, and each value that has to be a known one can still be one. */
  #canPass(innermost: Track | undefined): boolean {
    for (let track = innermost; track; track = track.outer) {
      const { goal, candidates } = track;
      if (goal === KNOWN_VALUE && candidates.length === 0) return false;
      if (goal >= 0 && !mayPassCheck(this.#pda.checks[goal], trackedBytes(track))) return false;
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
    const seen = new Map<Track, Set<number>>();
    const pending = [from];
    for (let at = pending.pop(); at; at = pending.pop()) {
      const track = trackAt(at.track, depth);
      if (!track || track.candidates.length === 0) return true;
      const places = remember(seen, at.track!, () => new Set());
      const place = at.stack.id * this.#pda.stateCount + at.state;
      if (places.has(place)) continue;
      places.add(place);
      const known = new Set(track.candidates.map(({ text }) => text[track.text?.length ?? 0]));
      const reached: Configuration[] = [];
      if (this.#readsOther(at, known, reached)) return true;
      pending.push(...this.#closures.close(reached).reading);
    }
    return false;
  }

  /** Whether a byte that is none of `known` can be read; if not, appends what the known ones lead to. */
  #readsOther(at: Configuration, known: ReadonlySet<number | undefined>, reached: Configuration[]): boolean {
    const { edges, edgeStart } = this.#pda;
    const end = edgeStart[at.state + 1] * EDGE_WORDS;
    for (let edge = edgeStart[at.state] * EDGE_WORDS; edge < end; edge += EDGE_WORDS) {
      const [kind, first, last] = [edges[edge], edges[edge + 1], edges[edge + 2]];
      if (kind === EdgeKind.quiet) this.#read(at, first, reached);
      if (kind !== EdgeKind.bytes) continue;
      for (let byte = first; byte <= last; byte++) {
        if (!known.has(byte)) return true;
        this.#read(at, byte, reached);
      }
    }
    return false;
  }
}
