// States whose language holds that of others, so that a set with both needs only the former: a loop over the classes T
// behind which the text may end accepts all of T*, which is all that states reading nothing but T can accept. This keeps
// patterns such as `x{1,256}y?[xy]*` from counting on, in vain, once their tail is reached.
import type { PositionAutomaton } from './positions.js';

/** Loops looked at; a pattern rarely has more than one that ends it. */
const MAX_LOOPS = 16;

/** Where a set holds all of `states`, it can do without those that are covered and not of them. */
export interface AbsorbingLoop {
  /** One of them reads T and leads to them again, and the text may end at them: together they accept all of T*. */
  readonly states: readonly number[];
  /** covered[s] is 1 where every word that state s accepts is in T*. */
  readonly covered: Uint8Array;
}

/**
 * @param closure states reached over epsilons
 * @param endsAfter whether the text may end at these states, whatever symbol is before it
 */
export function absorbingLoops(
  automaton: PositionAutomaton,
  closure: (state: number) => readonly number[],
  endsAfter: (states: readonly number[]) => boolean,
): AbsorbingLoop[] {
  const loops: AbsorbingLoop[] = [];
  let sources: number[][] | undefined;
  for (let state = 0; state < automaton.reads.length && loops.length < MAX_LOOPS; state++) {
    const reads = automaton.reads[state];
    if (!reads) continue;
    const own = closure(reads.to);
    if (!own.includes(state) || !endsAfter(own)) continue;
    sources ??= sourcesOf(automaton);
    loops.push({ states: own, covered: statesWithin(automaton, reads.classes, sources) });
  }
  return loops;
}

/** States from which only the given classes can be read: those that no other read can be reached from. */
function statesWithin(
  automaton: PositionAutomaton,
  classes: readonly number[],
  sources: readonly (readonly number[])[],
): Uint8Array {
  const allowed = new Set(classes);
  const covered = new Uint8Array(automaton.reads.length).fill(1);
  const pending: number[] = [];
  for (let state = 0; state < covered.length; state++) {
    if (!readsOther(automaton.reads[state]?.classes, allowed)) continue;
    covered[state] = 0;
    pending.push(state);
  }
  for (let state = pending.pop(); state !== undefined; state = pending.pop())
    for (const source of sources[state]) {
      if (covered[source] === 0) continue;
      covered[source] = 0;
      pending.push(source);
    }
  return covered;
}

function readsOther(classes: readonly number[] | undefined, allowed: ReadonlySet<number>): boolean {
  if (classes) for (const cls of classes) if (!allowed.has(cls)) return true;
  return false;
}

function sourcesOf(automaton: PositionAutomaton): number[][] {
  const { reads, epsilons, guards } = automaton;
  const sources: number[][] = [];
  for (let state = 0; state < reads.length; state++) sources.push([]);
  for (let state = 0; state < reads.length; state++) {
    const read = reads[state];
    if (read) sources[read.to].push(state);
    for (const to of epsilons[state]) sources[to].push(state);
    for (const { to } of guards[state]) sources[to].push(state);
  }
  return sources;
}
