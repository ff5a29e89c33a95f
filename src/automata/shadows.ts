// Conditions that tokens left behind when they ended: sets of shadows of terminals' automata (token-automaton.ts),
// interned. A set holds when each of its members does.
import { BAD, type TokenAutomaton } from './token-automaton.js';

export interface ShadowSet {
  readonly id: number;
  /** [terminal, state] in ascending order. */
  readonly members: readonly (readonly [number, number])[];
  /** Whether all hold when the text ends here. */
  readonly holdsAtEnd: boolean;
  /** By byte; null: violated. */
  readonly next: (ShadowSet | null | undefined)[];
}

export class ShadowTable {
  readonly none: ShadowSet;
  readonly #terminals: readonly TokenAutomaton[];
  readonly #nextId: () => number;
  readonly #sets = new Map<string, ShadowSet>();
  readonly #unions = new Map<string, ShadowSet>();

  constructor(terminals: readonly TokenAutomaton[], nextId: () => number) {
    this.#terminals = terminals;
    this.#nextId = nextId;
    this.none = this.of([]);
  }

  get size(): number {
    return this.#sets.size + this.#unions.size;
  }

  of(members: readonly (readonly [number, number])[]): ShadowSet {
    const sorted = [...members].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const list = sorted.filter(([t, s], i) => i === 0 || sorted[i - 1][0] !== t || sorted[i - 1][1] !== s);
    const key = list.join(';');
    let set = this.#sets.get(key);
    if (!set) {
      const holdsAtEnd = list.every(([terminal, state]) => {
        const { holdsAtEnd: holds, runCount } = this.#terminals[terminal];
        return holds[state - runCount] === 1;
      });
      set = { id: this.#nextId(), members: list, holdsAtEnd, next: [] };
      this.#sets.set(key, set);
    }
    return set;
  }

  union(a: ShadowSet, b: ShadowSet): ShadowSet {
    if (a === b || b.members.length === 0) return a;
    if (a.members.length === 0) return b;
    const key = `${a.id},${b.id}`;
    let set = this.#unions.get(key);
    if (!set) {
      set = this.of([...a.members, ...b.members]);
      this.#unions.set(key, set);
    }
    return set;
  }

  /** The conditions after one more byte, or null when one is violated. */
  step(set: ShadowSet, byte: number): ShadowSet | null {
    const known = set.next[byte];
    if (known !== undefined) return known;
    const result = this.#step(set, byte);
    set.next[byte] = result;
    return result;
  }

  #step(set: ShadowSet, byte: number): ShadowSet | null {
    const members: [number, number][] = [];
    for (const [terminal, state] of set.members) {
      const { next, classCount, classOf } = this.#terminals[terminal];
      const to = next[state * classCount + classOf[byte]];
      if (to === BAD) return null;
      if (to >= 0) members.push([terminal, to]);
    }
    return this.of(members);
  }
}
