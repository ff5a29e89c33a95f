// Tracks: the JSON values that are being read where `distinct` or `known` will compare them, from `begin` on, and the texts
// that are read where `verify` will check them, from `capture` on. A configuration holds the innermost track; tracks inside tracks
// make a chain. Interned like stacks.
import { type KnownValue, NO_VALUES, remember, type ValueSet } from './stacks.js';

/** What was read so far, last byte first; undefined: nothing. */
interface Text {
  readonly id: number;
  readonly byte: number;
  readonly before: Text | undefined;
  readonly length: number;
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
}

/** The tracks of one machine. */
export class TrackTable {
  readonly #nextId: () => number;
  readonly #tracks = new Map<string, Track>();
  readonly #texts = new Map<string, Text>();

  constructor(nextId: () => number) {
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#tracks.size + this.#texts.size;
  }

  begin(outer: Track | undefined, goal: number, known: ValueSet): Track {
    return this.#track(outer, goal, known, known.values, undefined);
  }

  capture(outer: Track | undefined, check: number): Track {
    return this.#track(outer, check, NO_VALUES, [], undefined);
  }

  /** The chain after one more byte. */
  advance(track: Track, byte: number): Track {
    const at = track.text?.length ?? 0;
    const candidates = track.candidates.filter(({ text }) => text[at] === byte);
    const outer = track.outer && this.advance(track.outer, byte);
    return this.#track(outer, track.goal, track.known, candidates, this.#text(track.text, byte));
  }

  #track(
    outer: Track | undefined,
    goal: number,
    known: ValueSet,
    candidates: readonly KnownValue[],
    text: Text | undefined,
  ): Track {
    const key = `${outer?.id ?? 0},${goal},${known.id},${text?.id ?? 0}`;
    const depth = (outer?.depth ?? 0) + 1;
    return remember(this.#tracks, key, () => ({
      id: this.#nextId(),
      depth,
      outer,
      goal,
      known,
      candidates,
      text,
    }));
  }

  #text(before: Text | undefined, byte: number): Text {
    const length = (before?.length ?? 0) + 1;
    return remember(this.#texts, `${before?.id ?? 0},${byte}`, () => ({
      id: this.#nextId(),
      byte,
      before,
      length,
    }));
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
