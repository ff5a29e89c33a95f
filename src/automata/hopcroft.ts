// Partition refinement in n log n (Hopcroft 1971): the minimisation of automata that refine.ts does not finish.
import { FLAT_WORDS, type FlatDfa } from './flat.js';

/** Blocks of equivalent states by partition refinement (Hopcroft 1971), over classes of symbols that no state tells apart. */
export function hopcroft(dfa: FlatDfa): Int32Array {
  const { accept } = dfa;
  const { table, classes } = completeTable(dfa);
  const count = accept.length + 1; // the last is the dead state
  const inverse = invert(table, classes, count);
  const partition = new Partition(count, (state) => (state < accept.length && accept[state] ? 1 : 0));
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

function completeTable({ edgeStart, edges, accept }: FlatDfa): { table: Int32Array; classes: number } {
  const cuts = new Set<number>([0]);
  for (let at = 0; at < edges.length; at += FLAT_WORDS) {
    cuts.add(edges[at]);
    cuts.add(edges[at + 1] + 1);
  }
  const starts = Int32Array.from(cuts).sort();
  const classOf = symbolClasses({ edgeStart, edges, accept }, starts);
  const classes = classOf.reduce((most, cls) => Math.max(most, cls + 1), 1);
  const dead = accept.length;
  const table = new Int32Array((accept.length + 1) * classes).fill(dead);
  for (let state = 0; state < accept.length; state++) {
    let i = 0;
    const end = edgeStart[state + 1] * FLAT_WORDS;
    for (let at = edgeStart[state] * FLAT_WORDS; at < end; at += FLAT_WORDS) {
      while (starts[i] < edges[at]) i++;
      for (; i < starts.length && starts[i] <= edges[at + 1]; i++)
        table[state * classes + classOf[i]] = edges[at + 2];
    }
  }
  return { table, classes };
}

/** Groups elementary intervals that every state sends to the same place. */
function symbolClasses(
  { edgeStart, edges, accept }: Pick<FlatDfa, 'edgeStart' | 'edges' | 'accept'>,
  starts: Int32Array,
): Int32Array {
  let classOf = new Int32Array(starts.length);
  let count = 1;
  for (let state = 0; state < accept.length && count < starts.length; state++) {
    const refined = new Map<number, number>();
    const next = new Int32Array(starts.length);
    let at = edgeStart[state] * FLAT_WORDS;
    const end = edgeStart[state + 1] * FLAT_WORDS;
    for (let i = 0; i < starts.length; i++) {
      while (at < end && edges[at + 1] < starts[i]) at += FLAT_WORDS;
      const to = at < end && edges[at] <= starts[i] ? edges[at + 2] + 1 : 0;
      const key = classOf[i] * (accept.length + 1) + to;
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
