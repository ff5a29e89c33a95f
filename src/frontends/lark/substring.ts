// `%regex {"substring_…": …}`: the texts that stand in a row somewhere in a given one, as a suffix automaton would have them.
import { type AutomatonLimits, type Dfa, NfaBuilder } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import type { Expression } from './syntax.js';

const FIELDS = ['substring_chars', 'substring_words', 'substring_chunks'];

/** @throws CompileError `invalid_grammar`; LimitError `maxStates` */
export function substringDfa(
  { text, position }: Expression & { kind: 'substring' },
  limits: AutomatonLimits,
): Dfa {
  const invalid = (message: string) => new CompileError('invalid_grammar', message, { ...position });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`%regex needs a JSON object: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('%regex needs a JSON object');
  const [field, second] = Object.entries(value);
  if (!field || second || !FIELDS.includes(field[0]))
    throw invalid(`%regex needs one of ${FIELDS.join(', ')} and nothing else`);
  const chunks = chunksOf(field[0], field[1]);
  if (!chunks) throw invalid(`the value of ${field[0]} is of the wrong type`);
  return rows(chunks, limits);
}

function chunksOf(field: string, value: unknown): readonly string[] | undefined {
  if (field === 'substring_chunks')
    return Array.isArray(value) && value.every((chunk) => typeof chunk === 'string') ? value : undefined;
  if (typeof value !== 'string') return undefined;
  return field === 'substring_chars' ? [...value] : (value.match(/\s+|\S+/g) ?? []);
}

/** Any number of chunks that follow one another: the suffix automaton of their row, with chunks spelt in bytes. */
function rows(chunks: readonly string[], limits: AutomatonLimits): Dfa {
  const encoder = new TextEncoder();
  const nfa = new NfaBuilder();
  const states = suffixAutomaton(chunks.filter((chunk) => chunk !== ''));
  const ids = states.map(() => nfa.state());
  states.forEach(({ next }, from) => {
    for (const [chunk, to] of next) {
      const bytes = encoder.encode(chunk);
      let at = ids[from];
      bytes.forEach((byte, i) => {
        const target = i === bytes.length - 1 ? ids[to] : nfa.state();
        nfa.edge(at, byte, byte, target);
        at = target;
      });
    }
  });
  return nfa.toDfa(ids[0], ids, limits);
}

interface SuffixState {
  readonly next: Map<string, number>;
  readonly length: number;
  link: number;
}

/** All factors of a word, in linear size and time (Blumer et al. 1985). */
function suffixAutomaton(word: readonly string[]): SuffixState[] {
  const states: SuffixState[] = [{ next: new Map(), length: 0, link: -1 }];
  let last = 0;
  for (const letter of word) {
    const current = states.push({ next: new Map(), length: states[last].length + 1, link: 0 }) - 1;
    let at = last;
    for (; at >= 0 && !states[at].next.has(letter); at = states[at].link)
      states[at].next.set(letter, current);
    if (at >= 0) states[current].link = linkTarget(states, at, letter);
    last = current;
  }
  return states;
}

/** The state that a new one's suffixes end in, split from another where that one has longer words too. */
function linkTarget(states: SuffixState[], from: number, letter: string): number {
  const reached = states[from].next.get(letter)!;
  const length = states[from].length + 1;
  if (states[reached].length === length) return reached;
  const { next, link } = states[reached];
  const copy = states.push({ next: new Map(next), length, link }) - 1;
  states[reached].link = copy;
  for (let at = from; at >= 0 && states[at].next.get(letter) === reached; at = states[at].link)
    states[at].next.set(letter, copy);
  return copy;
}
