// From code points to bytes: the UTF-8 spelling of a language. Shared by plain text and by JSON strings.
import type { Dfa } from './dfa.js';
import { FLAT_WORDS, FlatBuilder, type FlatDfa, flatOf } from './flat.js';
import { type AutomatonLimits, checkStates, DEFAULT_MAX_STATES } from './limits.js';
import { minimizeFlat, renumberFlat } from './minimize.js';
import { WordLists } from './word-lists.js';

const SURROGATES = [0xd800, 0xdfff] as const;

/** Edges as lo, hi, target one behind the other, sorted and disjoint. */
export type Runs = number[];

/** How many states may spell one state of the automaton spelt; `maxStates` is multiplied by it. */
const SPELLING_STATES = 32;

/** What the digits of a number are written as. */
export const Digit = {
  /** UTF-8's continuation bytes. */
  continuation: 0,
  /** Hex digits of either case. */
  hex: 1,
  /** The digits themselves. */
  plain: 2,
} as const;

export type Digit = (typeof Digit)[keyof typeof Digit];

/** For one spelling after the other. */
const spellingLists = new WordLists(256);
const spellingBuilder = new FlatBuilder();

/**
 * An automaton under construction that spells each symbol of another by several smaller ones. States 0..n-1 are those of
 * the language spelt, whose edges are written in order; states between the pieces of a symbol are shared wherever what
 * follows is the same. Only one is at work at a time.
 */
export class Speller {
  readonly spelt: FlatDfa;
  readonly #builder = spellingBuilder.clear();
  readonly #limits: AutomatonLimits;
  /** The edges of the states inside of symbols. */
  readonly #inside = spellingLists;
  /** States that read any digits of a number and go to one place. */
  readonly #whole = new Map<number, number>();
  /** By kind, what was made last, and of what. */
  readonly #recent: { of: Runs; made: Runs }[] = [];

  constructor(spelt: Dfa, limits: AutomatonLimits = {}) {
    this.spelt = flatOf(spelt);
    this.#inside.clear();
    this.#limits = { maxStates: SPELLING_STATES * (limits.maxStates ?? DEFAULT_MAX_STATES) };
  }

  /** The edges of a state of the language spelt. */
  runsOf(state: number): Runs {
    const { edgeStart, edges } = this.spelt;
    const runs: Runs = [];
    for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at++)
      runs.push(edges[at]);
    return runs;
  }

  /** Adds edges to the state of the language spelt that is open. */
  add(runs: Runs): void {
    for (let i = 0; i < runs.length; i += 3) this.#builder.edge(runs[i], runs[i + 1], runs[i + 2]);
  }

  /** The open state is complete. */
  close(): void {
    this.#builder.close();
  }

  /** A state with these edges, made once per content. */
  state(runs: Runs): number {
    const inside = this.#inside;
    for (let i = 0; i < runs.length; ) {
      const lo = runs[i];
      const to = runs[i + 2];
      let hi = runs[i + 1];
      for (i += 3; i < runs.length && runs[i] === hi + 1 && runs[i + 2] === to; i += 3) hi = runs[i + 1];
      inside.put(lo);
      inside.put(hi);
      inside.put(to);
    }
    const id = inside.end();
    checkStates(this.spelt.accept.length + id, this.#limits);
    return this.spelt.accept.length + id;
  }

  /** The edges of a state inside a symbol. */
  insideOf(state: number): Runs {
    const { words, starts } = this.#inside;
    const id = state - this.spelt.accept.length;
    const runs: Runs = [];
    for (let at = starts[id]; at < starts[id + 1]; at++) runs.push(words[at]);
    return runs;
  }

  /**
   * A state that reads `digits` digits to the base 2^bits, most significant first, and goes where `runs` (over
   * 0..2^(bits * digits) - 1) sends their value.
   */
  digits(runs: Runs, digits: number, bits: number, kind: Digit): number {
    return this.state(written(this.leading(runs, digits, bits, kind), kind));
  }

  /** The first digit's runs: digit values, each run leading to the state that reads the remaining digits. */
  leading(runs: Runs, digits: number, bits: number, kind: Digit): Runs {
    if (digits === 1) return runs;
    const shift = bits * (digits - 1);
    const span = 1 << shift;
    if (runs[runs.length - 2] < span - 1) return [0, 0, this.digits(runs, digits - 1, bits, kind)];
    const result: Runs = [];
    let block: Runs = [];
    let blockIndex = -1;
    for (let i = 0; i < runs.length; i += 3) {
      const hi = runs[i + 1];
      const to = runs[i + 2];
      for (let at = runs[i]; at <= hi; ) {
        const index = at >> shift;
        if (index !== blockIndex) {
          if (block.length > 0)
            result.push(blockIndex, blockIndex, this.digits(block, digits - 1, bits, kind));
          block = [];
          blockIndex = index;
        }
        const whole = at === index << shift ? ((hi + 1) >> shift) - index : 0;
        if (whole > 0) {
          result.push(index, index + whole - 1, this.#anyDigits(to, digits - 1, bits, kind));
          at = (index + whole) << shift;
          blockIndex = -1;
        } else {
          const end = Math.min(hi, ((index + 1) << shift) - 1);
          block.push(at & (span - 1), end & (span - 1), to);
          at = end + 1;
        }
      }
    }
    if (block.length > 0) result.push(blockIndex, blockIndex, this.digits(block, digits - 1, bits, kind));
    return result;
  }

  #anyDigits(to: number, digits: number, bits: number, kind: Digit): number {
    const key = (to * 4 + kind) * 8 + digits;
    let state = this.#whole.get(key);
    if (state === undefined) {
      state = this.digits([0, (1 << (bits * digits)) - 1, to], digits, bits, kind);
      this.#whole.set(key, state);
    }
    return state;
  }

  /** What `make` makes of these runs; most states of a language differ in few characters, so the rest is mostly as before. */
  recall(kind: number, runs: Runs, make: (speller: Speller, runs: Runs) => Runs): Runs {
    const recent = this.#recent[kind];
    if (recent && sameRuns(recent.of, runs)) return recent.made;
    const made = make(this, runs);
    this.#recent[kind] = { of: runs, made };
    return made;
  }

  /** The automaton of the spelling; the edges of each state of the language spelt have been added. */
  finish(): Dfa {
    const { words, starts, count } = this.#inside;
    for (let id = 0; id < count; id++) {
      for (let at = starts[id]; at < starts[id + 1]; at += 3)
        this.#builder.edge(words[at], words[at + 1], words[at + 2]);
      this.#builder.close();
    }
    const accept = new Uint8Array(this.spelt.accept.length + count);
    accept.set(this.spelt.accept);
    const flat = this.#builder.view(accept);
    return treatsSurrogatesAlike(this.spelt) ? renumberFlat(flat) : minimizeFlat(flat);
  }
}

