// From an automaton with lookaround to a DFA, exactly. A DFA state holds what the text so far makes of the pattern: the set
// of configurations of the whole (a position and the lookaheads still owed), and for every lookbehind the set of those that
// began anywhere before. A lookahead's guard adds an obligation; a lookbehind's guard holds where its set has come to its
// end, under the obligations met on its way, and its negation where each of these ways has some obligation that fails:
// thus lookaround of either kind may stand inside the other. As in determinize.ts, guards at a position are settled when
// the context of the symbol after it is known. This is the determinisation of an alternating automaton (Chandra, Kozen &
// Stockmeyer 1981), in which the universal branches are kept deterministic one by one.
import { type Dfa, type DfaEdge, minimize } from '../../automata/index.js';
import { type Closure, closures, type Work } from './closures.js';
import { FALSE, type Obligations, TRUE, weakest } from './obligation-lists.js';
import { type Configuration, ConfigurationSets, WHOLE } from './obligations.js';
import type { PositionAutomaton } from './positions.js';

/** A position of the text between two symbols. */
interface Place {
  readonly before: number;
  readonly after: number;
  /** For each lookbehind's part the number of its set. */
  readonly trackers: readonly number[];
  readonly closed: Map<number, readonly Configuration[]>;
  readonly stepped: Map<number, number>;
  /** What lists of obligations become, by list and class. */
  readonly owed: Map<number, Obligations | undefined>;
}

/** A DFA state; `trackers` and `before` only as far as they can still matter. */
interface Situation {
  readonly whole: number;
  readonly trackers: readonly number[];
  readonly before: number;
}

export class LookaroundDeterminizer {
  readonly #a: PositionAutomaton;
  readonly #sets: ConfigurationSets;
  readonly #closure: Closure;
  readonly #work: Work;
  readonly #stepped = new Map<number, number>();
  readonly #members = new Map<readonly number[], Uint8Array>();
  readonly #hasGuards: boolean;
  readonly #known = new Map<string, number>();
  readonly #situations: Situation[] = [];

  constructor(automaton: PositionAutomaton, work: Work) {
    this.#a = automaton;
    this.#work = work;
    this.#closure = closures(automaton, work);
    this.#sets = new ConfigurationSets(automaton, this.#closure, work);
    this.#hasGuards = automaton.guards.some((list) => list.length > 0);
  }

  /** Over class numbers. @throws LimitError `maxStates` */
  run(): Dfa {
    const { parts, contexts, start } = this.#a;
    const trackers = parts.map(({ behind }, part) => (behind ? this.#begin(part) : FALSE));
    const whole = this.#sets.intern(WHOLE, [{ state: start, obligations: this.#sets.lists.none }]);
    this.#find({ whole, trackers, before: contexts.edge });
    const edges: DfaEdge[][] = [];
    const accept: number[] = [];
    for (let at = 0; at < this.#situations.length; at++) {
      const situation = this.#situations[at];
      edges.push(this.#edgesOf(situation));
      accept.push(this.#holdsAtEnd(situation.whole, this.#place(situation, contexts.edge)) ? 1 : 0);
    }
    return minimize({ edges, accept });
  }

  #begin(part: number): number {
    return this.#sets.intern(part, [
      { state: this.#a.parts[part].start, obligations: this.#sets.lists.none },
    ]);
  }

  #place({ before, trackers }: Situation, after: number): Place {
    return { before, after, trackers, closed: new Map(), stepped: new Map(), owed: new Map() };
  }

  #find({ whole, trackers, before }: Situation): number {
    const { guarded, looksBehind } = this.#sets.sets[whole];
    const situation = {
      whole,
      trackers: looksBehind ? trackers : [],
      before: this.#hasGuards && (guarded || looksBehind) ? before : -1,
    };
    const key = `${whole}|${situation.before}|${situation.trackers.join()}`;
    let id = this.#known.get(key);
    if (id === undefined) {
      id = this.#situations.push(situation) - 1;
      this.#known.set(key, id);
      this.#work.checkStates(this.#situations.length);
    }
    return id;
  }

  #edgesOf(situation: Situation): DfaEdge[] {
    const { alphabet, contexts } = this.#a;
    const places = Array.from({ length: contexts.edge }, (_, after) => this.#place(situation, after));
    const edges: DfaEdge[] = [];
    for (let cls = 0; cls < alphabet.size; cls++) {
      const place = places[contexts.ofClass[cls]];
      const whole = this.#step(situation.whole, cls, place);
      if (whole === FALSE) continue;
      const trackers = this.#sets.sets[whole].looksBehind
        ? situation.trackers.map((set, part) => (set === FALSE ? FALSE : this.#track(part, set, cls, place)))
        : [];
      const to = this.#find({ whole, trackers, before: contexts.ofClass[cls] });
      const last = edges[edges.length - 1];
      if (last?.to === to && last.hi === cls - 1) edges[edges.length - 1] = { lo: last.lo, hi: cls, to };
      else edges.push({ lo: cls, hi: cls, to });
    }
    return edges;
  }

  /** A lookbehind's set after a symbol; its match may also begin there. */
  #track(part: number, set: number, cls: number, place: Place): number {
    const { configurations } = this.#sets.sets[this.#step(set, cls, place)];
    return this.#sets.intern(part, [
      ...configurations,
      { state: this.#a.parts[part].start, obligations: this.#sets.lists.none },
    ]);
  }

