// What is found out about an automaton, kept as long as the automaton. It stands in the automaton: V8 looks at the entries of a
// WeakMap while everything else stands still, and there were thousands.
import type { Dfa } from './dfa.js';

interface Entry {
  readonly note: unknown;
  value: unknown;
  readonly next: Entry | undefined;
}

/** An automaton with room for notes. */
export abstract class NotedDfa {
  /** Private, because automata are compared field by field. */
  #first: Entry | undefined;

  static hasRoom(dfa: Dfa): dfa is Dfa & NotedDfa {
    return #first in dfa;
  }

  static entryOf(dfa: NotedDfa, note: unknown): Entry | undefined {
    for (let entry = dfa.#first; entry; entry = entry.next) if (entry.note === note) return entry;
    return undefined;
  }

  static add(dfa: NotedDfa, note: unknown, value: unknown): void {
    dfa.#first = { note, value, next: dfa.#first };
  }
}

/** One thing that may be noted of each automaton. */
export class DfaNote<V extends {}> {
  /** Of automata without room, which are few: those that somebody has written as lists of edges. */
  readonly #others = new WeakMap<Dfa, V>();

  get(dfa: Dfa): V | undefined {
    if (!NotedDfa.hasRoom(dfa)) return this.#others.get(dfa);
    return NotedDfa.entryOf(dfa, this)?.value as V | undefined;
  }

  set(dfa: Dfa, value: V): void {
    if (!NotedDfa.hasRoom(dfa)) {
      this.#others.set(dfa, value);
      return;
    }
    const entry = NotedDfa.entryOf(dfa, this);
    if (entry) entry.value = value;
    else NotedDfa.add(dfa, this, value);
  }
}

/** `make` as a function that is asked once for each automaton; what it throws is not noted. */
export function noted<V extends {}, With = void>(make: (dfa: Dfa, by: With) => V): (dfa: Dfa, by: With) => V {
  const note = new DfaNote<V>();
  return (dfa, by) => {
    let value = note.get(dfa);
    if (value === undefined) note.set(dfa, (value = make(dfa, by)));
    return value;
  };
}