function sameRuns(a: Runs, b: Runs): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The runs of digit values as runs of what is written. */
function written(runs: Runs, kind: Digit): Runs {
  if (kind === Digit.plain) return runs;
  const result: Runs = [];
  if (kind === Digit.continuation) {
    for (let i = 0; i < runs.length; i += 3) result.push(0x80 + runs[i], 0x80 + runs[i + 1], runs[i + 2]);
    return result;
  }
  for (const [first, last, base] of HEX_DIGITS)
    for (let i = 0; i < runs.length; i += 3)
      if (runs[i] <= last && runs[i + 1] >= first)
        result.push(base + Math.max(runs[i], first), base + Math.min(runs[i + 1], last), runs[i + 2]);
  return result;
}

/** Ranges of hex digit values, and what is added to them to give the byte. */
const HEX_DIGITS = [
  [0, 9, 0x30],
  [10, 15, 0x41 - 10],
  [10, 15, 0x61 - 10],
] as const;

/**
 * Whether no state tells surrogates from U+D7FF, or none reads a surrogate. Then dropping them merges no states of a minimal
 * automaton, and its spelling is minimal as built: states inside a character are shared by content, and differ from those
 * between characters by what they read (continuation bytes, or no backslash, or hex digits of other values).
 */
function treatsSurrogatesAlike({ edges }: FlatDfa): boolean {
  const [first, last] = [SURROGATES[0] - 1, SURROGATES[1]];
  let isRead = false;
  let isTold = false;
  for (let at = 0; at < edges.length; at += FLAT_WORDS) {
    const [lo, hi] = [edges[at], edges[at + 1]];
    if (lo > last || hi < first) continue;
    isRead ||= hi > first;
    isTold ||= lo > first || hi < last;
  }
  return !isRead || !isTold;
}

/** The part of sorted runs inside [lo, hi]. */
export function clipRuns(runs: Runs, lo: number, hi: number): Runs {
  const result: Runs = [];
  for (let i = 0; i < runs.length; i += 3)
    if (runs[i] <= hi && runs[i + 1] >= lo)
      result.push(Math.max(runs[i], lo), Math.min(runs[i + 1], hi), runs[i + 2]);
  return result;
}

/** The runs with a number added to their symbols. */
export function shiftRuns(runs: Runs, by: number): Runs {
  const result: Runs = [];
  for (let i = 0; i < runs.length; i += 3) result.push(runs[i] + by, runs[i + 1] + by, runs[i + 2]);
  return result;
}

/** Adds the edges of characters from U+0080 on: RFC 3629's table of lead and continuation bytes. */
export function addUtf8(speller: Speller, runs: Runs): void {
  if (runs.length === 0 || runs[runs.length - 2] < 0x80) return;
  speller.add(speller.recall(UTF8, clipRuns(runs, 0x80, 0x10ffff), leadBytes));
}

/** A kind of {@link Speller.recall}; others are free. */
const UTF8 = 0;

/** Adds the lead bytes of scalars of `digits` bytes. */
function addLead(speller: Speller, scalars: Runs, digits: number, base: number, bytes: Runs): void {
  if (scalars.length === 0) return;
  const leading = speller.leading(scalars, digits, 6, Digit.continuation);
  for (let i = 0; i < leading.length; i += 3)
    bytes.push(leading[i] + base, leading[i + 1] + base, leading[i + 2]);
}

function leadBytes(speller: Speller, runs: Runs): Runs {
  const bytes: Runs = [];
  addLead(speller, clipRuns(runs, 0x80, 0x7ff), 2, 0xc0, bytes);
  const plane = clipRuns(runs, 0x800, SURROGATES[0] - 1);
  for (const word of clipRuns(runs, SURROGATES[1] + 1, 0xffff)) plane.push(word);
  addLead(speller, plane, 3, 0xe0, bytes);
  addLead(speller, clipRuns(runs, 0x10000, 0x10ffff), 4, 0xf0, bytes);
  return bytes;
}

/**
 * The bytes of the language's words in UTF-8. Words with surrogates have none and are dropped.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function utf8Dfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  const speller = new Speller(codePoints, limits);
  for (let state = 0; state < codePoints.accept.length; state++) {
    const runs = speller.runsOf(state);
    speller.add(clipRuns(runs, 0, 0x7f));
    addUtf8(speller, runs);
    speller.close();
  }
  return speller.finish();
}
