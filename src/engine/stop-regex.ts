// Stop expressions: each becomes a DFA over code points by the regex front end, and one pass over a text that comes in
// pieces finds the first place where a match is complete, and where the text begins that may still become one. No
// backtracking: a character costs at most one step for each state.
import { acceptsEmpty, type Dfa, nextState } from '../automata/index.js';
import { RecentCache } from '../compile/index.js';
import { CompileError, RequestError } from '../errors.js';
import { regexAnywhereDfa } from '../frontends/regex/index.js';

/** Most stop expressions of one request, and the longest, in UTF-16 units. */
export const MAX_STOP_REGEXES = 32;
export const MAX_STOP_REGEX_LENGTH = 1024;
/** Most states of the automaton of one: a character of output costs no more steps. */
export const MAX_STOP_STATES = 1000;
const MAX_SUBSET_STEPS = 200_000;
const MAX_KEPT = 128;

/** A compiled stop expression. */
export interface StopRegex {
  readonly source: string;
  readonly dfa: Dfa;
}

const compiled = new RecentCache<string, StopRegex>(MAX_KEPT);

/** @throws RequestError `invalid_request` for `stopRegex` */
export function compileStopRegexes(sources: unknown): readonly StopRegex[] {
  if (sources === undefined) return [];
  if (!Array.isArray(sources) || sources.some((source) => typeof source !== 'string'))
    throw invalid('must be a list of regular expressions as strings');
  if (sources.length > MAX_STOP_REGEXES)
    throw invalid(
      `holds ${sources.length} expressions; at most ${MAX_STOP_REGEXES} are taken (limit MAX_STOP_REGEXES)`,
    );
  return sources.map((source: string) => compiled.get(source, () => compileOne(source)));
}

function compileOne(source: string): StopRegex {
  if (source.length > MAX_STOP_REGEX_LENGTH)
    throw invalid(
      `holds an expression of ${source.length} characters (limit MAX_STOP_REGEX_LENGTH = ${MAX_STOP_REGEX_LENGTH})`,
    );
  try {
    const dfa = regexAnywhereDfa(source, { maxStates: MAX_STOP_STATES, maxSubsetSteps: MAX_SUBSET_STEPS });
    if (acceptsEmpty(dfa))
      throw invalid(`/${source}/ matches the empty text, which every output begins with`);
    return { source, dfa };
  } catch (error) {
    if (error instanceof CompileError) throw invalid(`/${source}/: ${error.message}`, error);
    throw error;
  }
}

function invalid(reason: string, cause?: unknown): RequestError {
  return new RequestError('invalid_request', `stopRegex: ${reason}`, 'stopRegex', { cause });
}

/** A match that became complete: its place in the text, in UTF-16 units from the text's beginning. */
export interface StopMatch {
  readonly stop: string;
  readonly at: number;
  readonly end: number;
}

/** Follows one expression through a text. */
export class StopRegexScan {
  readonly #regex: StopRegex;
  /** Of each state in which attempts are, where the longest of these began. */
  #attempts = new Map<number, number>();
  #position = 0;

  constructor(regex: StopRegex) {
    this.#regex = regex;
  }

  /** Where the text begins that may still become a match; the end of the text, where there is none. */
  get pending(): number {
    let first = this.#position;
    for (const start of this.#attempts.values()) first = Math.min(first, start);
    return first;
  }

  /** Reads on. The match that is complete first, the longest of those; nothing may be read after it. */
  read(text: string): StopMatch | undefined {
    const { dfa, source } = this.#regex;
    for (const character of text) {
      this.#attempts.set(0, Math.min(this.#attempts.get(0) ?? this.#position, this.#position));
      const next = new Map<number, number>();
      let at = Number.POSITIVE_INFINITY;
      for (const [state, start] of this.#attempts) {
        const to = nextState(dfa, state, character.codePointAt(0) as number);
        if (to < 0) continue;
        next.set(to, Math.min(next.get(to) ?? start, start));
        if (dfa.accept[to] === 1) at = Math.min(at, start);
      }
      this.#attempts = next;
      this.#position += character.length;
      if (Number.isFinite(at)) return { stop: source, at, end: this.#position };
    }
    return undefined;
  }
}
