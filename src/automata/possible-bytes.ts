// Which bytes may come next behind a state, by its edges and stacks alone: counters, marks and values are not asked.
import { EDGE_WORDS, EdgeKind, readsByte } from './edges.js';
import type { Pda } from './pda.js';
import type { StackSet, StackTable } from './stacks.js';

/** Pairs of state and stack that are looked at; where there are more, all bytes are said to be possible. */
const MAX_SEEN = 4096;

/** 8 words, a bit per byte, least significant first; perhaps with bytes that cannot come next. */
export function possibleBytes(pda: Pda, stacks: StackTable, state: number, stack: StackSet): Int32Array {
  const { edges, edgeStart } = pda;
  const bytes = new Int32Array(8);
  const seen = new Set<string>();
  const pending: { readonly state: number; readonly stack: StackSet }[] = [];
  const visit = (state: number, stack: StackSet) => {
    const key = `${state},${stack.id}`;
    if (seen.has(key)) return;
    seen.add(key);
    pending.push({ state, stack });
  };
  visit(state, stack);
  for (let here = pending.pop(); here; here = pending.pop()) {
    if (seen.size > MAX_SEEN) return bytes.fill(-1);
    const end = edgeStart[here.state + 1] * EDGE_WORDS;
    for (let at = edgeStart[here.state] * EDGE_WORDS; at < end; at += EDGE_WORDS) {
      const kind = edges[at];
      const to = edges[at + 3];
      if (readsByte(kind))
        for (let byte = edges[at + 1]; byte <= edges[at + 2]; byte++) bytes[byte >>> 5] |= 1 << (byte & 31);
      else if (kind === EdgeKind.call) visit(edges[at + 1], stacks.push(to, here.stack));
      else if (kind === EdgeKind.return)
        for (const frame of here.stack.frames) visit(frame.returnTo, frame.parents);
      else if (kind !== EdgeKind.token) visit(to, here.stack);
    }
  }
  return bytes;
}
