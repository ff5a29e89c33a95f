// A lexeme together with the first byte of the literal behind it, where that byte tells that the lexeme is over.
import { type Dfa, dfaOf, FLAT_WORDS, FlatBuilder, flatOf } from '../automata/index.js';

const closed = new WeakMap<Dfa, Map<number, Dfa | undefined>>();

/** The words of a lexeme, each with `byte` behind it; undefined where such a byte could also go on inside the lexeme. */
export function closedBy(dfa: Dfa, byte: number): Dfa | undefined {
  let byByte = closed.get(dfa);
  if (!byByte) closed.set(dfa, (byByte = new Map()));
  if (!byByte.has(byte)) byByte.set(byte, close(dfa, byte));
  return byByte.get(byte);
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
