// Finds the lexemes of counted characters in one automaton: loops that count, read one character by a lexeme, and begin
// anew, whichever way the grammar has laid them out. A place is followed along the edges that read nothing; whatever does
// not fit (two ways on behind the lexeme, a counter that is asked before it counts) is no counted lexeme, and its states
// are treated one character at a time.
import { EDGE_WORDS, EdgeKind, type Pda } from '../automata/index.js';
import { type Bounds, type CountedLexeme, type CountedPlace, FREE_BOUNDS } from './counted-lexeme.js';
import type { Lexeme } from './lexeme.js';
import type { LexemeCopies } from './lexeme-copies.js';
import { UNBOUNDED } from './trie-part.js';

const MAX_DEPTH = 64;
const MAX_PLACES = 4096;

/** A state behind a character. */
export interface CountedCopy {
  readonly lexeme: CountedLexeme;
  readonly place: number;
  /** The counter's, from which what is left is counted; UNBOUNDED for none. */
  readonly limit: number;
  /** Of the counter, before the lexeme may end; 0 where bounds in the lexeme say it. */
  readonly minimum: number;
  /** The automaton's state behind the lexeme. */
  readonly after: number;
  /** The counter is set back to 0 on the way there. */
  readonly resets: boolean;
}

interface Next {
  readonly character: Lexeme;
  readonly place: number;
  readonly limit: number;
  readonly least: number;
  readonly saturates: boolean;
}

interface Raw {
  readonly next: Next[];
  mayEnd: boolean;
  endMin: number;
}

/** What stands on the way from a place to the state that is looked at. */
interface Way {
  readonly counted: boolean;
  readonly saturates: boolean;
  readonly limit: number;
  readonly least: number;
}

const NO_WAY: Way = { counted: false, saturates: false, limit: 0, least: 0 };

interface Group {
  /** By place. */
  readonly states: number[];
  readonly places: Raw[];
  after: number;
  resets: boolean;
}

export class CountedCopies {
  readonly #pda: Pda;
  readonly #copies: LexemeCopies;
  /** By state; null where it is no place between counted characters. */
  readonly #found = new Map<number, CountedCopy | null>();

  constructor(pda: Pda, copies: LexemeCopies) {
    this.#pda = pda;
    this.#copies = copies;
  }

  place(state: number): CountedCopy | null {
    let found = this.#found.get(state);
    if (found === undefined) {
      const group: Group = { states: [state], places: [], after: -1, resets: false };
      if (this.#explore(group)) this.#settle(group);
      found = this.#found.get(state) ?? null;
      this.#found.set(state, found);
    }
    return found;
  }

  /** Whether the state does nothing but return. */
  onlyReturns(state: number): boolean {
    const { edgeStart, edges } = this.#pda;
    return (
      edgeStart[state + 1] - edgeStart[state] === 1 &&
      edges[edgeStart[state] * EDGE_WORDS] === EdgeKind.return
    );
  }

  #explore(group: Group): boolean {
    let counts = false;
    for (let place = 0; place < group.states.length; place++) {
      const raw: Raw = { next: [], mayEnd: false, endMin: 0 };
      group.places.push(raw);
      if (!this.#follow(group, raw, group.states[place], NO_WAY, 0) || group.states.length > MAX_PLACES)
        return false;
      counts ||= raw.next.length > 0;
    }
    return counts && group.after >= 0;
  }

  #follow(group: Group, raw: Raw, state: number, way: Way, depth: number): boolean {
    if (depth > MAX_DEPTH) return false;
    const { edges, edgeStart } = this.#pda;
    const from = edgeStart[state] * EDGE_WORDS;
    const to = edgeStart[state + 1] * EDGE_WORDS;
    let passages = 0;
    for (let at = from; at < to; at += EDGE_WORDS) if (isPassage(edges[at])) passages += EDGE_WORDS;
    if (passages < to - from && !way.counted)
      return passages === 0 && end(group, raw, state, false, way.least);
    const character = way.counted ? this.#copies.place(state) : null;
    if (character) return this.#readCharacter(group, raw, state, character.after, way);
    for (let at = from; at < to; at += EDGE_WORDS)
      if (!this.#followEdge(group, raw, at, way, depth + 1)) return false;
    return true;
  }

  #followEdge(group: Group, raw: Raw, at: number, way: Way, depth: number): boolean {
    const { edges } = this.#pda;
    const [a, b, to] = [edges[at + 1], edges[at + 2], edges[at + 3]];
    switch (edges[at]) {
      case EdgeKind.epsilon:
        return this.#follow(group, raw, to, way, depth);
      case EdgeKind.count:
        return (
          !way.counted &&
          way.least === 0 &&
          this.#follow(group, raw, to, { counted: true, saturates: b === 1, limit: a, least: 0 }, depth)
        );
      case EdgeKind.atLeast:
        return this.#follow(group, raw, to, { ...way, least: Math.max(way.least, a) }, depth);
      case EdgeKind.check:
        return !way.counted && end(group, raw, to, true, Math.max(way.least, a));
      case EdgeKind.call: {
        const called = way.counted ? this.#copies.place(a) : null;
        return (
          called !== null && this.onlyReturns(called.after) && this.#readCharacter(group, raw, a, to, way)
        );
      }
      default:
        return false;
    }
  }

