// What a machine looks up for each byte and state of an automaton, made once: which bytes are read alike, and which states
// read at all.
import { EDGE_WORDS, EdgeKind, readsByte } from './edges.js';
import { ACCEPT_STATE, type Pda } from './pda.js';

/** By byte its class: bytes of one class are read alike by every edge. */
export function byteClasses({ edges }: Pda): { classOf: Uint8Array; classCount: number } {
  const begins = new Uint8Array(257);
  for (let at = 0; at < edges.length; at += EDGE_WORDS)
    if (readsByte(edges[at])) begins[edges[at + 1]] = begins[edges[at + 2] + 1] = 1;
  const classOf = new Uint8Array(256);
  for (let byte = 1; byte < 256; byte++) classOf[byte] = classOf[byte - 1] + begins[byte];
  return { classOf, classCount: classOf[255] + 1 };
}

/** By state: whether an edge reads a byte or a token; and whether all its edges read a byte, and there is one. */
export function kindsOfStates({ stateCount, edgeStart, edges }: Pda): {
  reads: Uint8Array;
  isPlain: Uint8Array;
} {
  const reads = new Uint8Array(stateCount);
  const isPlain = new Uint8Array(stateCount);
  for (let state = 0; state < stateCount; state++) {
    let bytes = 0;
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++) {
      const kind = edges[edge * EDGE_WORDS];
      if (readsByte(kind)) bytes++;
      if (readsByte(kind) || kind === EdgeKind.token) reads[state] = 1;
    }
    const all = edgeStart[state + 1] - edgeStart[state];
    isPlain[state] = state !== ACCEPT_STATE && all > 0 && bytes === all ? 1 : 0;
  }
  return { reads, isPlain };
}