  /** The set after a symbol of the class, read at the place. */
  #step(id: number, cls: number, place: Place): number {
    if (id === TRUE || id === FALSE) return id;
    const { part, guarded } = this.#sets.sets[id];
    const known = guarded ? place.stepped : this.#stepped;
    const key = id * this.#a.alphabet.size + cls;
    let result = known.get(key);
    if (result !== undefined) return result;
    const end = this.#sets.isOpen(part) ? this.#sets.endOf(part) : -1;
    const next: Configuration[] = [];
    for (const { state, obligations } of this.#close(id, place)) {
      const read = this.#a.reads[state];
      const to = state === end ? end : read && this.#membersOf(read.classes)[cls] ? read.to : -1;
      this.#work.spend(1 + obligations.list.length);
      if (to < 0) continue;
      const owed = this.#stepAll(obligations, cls, place);
      if (owed) next.push({ state: to, obligations: owed });
    }
    result = this.#sets.intern(part, next);
    known.set(key, result);
    return result;
  }

  #stepAll(obligations: Obligations, cls: number, place: Place): Obligations | undefined {
    const { lists } = this.#sets;
    if (obligations === lists.none) return obligations;
    const key = obligations.id * this.#a.alphabet.size + cls;
    const known = place.owed.get(key);
    if (known || place.owed.has(key)) return known;
    let owed: Obligations | undefined = lists.none;
    for (const one of obligations.list)
      owed &&= lists.with(owed, 2 * this.#step(one >> 1, cls, place) + (one & 1));
    place.owed.set(key, owed);
    return owed;
  }

  #membersOf(classes: readonly number[]): Uint8Array {
    let members = this.#members.get(classes);
    if (!members) {
      members = new Uint8Array(this.#a.alphabet.size);
      for (const cls of classes) members[cls] = 1;
      this.#members.set(classes, members);
    }
    return members;
  }

  /** The configurations of a set and those behind the guards that hold at the place. */
  #close(id: number, place: Place): readonly Configuration[] {
    const { configurations, guarded } = this.#sets.sets[id];
    if (!guarded) return configurations;
    const known = place.closed.get(id);
    if (known) return known;
    const seen = new Set<number>();
    const result: Configuration[] = [];
    const pending = [...configurations];
    for (let at = pending.pop(); at; at = pending.pop()) {
      const key = at.obligations.id * this.#a.reads.length + at.state;
      this.#work.spend(1 + at.obligations.list.length);
      if (seen.has(key)) continue;
      seen.add(key);
      result.push(at);
      for (const { to, obligations } of this.#pastGuards(at, place))
        for (const state of this.#closure(to)) pending.push({ state, obligations });
    }
    place.closed.set(id, result);
    return result;
  }

  /** Where the guards of a configuration lead that may hold at the place, and under which obligations. */
  #pastGuards(
    { state, obligations }: Configuration,
    place: Place,
  ): { to: number; obligations: Obligations }[] {
    const { guards, lookGuards, contexts, parts } = this.#a;
    const { lists } = this.#sets;
    const result: { to: number; obligations: Obligations }[] = [];
    for (const { allowed, to } of guards[state])
      if (allowed[place.before * contexts.count + place.after]) result.push({ to, obligations });
    for (const { part, negate, to } of lookGuards[state]) {
      const ways = parts[part].behind
        ? this.#endedBehind(part, negate, place)
        : [lists.of([2 * this.#begin(part) + (negate ? 1 : 0)])];
      for (const way of ways) {
        const owed = lists.withAll(obligations, way);
        if (owed) result.push({ to, obligations: owed });
      }
    }
    return result;
  }

  /** Under which obligations a match of a lookbehind's part has ended at the place or, `negate`, none has. */
  #endedBehind(part: number, negate: boolean, place: Place): readonly Obligations[] {
    const end = this.#sets.endOf(part);
    const ways = this.#close(place.trackers[part], place).filter(({ state }) => state === end);
    const held = weakest(ways.map(({ obligations }) => obligations));
    if (!negate) return held;
    const { lists } = this.#sets;
    let failed: readonly Obligations[] = [lists.none];
    for (const way of held) {
      failed = weakest(
        failed.flatMap((list) =>
          way.list.flatMap((one) => {
            const more = lists.with(list, one ^ 1);
            return more ? [more] : [];
          }),
        ),
      );
      this.#work.spend(failed.length * failed.length);
    }
    return failed;
  }

  /** Whether the empty text satisfies the set at the end of the text. */
  #holdsAtEnd(id: number, place: Place): boolean {
    if (id === TRUE || id === FALSE) return id === TRUE;
    const end = this.#sets.endOf(this.#sets.sets[id].part);
    return this.#close(id, place).some(
      ({ state, obligations }) =>
        state === end &&
        obligations.list.every((one) => this.#holdsAtEnd(one >> 1, place) !== (one % 2 === 1)),
    );
  }
}
