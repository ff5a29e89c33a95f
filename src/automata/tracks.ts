// Tracks: the JSON values that are being read where `distinct` or `known` will compare them, from `begin` on, and the texts
// that are read where `verify` will check them, from `capture` on. A configuration holds the innermost track; tracks inside tracks
// make a chain. Interned like stacks.
import { mix } from './mix.js';
import { type KnownValue, NO_VALUES, type ValueSet } from './stacks.js';

/** What was read so far, last byte first; undefined: nothing. */
interface Text {
  readonly id: number;
  readonly byte: number;
  readonly before: Text | undefined;
  readonly length: number;
  /** By byte: this text with that byte behind it. */
  readonly next: Map<number, Text>;
}

/** What a track is to become: a value that is new to the frame, one that the frame holds, or (0 and up) a text for a check. */
export const NEW_VALUE = -1;
export const KNOWN_VALUE = -2;

export interface Track {
  readonly id: number;
  /** How many tracks the chain has, this one included. */
  readonly depth: number;
  readonly outer: Track | undefined;
  /** {@link NEW_VALUE}, {@link KNOWN_VALUE}, or the check of a captured text. */
  readonly goal: number;
  readonly known: ValueSet;
  /** Known values that are spelled as what was read so far begins. Without any, whatever follows is new. */
  readonly candidates: readonly KnownValue[];
  readonly text: Text | undefined;
  /** By byte: what the chain becomes by it. */
  readonly next: Map<number, Track>;
  /** The next one of the same hash. */
  readonly alike: Track | undefined;
}

/** The tracks of one machine. */
export class TrackTable {
  readonly #nextId: () => number;
  /** By hash the last one; the others by `alike`. */
  readonly #tracks = new Map<number, Track>();
  /** Texts of one byte. */
  readonly #texts = new Map<number, Text>();
  #size = 0;

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#size;
  }

  /** Forgets all; what is made from now on is equal to nothing from before. */
  clear(): void {
    this.#tracks.clear();
    this.#texts.clear();
    this.#size = 0;
  }

  begin(outer: Track | undefined, goal: number, known: ValueSet): Track {
    return this.#track(outer, goal, known, known.values, undefined);
  }

  capture(outer: Track | undefined, check: number): Track {
    return this.#track(outer, check, NO_VALUES, [], undefined);
  }

  /** The chain after one more byte. */
  advance(track: Track, byte: number): Track {
    const known = track.next.get(byte);
    if (known) return known;
    const at = track.text?.length ?? 0;
    const candidates = track.candidates.filter(({ text }) => text[at] === byte);
    const outer = track.outer && this.advance(track.outer, byte);
    const next = this.#track(outer, track.goal, track.known, candidates, this.#text(track.text, byte));
    track.next.set(byte, next);
    return next;
  }

  #track(
    outer: Track | undefined,
    goal: number,
    known: ValueSet,
    candidates: readonly KnownValue[],
    text: Text | undefined,
  ): Track {
    const hash = mix(mix(mix(mix(0, outer?.id ?? 0), goal), known.id), text?.id ?? 0);
    const last = this.#tracks.get(hash);
    for (let track = last; track; track = track.alike)
      if (track.outer === outer && track.goal === goal && track.known === known && track.text === text)
        return track;
    const id = this.#nextId();
    const depth = (outer?.depth ?? 0) + 1;
    const track = { id, depth, outer, goal, known, candidates, text, next: new Map(), alike: last };
    this.#tracks.set(hash, track);
    this.#size++;
    return track;
  }

  #text(before: Text | undefined, byte: number): Text {
    const texts = before?.next ?? this.#texts;
    let text = texts.get(byte);
    if (!text) {
      text = { id: this.#nextId(), byte, before, length: (before?.length ?? 0) + 1, next: new Map() };
      texts.set(byte, text);
      this.#size++;
    }
    return text;
  }
}

/** The bytes read since the track began. */
export function trackedBytes({ text }: Track): Uint8Array {
  const bytes = new Uint8Array(text?.length ?? 0);
  for (let at = text; at; at = at.before) bytes[at.length - 1] = at.byte;
  return bytes;
}

/** Whether what was read is how a known value is spelled. */
export function isSpelledLikeOne({ candidates, text }: Track): boolean {
  return candidates.some((value) => value.text.length === (text?.length ?? 0));
}

/** Whether all that is tracked is to become new values. */
export function tracksNewValues(innermost: Track | undefined): boolean {
  for (let track = innermost; track; track = track.outer) if (track.goal !== NEW_VALUE) return false;
  return true;
}

/**
 * Whether nothing that is tracked is spelled like a known value so far: whatever is read on, none of it is refused before
 * it ends.
 */
export function isUnlikeKnown(innermost: Track | undefined): boolean {
  for (let track = innermost; track; track = track.outer) if (track.candidates.length > 0) return false;
  return true;
}

/** The track of this depth in the chain; undefined where it has ended already. */
export function trackAt(track: Track | undefined, depth: number): Track | undefined {
  let at = track;
  while (at && at.depth > depth) at = at.outer;
  return at?.depth === depth ? at : undefined;
}
