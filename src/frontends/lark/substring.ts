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

/** Any number of chunks that follow one another. */
function rows(chunks: readonly string[], limits: AutomatonLimits): Dfa {
  const encoder = new TextEncoder();
  const nfa = new NfaBuilder();
  const start = nfa.state();
  const ends = [start];
  let at = nfa.state();
  nfa.epsilon(start, at);
  for (const chunk of chunks) {
    for (const byte of encoder.encode(chunk)) {
      const next = nfa.state();
      nfa.edge(at, byte, byte, next);
      at = next;
    }
    const border = nfa.state();
    nfa.epsilon(at, border);
    nfa.epsilon(start, border);
    ends.push(at);
    at = border;
  }
  return nfa.toDfa(start, ends, limits);
}
