// Free text: anything but certain strings, and anything until a trigger, which then commits to what follows it.
// Used by structural tags and by the EBNF macro TagDispatch.
import { type Dfa, type DfaEdge, minimize, utf8Dfa } from '../automata/index.js';
import { EMPTY, type GrammarBuilder, regular, sequence } from './builder.js';
import { DispatchSearch } from './dispatch-search.js';
import type { Node } from './ir.js';
import { choiceOf } from './lists.js';
import { charactersByTarget, type FreeTextLimits, type SearchState, searchStates } from './text-search.js';

export type { FreeTextLimits };

/**
 * The texts, in UTF-8, that hold none of `strings` anywhere. Any text when there are none.
 * @throws LimitError `maxTriggerStates`, `maxTriggerTransitions`, `maxStates`
 */
export function textWithout(strings: readonly string[], limits?: FreeTextLimits): Dfa {
  const states = searchStates(strings, limits);
  const edges = states.map((state): DfaEdge[] =>
    state.found.length > 0 ? [] : transitions(state).filter(({ to }) => states[to].found.length === 0),
  );
  const accept = Uint8Array.from(states, ({ found }) => (found.length === 0 ? 1 : 0));
  // The search has as many states as the strings have characters: its own limit bounds their spelling, too.
  return utf8Dfa(minimize({ edges, accept }), { maxStates: states.length });
}

function transitions(state: SearchState): DfaEdge[] {
  return [...charactersByTarget(state)]
    .flatMap(([to, intervals]) => intervals.map(([lo, hi]) => ({ lo, hi, to })))
    .sort((a, b) => a.lo - b.lo);
}

export interface Trigger {
  /** Not empty. */
  readonly text: string;
  /** What must follow. */
  readonly follows: Node;
}

export interface Dispatch {
  readonly triggers: readonly Trigger[];
  /** Strings that the free text must not hold. Where one ends with a trigger, it counts. */
  readonly excludes: readonly string[];
  /** Whether free text goes on behind what follows a trigger. */
  readonly loop: boolean;
}

/**
 * Free text in which a trigger, once it is complete, commits to what must follow it; of several triggers that end at one
 * place the longest counts. A trigger inside a longer one, or at its beginning, may also become the longer one. The free
 * text may end anywhere but inside what a trigger asks for. Its search begins anew behind each of them. One rule a state
 * of the search, for what may follow the characters that leave it there: linear in the triggers.
 * @throws LimitError `maxTriggerStates`, `maxTriggerTransitions`
 */
export function dispatch(
  builder: GrammarBuilder,
  name: string,
  { triggers, excludes, loop }: Dispatch,
  limits?: FreeTextLimits,
): Node {
  const texts = [...new Set(triggers.map(({ text }) => text))];
  const search = new DispatchSearch(texts, excludes, limits);
  const rests = search.states.map((_, state) => builder.declare(`${name}-text-${state}`));
  const staying = search.states.map((state, id) =>
    search.leads(id, id) ? (charactersByTarget(state).get(id) ?? []) : [],
  );
  const text = sequence(staying[0].length > 0 ? regular(utf8Dfa(anyNumberOf(staying[0]))) : EMPTY, rests[0]);
  const followed = texts.map((trigger) =>
    sequence(
      choiceOf(triggers.filter((each) => each.text === trigger).map(({ follows }) => follows)),
      loop ? text : EMPTY,
    ),
  );
  const lexemes = new Map<string, Node>();
  search.states.forEach((state, id) => {
    const options: Node[] = search.mayEnd(id) ? [EMPTY] : [];
    const trigger = search.committed(id);
    if (trigger !== undefined) options.push(followed[trigger]);
    for (const [to, intervals] of charactersByTarget(state)) {
      if (to === id || intervals.length === 0 || !search.leads(id, to)) continue;
      const key = `${intervals.join(' ')}/${staying[to].join(' ')}`;
      const lexeme = lexemes.get(key) ?? regular(utf8Dfa(oneThenAnyNumberOf(intervals, staying[to])));
      lexemes.set(key, lexeme);
      options.push(sequence(lexeme, rests[to]));
    }
    builder.define(rests[id], choiceOf(options));
  });
  return text;
}

type Intervals = readonly (readonly [number, number])[];

/** Characters that leave the search where it is are one lexeme, of any length: masks know it as a whole. */
function anyNumberOf(intervals: Intervals): Dfa {
  return { edges: [edgesTo(0, intervals)], accept: Uint8Array.of(1) };
}

function oneThenAnyNumberOf(first: Intervals, more: Intervals): Dfa {
  return { edges: [edgesTo(1, first), edgesTo(1, more)], accept: Uint8Array.of(0, 1) };
}

function edgesTo(to: number, intervals: Intervals): DfaEdge[] {
  return intervals.map(([lo, hi]) => ({ lo, hi, to }));
}
