// What is noted of an automaton, whether it has room for it or is somebody's lists of edges.
import { describe, expect, it } from 'vitest';
import { type Dfa, DfaNote, noted, symbolsDfa } from '../../src/automata/index.js';

const withRoom = (): Dfa => symbolsDfa([[0x61, 0x7a]]);
const withoutRoom = (): Dfa => ({ edges: [[]], accept: Uint8Array.of(1) });

describe.each([
  ['an automaton with room', withRoom],
  ['an automaton of somebody else', withoutRoom],
])('of %s', (_, make) => {
  it('each note is kept by itself, and the last value counts', () => {
    const [one, other] = [make(), make()];
    const size = new DfaNote<number>();
    const name = new DfaNote<string>();
    size.set(one, 1);
    name.set(one, 'one');
    size.set(other, 2);
    size.set(one, 3);
    expect([size.get(one), name.get(one), size.get(other), name.get(other)]).toEqual([
      3,
      'one',
      2,
      undefined,
    ]);
  });

  it('a function is asked once, and again after it threw', () => {
    const dfa = make();
    let asked = 0;
    const count = noted(({ accept }: Dfa, fails: boolean) => {
      asked++;
      if (fails) throw new Error('no');
      return accept.length;
    });
    expect(() => count(dfa, true)).toThrow('no');
    expect([count(dfa, false), count(dfa, true)]).toEqual([dfa.accept.length, dfa.accept.length]);
    expect(asked).toBe(2);
  });

  it('notes do not make automata unequal', () => {
    const dfa = make();
    new DfaNote<number>().set(dfa, 1);
    expect(dfa).toEqual(make());
  });
});
