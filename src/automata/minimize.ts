// Any partial DFA to the one canonical form that leaves this room: trimmed, minimal, numbered breadth first.
import type { Dfa, DfaEdge } from './dfa.js';

/** A DFA under construction: edges sorted and disjoint, state 0 starts, otherwise free. */
export interface RawDfa {
  readonly edges: readonly (readonly DfaEdge[])[];
  readonly accept: ArrayLike<number>;
}

/** The empty language. */
export const NO_LANGUAGE: Dfa = { edges: [[]], accept: Uint8Array.of(0) };

/** The minimal automaton of the same language, in canonical form. */
export function minimize(raw: RawDfa): Dfa {
  const trimmed = trim(raw);
  if (trimmed.edges.length === 0) return NO_LANGUAGE;
  const blocks = mergeAcyclic(trimmed) ?? hopcroft(trimmed);
  return quotient(trimmed, blocks);
}

/** The canonical form of an automaton whose states all accept different languages already: trimmed, numbered breadth first. */
export function renumber(raw: RawDfa): Dfa {
  const trimmed = trim(raw);
  return trimmed.edges.length === 0 ? NO_LANGUAGE : trimmed;
}

/** Keeps the states that can be reached and can reach an accepting one; no states at all for the empty language. */
function trim(raw: RawDfa): { edges: DfaEdge[][]; accept: Uint8Array } {
  const count = raw.edges.length;
  const sources: number[][] = Array.from({ length: count }, () => []);
  const reachable = new Uint8Array(count);
  const order = [0];
  reachable[0] = 1;
  for (let at = 0; at < order.length; at++)
    for (const { to } of raw.edges[order[at]]) {
      sources[to].push(order[at]);
      if (!reachable[to]) {
        reachable[to] = 1;
        order.push(to);
      }
    }
  const alive = new Uint8Array(count);
  const pending = order.filter((state) => raw.accept[state]);
  for (const state of pending) alive[state] = 1;
  for (let state = pending.pop(); state !== undefined; state = pending.pop())
    for (const source of sources[state])
      if (!alive[source]) {
        alive[source] = 1;
        pending.push(source);
      }
  if (!alive[0]) return { edges: [], accept: new Uint8Array(0) };
  const kept = order.filter((state) => alive[state]);
  const number = new Int32Array(count);
  for (let i = 0; i < kept.length; i++) number[kept[i]] = i;
  return {
    edges: kept.map((state) =>
      joinEdges(
        raw.edges[state].filter(({ to }) => alive[to]),
        number,
      ),
    ),
    accept: Uint8Array.from(kept, (state) => (raw.accept[state] ? 1 : 0)),
  };
}

/** Renames targets and joins adjacent edges that then lead to one state. */
function joinEdges(edges: readonly DfaEdge[], number: ArrayLike<number>): DfaEdge[] {
  const result: DfaEdge[] = [];
  for (const { lo, hi, to } of edges) {
    const last = result[result.length - 1];
    if (last && last.to === number[to] && last.hi + 1 === lo)
      result[result.length - 1] = { lo: last.lo, hi, to: last.to };
    else result.push({ lo, hi, to: number[to] });
  }
  return result;
}

/**
 * Blocks of an acyclic automaton by hash-consing from the leaves (Revuz 1992), linear; undefined when it has a cycle.
 */
function mergeAcyclic({ edges, accept }: { edges: DfaEdge[][]; accept: Uint8Array }): Int32Array | undefined {
  const order = reverseTopological(edges);
  if (!order) return undefined;
  const block = new Int32Array(edges.length);
  const known = new Map<string, number>();
  for (const state of order) {
    let key = accept[state] ? '+' : '-';
    for (const { lo, hi, to } of joinEdges(edges[state], block)) key += `${lo},${hi},${to};`;
    let id = known.get(key);
    if (id === undefined) {
      id = known.size;
      known.set(key, id);
    }
    block[state] = id;
  }
  return block;
}

function reverseTopological(edges: readonly (readonly DfaEdge[])[]): number[] | undefined {
  const missing = new Int32Array(edges.length);
  for (const list of edges) for (const { to } of list) missing[to]++;
  const order: number[] = [];
  for (let state = 0; state < edges.length; state++) if (missing[state] === 0) order.push(state);
  for (let at = 0; at < order.length; at++)
    for (const { to } of edges[order[at]]) if (--missing[to] === 0) order.push(to);
  return order.length === edges.length ? order.reverse() : undefined;
}

/** Blocks of equivalent states by partition refinement (Hopcroft 1971), over classes of symbols that no state tells apart. */
function hopcroft({ edges, accept }: { edges: DfaEdge[][]; accept: Uint8Array }): Int32Array {
  const { table, classes } = completeTable(edges);
  const count = edges.length + 1; // the last is the dead state
  const inverse = invert(table, classes, count);
  const partition = new Partition(count, (state) => (state < edges.length && accept[state] ? 1 : 0));
  const work: number[] = []; // block * classes + class
  const pending = new Set<number>();
  const push = (block: number, cls: number) => {
    work.push(block * classes + cls);
    pending.add(block * classes + cls);
  };
  for (let cls = 0; cls < classes; cls++) push(partition.smallestBlock(), cls);
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    pending.delete(item);
    const cls = item % classes;
    const touched: number[] = [];
    for (const state of partition.members((item - cls) / classes))
      for (let at = inverse.start[state * classes + cls]; at < inverse.start[state * classes + cls + 1]; at++)
        touched.push(inverse.sources[at]);
    for (const [whole, part] of partition.split(touched))
      for (let c = 0; c < classes; c++)
        push(
          pending.has(whole * classes + c) || partition.size(part) <= partition.size(whole) ? part : whole,
          c,
        );
  }
  return partition.blockOf;
}

