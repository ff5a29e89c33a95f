// A lexeme together with the first byte of the literal behind it, where that byte tells that the lexeme is over.
import {
  type Dfa,
  DfaNote,
  dfaOf,
  FLAT_WORDS,
  FlatBuilder,
  type FlatDfa,
  flatOf,
  laterDfa,
} from '../automata/index.js';
import { bytes } from './builder.js';
import type { Node } from './ir.js';

/** By the byte; false where there is none. */
const closed: DfaNote<Dfa | false>[] = [];

/** The words of a lexeme, each with `byte` behind it; undefined where such a byte could also go on inside the lexeme. */
export function closedBy(dfa: Dfa, byte: number): Dfa | undefined {
  const note = noteOf(byte);
  let known = note.get(dfa);
  if (known === undefined) note.set(dfa, (known = close(dfa, byte) ?? false));
  return known || undefined;
}

function noteOf(byte: number): DfaNote<Dfa | false> {
  closed[byte] ??= new DfaNote();
  return closed[byte];
}

/** For one lexeme after the other. */
const closedBuilder = new FlatBuilder();

function close(dfa: Dfa, byte: number): Dfa | undefined {
  const { edgeStart, edges, accept } = flatOf(dfa);
  const end = accept.length;
  const builder = closedBuilder.clear();
  for (let state = 0; state < end; state++) {
    let isOpen = accept[state] === 1;
    for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS) {
      const lo = edges[at];
      if (isOpen && byte <= edges[at + 1]) {
        if (lo <= byte) return undefined;
        builder.edge(byte, byte, end);
        isOpen = false;
      }
      builder.edge(lo, edges[at + 1], edges[at + 2]);
    }
    if (isOpen) builder.edge(byte, byte, end);
    builder.close();
  }
  builder.close();
  const accepts = new Uint8Array(end + 1);
  accepts[end] = 1;
  return dfaOf(builder.finish(accepts));
}

/**
 * The same from the other end: a lexeme and the literal of one byte behind it, made from the automaton of both, whose only
 * accepting state is `end`, reached by that byte alone. What the lexeme is by itself is made when somebody asks for it.
 */
export function closedLexeme(whole: Dfa, end: number, byte: number): Node {
  const { edgeStart, edges } = flatOf(whole);
  const accept = new Uint8Array(whole.accept.length - 1);
  for (let state = 0; state < accept.length; state++) {
    const from = state < end ? state : state + 1;
    for (let at = edgeStart[from] * FLAT_WORDS; at < edgeStart[from + 1] * FLAT_WORDS; at += FLAT_WORDS)
      if (edges[at + 2] === end) accept[state] = 1;
  }
  const dfa = laterDfa(accept, () => opened(flatOf(whole), end, accept));
  noteOf(byte).set(dfa, whole);
  return { kind: 'sequence', items: [{ kind: 'regular', dfa }, bytes(Uint8Array.of(byte))] };
}

function opened({ edgeStart, edges }: FlatDfa, end: number, accept: Uint8Array): FlatDfa {
  const builder = closedBuilder.clear();
  for (let state = 0; state <= accept.length; state++) {
    if (state === end) continue;
    for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS) {
      const to = edges[at + 2];
      if (to !== end) builder.edge(edges[at], edges[at + 1], to < end ? to : to - 1);
    }
    builder.close();
  }
  return builder.finish(accept);
}