  #readCharacter(group: Group, raw: Raw, state: number, behind: number, way: Way): boolean {
    const entry = this.#copies.place(state);
    if (entry?.state !== 0 || !entry.lexeme.isPrefixFree) return false;
    if (way.saturates && way.least > way.limit) return false;
    let place = group.states.indexOf(behind);
    if (place < 0) place = group.states.push(behind) - 1;
    const { limit, least, saturates } = way;
    raw.next.push({ character: entry.lexeme, place, limit, least, saturates });
    return true;
  }

  /**
   * Tells counts by what is left until the highest limit, and shares the lexeme with others of the same content. A loop of
   * one place is the same for all limits.
   */
  #settle(group: Group): void {
    let limit = 0;
    for (const { next } of group.places) for (const one of next) limit = Math.max(limit, one.limit);
    const [first] = group.places;
    if (group.places.length === 1 && first.next.length === 1 && first.next[0].least === 0) {
      const { character, saturates } = first.next[0];
      const next = [{ character, place: 0, bounds: { least: 1, most: UNBOUNDED } }];
      const content = [{ next, mayEnd: first.mayEnd, end: FREE_BOUNDS }];
      this.#keep(group, content, saturates ? UNBOUNDED : limit, first.endMin);
      return;
    }
    const content: CountedPlace[] = [];
    for (const { next, mayEnd, endMin } of group.places) {
      if (endMin > limit && next.some(({ saturates }) => saturates)) return;
      // A counter that stops short of another's limit does not tell what is left of that one.
      if (next.some((one) => one.saturates && one.limit !== limit)) return;
      content.push({
        next: next.map((one) => ({
          character: one.character,
          place: one.place,
          bounds: boundsBefore(one, limit),
        })),
        mayEnd,
        end: mayEnd && endMin > 0 ? { least: 0, most: limit - endMin } : FREE_BOUNDS,
      });
    }
    this.#keep(group, content, limit, 0);
  }

  #keep({ states, after, resets }: Group, content: CountedPlace[], limit: number, minimum: number): void {
    const lexeme = this.#copies.table.internCounted(content);
    for (const [place, state] of states.entries())
      if (!this.#found.get(state)) this.#found.set(state, { lexeme, place, limit, minimum, after, resets });
  }
}

/** Of what is left before the character is counted. */
function boundsBefore({ limit: own, least, saturates }: Next, limit: number): Bounds {
  return {
    least: saturates ? 0 : limit - own + 1,
    most: least > 0 ? limit - least + 1 : UNBOUNDED,
  };
}

function end(group: Group, raw: Raw, after: number, resets: boolean, min: number): boolean {
  if (raw.mayEnd || (group.after >= 0 && (group.after !== after || group.resets !== resets))) return false;
  group.after = after;
  group.resets = resets;
  raw.mayEnd = true;
  raw.endMin = min;
  return true;
}

function isPassage(kind: number): boolean {
  return (
    kind === EdgeKind.epsilon ||
    kind === EdgeKind.count ||
    kind === EdgeKind.check ||
    kind === EdgeKind.atLeast
  );
}