function completeTable(edges: DfaEdge[][]): { table: Int32Array; classes: number } {
  const cuts = new Set<number>([0]);
  for (const list of edges)
    for (const { lo, hi } of list) {
      cuts.add(lo);
      cuts.add(hi + 1);
    }
  const starts = Int32Array.from(cuts).sort();
  const classOf = symbolClasses(edges, starts);
  const classes = classOf.reduce((most, cls) => Math.max(most, cls + 1), 1);
  const dead = edges.length;
  const table = new Int32Array((edges.length + 1) * classes).fill(dead);
  edges.forEach((list, state) => {
    let i = 0;
    for (const { lo, hi, to } of list) {
      while (starts[i] < lo) i++;
      for (; i < starts.length && starts[i] <= hi; i++) table[state * classes + classOf[i]] = to;
    }
  });
  return { table, classes };
}

/** Groups elementary intervals that every state sends to the same place. */
function symbolClasses(edges: DfaEdge[][], starts: Int32Array): Int32Array {
  let classOf = new Int32Array(starts.length);
  let count = 1;
  for (const list of edges) {
    if (count === starts.length) break;
    const refined = new Map<number, number>();
    const next = new Int32Array(starts.length);
    let e = 0;
    for (let i = 0; i < starts.length; i++) {
      while (e < list.length && list[e].hi < starts[i]) e++;
      const to = e < list.length && list[e].lo <= starts[i] ? list[e].to + 1 : 0;
      const key = classOf[i] * (edges.length + 1) + to;
      let cls = refined.get(key);
      if (cls === undefined) {
        cls = refined.size;
        refined.set(key, cls);
      }
      next[i] = cls;
    }
    classOf = next;
    count = refined.size;
  }
  return classOf;
}

function invert(
  table: Int32Array,
  classes: number,
  count: number,
): { start: Int32Array; sources: Int32Array } {
  const start = new Int32Array(count * classes + 1);
  for (let i = 0; i < table.length; i++) start[table[i] * classes + (i % classes) + 1]++;
  for (let i = 1; i < start.length; i++) start[i] += start[i - 1];
  const fill = start.slice();
  const sources = new Int32Array(table.length);
  for (let i = 0; i < table.length; i++)
    sources[fill[table[i] * classes + (i % classes)]++] = Math.floor(i / classes);
  return { start, sources };
}

/** A refinable partition of 0..count-1 (Valmari & Lehtinen 2008): each block is a range of `elements`. */
class Partition {
  readonly blockOf: Int32Array;
  readonly #elements: Int32Array;
  readonly #position: Int32Array;
  readonly #first: number[] = [];
  readonly #end: number[] = [];
  readonly #marked: number[] = [];

  constructor(count: number, side: (element: number) => 0 | 1) {
    const all = Array.from({ length: count }, (_, i) => i);
    const sorted = [...all.filter((i) => side(i) === 0), ...all.filter((i) => side(i) === 1)];
    this.#elements = Int32Array.from(sorted);
    this.#position = new Int32Array(count);
    for (let i = 0; i < count; i++) this.#position[sorted[i]] = i;
    this.blockOf = Int32Array.from(all, (i) => side(i));
    const border = all.filter((i) => side(i) === 0).length;
    this.#addBlock(0, border);
    if (border < count) this.#addBlock(border, count);
  }

  smallestBlock(): number {
    return this.#first.length > 1 && this.size(1) < this.size(0) ? 1 : 0;
  }

  size(block: number): number {
    return this.#end[block] - this.#first[block];
  }

  members(block: number): Int32Array {
    return this.#elements.slice(this.#first[block], this.#end[block]);
  }

  /** Splits every block into the marked elements and the others; returns [old, new] for those that really split. */
  split(marked: readonly number[]): [number, number][] {
    const touched: number[] = [];
    for (const element of marked) {
      const block = this.blockOf[element];
      const border = this.#first[block] + this.#marked[block];
      if (this.#position[element] < border) continue;
      if (this.#marked[block]++ === 0) touched.push(block);
      this.#swap(this.#position[element], border);
    }
    const result: [number, number][] = [];
    for (const block of touched) {
      const border = this.#first[block] + this.#marked[block];
      this.#marked[block] = 0;
      if (border === this.#end[block]) continue;
      const part = this.#addBlock(this.#first[block], border);
      this.#first[block] = border;
      for (let i = this.#first[part]; i < border; i++) this.blockOf[this.#elements[i]] = part;
      result.push([block, part]);
    }
    return result;
  }

  #addBlock(first: number, end: number): number {
    this.#first.push(first);
    this.#end.push(end);
    return this.#marked.push(0) - 1;
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#elements[i], this.#elements[j]];
    this.#elements[i] = b;
    this.#elements[j] = a;
    this.#position[b] = i;
    this.#position[a] = j;
  }
}

/** One state per block, numbered breadth first from the start. */
function quotient({ edges, accept }: { edges: DfaEdge[][]; accept: Uint8Array }, block: Int32Array): Dfa {
  const number = new Map<number, number>([[block[0], 0]]);
  const order = [0];
  const result: DfaEdge[][] = [];
  for (let at = 0; at < order.length; at++) {
    const list: DfaEdge[] = [];
    for (const { lo, hi, to } of edges[order[at]]) {
      let id = number.get(block[to]);
      if (id === undefined) {
        id = order.push(to) - 1;
        number.set(block[to], id);
      }
      const last = list[list.length - 1];
      if (last && last.to === id && last.hi + 1 === lo) list[list.length - 1] = { lo: last.lo, hi, to: id };
      else list.push({ lo, hi, to: id });
    }
    result.push(list);
  }
  return { edges: result, accept: Uint8Array.from(order, (state) => accept[state]) };
}
