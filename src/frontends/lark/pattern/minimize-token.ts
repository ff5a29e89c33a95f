// Moore's refinement of a terminal's automaton: first the shadows, which refer to nothing else, then the runs. Few and
// canonical shadows keep the lexer's sets small. States from which no token can end any more become DEAD.
import { ascending, BAD, DEAD, FREE, type TokenAutomaton } from '../../../automata/index.js';

/** A state under construction; `next` and the shadows in it by number of their own kind. */
export interface RawState {
  readonly next: readonly number[];
  readonly ends: readonly number[];
  readonly block: number;
  readonly holdsAtEnd: boolean;
}

/** `isMinimal`: the states are known to differ, as those of a minimal DFA do; long words would cost Moore many rounds. */
export function minimizeToken(
  runs: readonly RawState[],
  shadows: readonly RawState[],
  classOf: Uint8Array,
  classCount: number,
  isMinimal = false,
): TokenAutomaton {
  const shadowOf = settledShadows(shadows);
  const refined = isMinimal ? identity : refine;
  const shadowBlocks = refined(shadows, (state) => (state.holdsAtEnd ? '1' : '0'), shadowOf);
  const shadow = (id: number) => (id < 0 ? id : shadowOf(id) < 0 ? shadowOf(id) : shadowBlocks[id]);
  const goesOn = productive(runs);
  const endsOf = ({ ends }: RawState) =>
    [...new Set(ends.map(shadow))].filter((id) => id !== BAD).sort(ascending);
  const isAlive = (id: number) => goesOn[id] === 1 || runs[id].ends.length > 0 || runs[id].block === BAD;
  const runOf = (id: number) => (id >= 0 && !isAlive(id) && id !== 0 ? DEAD : id);
  const blocks = refined(runs, (state) => `${shadow(state.block)};${endsOf(state).join()}`, runOf);
  return assemble();

  function assemble(): TokenAutomaton {
    const runOrder = representatives(runs, blocks, (to) => runOf(to), [0]);
    const runNumber = new Map(runOrder.map((state, i) => [blocks[state], i]));
    const wanted = runOrder.flatMap((state) => [runs[state].block, ...runs[state].ends]);
    const roots = wanted.filter((id) => id >= 0 && shadowOf(id) >= 0);
    const shadowOrder = representatives(shadows, shadowBlocks, shadowOf, roots);
    const shadowNumber = new Map(shadowOrder.map((state, i) => [shadowBlocks[state], runOrder.length + i]));
    const shadowId = (id: number) => {
      const block = shadow(id);
      return block < 0 ? block : shadowNumber.get(block)!;
    };
    const stateCount = runOrder.length + shadowOrder.length;
    const next = new Int32Array(stateCount * classCount);
    runOrder.forEach((state, i) => {
      runs[state].next.forEach((to, cls) => {
        next[i * classCount + cls] = runOf(to) < 0 ? DEAD : runNumber.get(blocks[to])!;
      });
    });
    shadowOrder.forEach((state, i) => {
      shadows[state].next.forEach((to, cls) => {
        next[(runOrder.length + i) * classCount + cls] = shadowId(to);
      });
    });
    const ends = runOrder.map((state) =>
      [...new Set(runs[state].ends.map(shadowId))].filter((id) => id !== BAD).sort(ascending),
    );
    const endStart = new Int32Array(runOrder.length + 1);
    ends.forEach((list, i) => {
      endStart[i + 1] = endStart[i] + list.length;
    });
    return {
      classOf,
      classCount,
      runCount: runOrder.length,
      stateCount,
      next,
      block: Int32Array.from(runOrder, (state) => shadowId(runs[state].block)),
      endStart,
      ends: Int32Array.from(ends.flat()),
      holdsAtEnd: Uint8Array.from(shadowOrder, (state) => (shadows[state].holdsAtEnd ? 1 : 0)),
      goesOn: Uint8Array.from(runOrder, (state) => goesOn[state]),
    };
  }
}

/** Shadows that cannot be violated any more are FREE, those that must be are BAD. */
function settledShadows(shadows: readonly RawState[]): (id: number) => number {
  const canFail = reaches(shadows, (state) => !state.holdsAtEnd || state.next.includes(BAD));
  const canHold = reaches(shadows, (state) => state.holdsAtEnd || state.next.includes(FREE));
  return (id) => (id < 0 ? id : !canFail[id] ? FREE : !canHold[id] ? BAD : id);
}

/** Runs from which one more byte or several lead to an end. */
function productive(runs: readonly RawState[]): Uint8Array {
  const ends = reaches(runs, (state) => state.ends.length > 0);
  return Uint8Array.from(runs, ({ next }) => (next.some((to) => to >= 0 && ends[to]) ? 1 : 0));
}

/** States that are good or lead to a good one. */
function reaches(states: readonly RawState[], isGood: (state: RawState) => boolean): Uint8Array {
  const sources: number[][] = states.map(() => []);
  states.forEach(({ next }, from) => {
    for (const to of new Set(next)) if (to >= 0) sources[to].push(from);
  });
  const found = new Uint8Array(states.length);
  const work = states.flatMap((state, id) => (isGood(state) ? [id] : []));
  for (const id of work) found[id] = 1;
  for (let id = work.pop(); id !== undefined; id = work.pop())
    for (const source of sources[id])
      if (!found[source]) {
        found[source] = 1;
        work.push(source);
      }
  return found;
}

function identity(states: readonly RawState[]): Int32Array {
  return Int32Array.from(states, (_, id) => id);
}

/** Block numbers by state: equal for states that nothing tells apart (Moore 1956). */
function refine(
  states: readonly RawState[],
  output: (state: RawState) => string,
  target: (id: number) => number,
): Int32Array {
  let blocks: Int32Array = new Int32Array(states.length);
  const first = new Map<string, number>();
  states.forEach((state, id) => {
    blocks[id] = numberOf(first, output(state));
  });
  for (let count = first.size; ; ) {
    const known = new Map<string, number>();
    const finer = Int32Array.from(states, ({ next }, id) => {
      let key = `${blocks[id]}`;
      for (const to of next) key += `,${target(to) < 0 ? target(to) : blocks[to]}`;
      return numberOf(known, key);
    });
    blocks = finer;
    if (known.size === count) return blocks;
    count = known.size;
  }
}

function numberOf(known: Map<string, number>, key: string): number {
  let number = known.get(key);
  if (number === undefined) {
    number = known.size;
    known.set(key, number);
  }
  return number;
}

/** One state of each block that can be reached from the roots, breadth first. */
function representatives(
  states: readonly RawState[],
  blocks: Int32Array,
  target: (id: number) => number,
  roots: readonly number[],
): number[] {
  const seen = new Set<number>();
  const order: number[] = [];
  const visit = (id: number) => {
    if (seen.has(blocks[id])) return;
    seen.add(blocks[id]);
    order.push(id);
  };
  for (const root of roots) visit(root);
  for (let at = 0; at < order.length; at++)
    for (const to of states[order[at]].next) if (target(to) >= 0) visit(to);
  return order;
}
