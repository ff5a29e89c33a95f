// From code points to bytes: the UTF-8 spelling of a language. Shared by plain text and by JSON strings.
import type { Dfa, DfaEdge } from './dfa.js';
import { type AutomatonLimits, checkStates, DEFAULT_MAX_STATES } from './limits.js';
import { minimize, renumber } from './minimize.js';

const SURROGATES = [0xd800, 0xdfff] as const;

/** Edges as [lo, hi, target], sorted and disjoint. */
export type Run = readonly [lo: number, hi: number, to: number];

/** How many states may spell one state of the automaton spelt; `maxStates` is multiplied by it. */
const SPELLING_STATES = 32;

/**
 * An automaton under construction that spells each symbol of another by several smaller ones. States 0..n-1 are those of
 * the language spelt; states between the pieces of a symbol are shared wherever what follows is the same.
 */
export class Speller {
  readonly edges: DfaEdge[][];
  readonly #limits: AutomatonLimits;
  readonly #known = new Map<string, number>();

  constructor(stateCount: number, limits: AutomatonLimits = {}) {
    this.edges = Array.from({ length: stateCount }, () => []);
    this.#limits = { maxStates: SPELLING_STATES * (limits.maxStates ?? DEFAULT_MAX_STATES) };
  }

  /** A state with these edges, made once per content. */
  state(edges: readonly Run[]): number {
    const key = edges.join(';');
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.edges.push(edges.map(([lo, hi, to]) => ({ lo, hi, to }))) - 1;
      this.#known.set(key, id);
      checkStates(this.edges.length, this.#limits);
    }
    return id;
  }

  /**
   * A state that reads `digits` digits to the base 2^bits, most significant first, and goes where `runs` (over
   * 0..2^(bits * digits) - 1) sends their value. `digit` gives the byte edges of a range of digit values.
   */
  digits(runs: readonly Run[], digits: number, bits: number, digit: (run: Run) => readonly Run[]): number {
    return this.state(mergeRuns(this.leading(runs, digits, bits, digit).flatMap((run) => digit(run))));
  }

  /** The first digit's runs: digit values, each run leading to the state that reads the remaining digits. */
  leading(
    runs: readonly Run[],
    digits: number,
    bits: number,
    digit: (run: Run) => readonly Run[] = byteDigit,
  ): Run[] {
    if (digits === 1) return [...runs];
    const span = 2 ** (bits * (digits - 1));
    const result: Run[] = [];
    let block: Run[] = [];
    let blockIndex = -1;
    const close = () => {
      if (block.length > 0)
        result.push([blockIndex, blockIndex, this.digits(block, digits - 1, bits, digit)]);
      block = [];
    };
    for (const [lo, hi, to] of runs) {
      for (let at = lo; at <= hi; ) {
        const index = Math.floor(at / span);
        if (index !== blockIndex) {
          close();
          blockIndex = index;
        }
        const whole = at === index * span ? Math.floor((hi + 1) / span) - index : 0;
        if (whole > 0) {
          result.push([index, index + whole - 1, this.digits([[0, span - 1, to]], digits - 1, bits, digit)]);
          at = (index + whole) * span;
          blockIndex = -1;
        } else {
          const end = Math.min(hi, (index + 1) * span - 1);
          block.push([at - index * span, end - index * span, to]);
          at = end + 1;
        }
      }
    }
    close();
    return result;
  }

  /** Adds an edge to a state of the language spelt; the caller sorts in `finish`. */
  add(from: number, [lo, hi, to]: Run): void {
    this.edges[from].push({ lo, hi, to });
  }

  /** The automaton of the spelling of `spelt`, a canonical one, whose states are those added to. */
  finish(spelt: Dfa): Dfa {
    const accept = new Uint8Array(this.edges.length);
    accept.set(spelt.accept);
    const edges = this.edges.map((list) => list.toSorted((a, b) => a.lo - b.lo));
    return treatsSurrogatesAlike(spelt) ? renumber({ edges, accept }) : minimize({ edges, accept });
  }
}

/**
 * Whether no state tells surrogates from U+D7FF. Then dropping them merges no states of a minimal automaton, and its
 * spelling is minimal as built: states inside a character are shared by content, and differ from those between characters
 * by what they read (continuation bytes, or no backslash, or hex digits of other values).
 */
function treatsSurrogatesAlike({ edges }: Dfa): boolean {
  const [first, last] = [SURROGATES[0] - 1, SURROGATES[1]];
  return edges.every((list) =>
    list.every(({ lo, hi }) => lo > last || hi < first || (lo <= first && hi >= last)),
  );
}

const byteDigit = ([lo, hi, to]: Run): Run[] => [[0x80 + lo, 0x80 + hi, to]];

/** Runs sorted, those that touch and lead to one state made one. */
export function mergeRuns(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const [lo, hi, to] of runs.toSorted((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (last && last[2] === to && last[1] + 1 === lo) result[result.length - 1] = [last[0], hi, to];
    else result.push([lo, hi, to]);
  }
  return result;
}

/** The part of sorted runs inside [lo, hi]. */
export function clipRuns(runs: readonly Run[], lo: number, hi: number): Run[] {
  const result: Run[] = [];
  for (const [from, end, to] of runs)
    if (from <= hi && end >= lo) result.push([Math.max(from, lo), Math.min(end, hi), to]);
  return result;
}

export function runsOf(edges: readonly DfaEdge[]): Run[] {
  return edges.map(({ lo, hi, to }) => [lo, hi, to]);
}

/** The UTF-8 edges of one state: RFC 3629's table of lead and continuation bytes. */
export function utf8Runs(speller: Speller, runs: readonly Run[]): Run[] {
  const result: Run[] = clipRuns(runs, 0, 0x7f);
  const lead = (lo: number, hi: number, digits: number, base: number) => {
    const scalar = clipRuns(runs, lo, hi).flatMap((run) =>
      digits === 3
        ? [...clipRuns([run], 0, SURROGATES[0] - 1), ...clipRuns([run], SURROGATES[1] + 1, 0xffff)]
        : [run],
    );
    for (const [first, last, to] of speller.leading(scalar, digits, 6))
      result.push([base + first, base + last, to]);
  };
  lead(0x80, 0x7ff, 2, 0xc0);
  lead(0x800, 0xffff, 3, 0xe0);
  lead(0x10000, 0x10ffff, 4, 0xf0);
  return result;
}

/**
 * The bytes of the language's words in UTF-8. Words with surrogates have none and are dropped.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function utf8Dfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  const speller = new Speller(codePoints.edges.length, limits);
  codePoints.edges.forEach((edges, state) => {
    for (const run of utf8Runs(speller, runsOf(edges))) speller.add(state, run);
  });
  return speller.finish(codePoints);
}
