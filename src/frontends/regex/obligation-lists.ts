// Lists of obligations, each kept once: what stands in one is compared by its number, and what one more obligation makes of
// it is looked up.
import { ascending, WordLists } from '../../automata/index.js';

/** The set that every text satisfies, and the one that none does. */
export const TRUE = 0;
export const FALSE = 1;

export interface Obligations {
  readonly id: number;
  /** Twice the number of a set, plus one where the text must not satisfy it; sorted, without copies. */
  readonly list: readonly number[];
}

export class ObligationLists {
  readonly none: Obligations;
  readonly #numbers = new WordLists();
  readonly #lists: Obligations[] = [];
  /** By list, what one more obligation makes of it. */
  readonly #more: Map<number, Obligations | undefined>[] = [];

  constructor() {
    this.none = this.of([]);
  }

  /** `list` is sorted, without copies and contradictions. */
  of(list: readonly number[]): Obligations {
    for (const one of list) this.#numbers.put(one);
    const id = this.#numbers.end();
    if (id === this.#lists.length) {
      this.#lists.push({ id, list });
      this.#more.push(new Map());
    }
    return this.#lists[id];
  }

  /** The obligations with one more; undefined where they contradict each other. */
  with(obligations: Obligations, one: number): Obligations | undefined {
    if (one === 2 * TRUE || one === 2 * FALSE + 1) return obligations;
    if (one === 2 * FALSE || one === 2 * TRUE + 1) return undefined;
    const known = this.#more[obligations.id];
    let more = known.get(one);
    if (more === undefined && !known.has(one)) {
      const { list } = obligations;
      if (list.includes(one)) more = obligations;
      else if (!list.includes(one ^ 1)) more = this.of([...list, one].sort(ascending));
      known.set(one, more);
    }
    return more;
  }

  withAll(obligations: Obligations, more: Obligations): Obligations | undefined {
    let all: Obligations | undefined = obligations;
    for (const one of more.list) all &&= this.with(all, one);
    return all;
  }
}

/** Leaves out the lists that hold all of another. */
export function weakest(lists: readonly Obligations[]): readonly Obligations[] {
  if (lists.length < 2) return lists;
  const kept: Obligations[] = [];
  for (const one of lists.toSorted((a, b) => a.list.length - b.list.length))
    if (!kept.some((other) => includesAll(one, other))) kept.push(one);
  return kept;
}

/** Whether every obligation of `other` is one of `all`. */
export function includesAll(all: Obligations, other: Obligations): boolean {
  if (all === other) return true;
  for (const one of other.list) if (!all.list.includes(one)) return false;
  return true;
}
