// The compiled automaton accepts what the IR derives, has no dead ends, and does not depend on the machine's memo.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/automata/index.js';
import { CompileError } from '../../src/errors.js';
import {
  bytes,
  choice,
  GrammarBuilder,
  prepareGrammar,
  repeat,
  sequence,
  toPda,
} from '../../src/grammar/index.js';
import { derives, randomGrammar, wordsUpTo } from '../support/random-grammar.js';

const words = wordsUpTo(6);

function machineOf(grammar: Parameters<typeof prepareGrammar>[0], memo = true): Machine | undefined {
  try {
    return new Machine(toPda(prepareGrammar(grammar)), { memo });
  } catch (error) {
    if (error instanceof CompileError && error.code === 'unsatisfiable') return undefined;
    throw error;
  }
}

function run(machine: Machine, word: Uint8Array) {
  let set: Machine['start'] | null = machine.start;
  for (const byte of word) if (set) set = machine.step(set, byte);
  return set;
}

describe('compilation to the automaton', () => {
  it('keeps the language of random grammars, also left-recursive ones', () => {
    fc.assert(
      fc.property(randomGrammar(false), (grammar) => {
        const machine = machineOf(grammar);
        for (const word of words)
          expect(machine ? (run(machine, word)?.accepting ?? false) : false).toBe(derives(grammar, word));
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same answers with the memo off', () => {
    fc.assert(
      fc.property(randomGrammar(true), (grammar) => {
        const [fast, plain] = [machineOf(grammar), machineOf(grammar, false)];
        if (!fast || !plain) return;
        for (const word of words) expect(run(fast, word)?.accepting).toBe(run(plain, word)?.accepting);
      }),
      { numRuns: 60 },
    );
  });

  it('reaches no configuration from which no sentence can be completed', () => {
    const completes = (machine: Machine, from: Machine['start']): boolean => {
      const seen = new Set([from]);
      for (const set of seen) {
        if (set.accepting) return true;
        for (const byte of [0x61, 0x62]) {
          const next = machine.step(set, byte);
          if (next && seen.size < 3000) seen.add(next);
        }
      }
      return false;
    };
    fc.assert(
      fc.property(randomGrammar(true), fc.constantFrom(...words), (grammar, word) => {
        const machine = machineOf(grammar);
        const set = machine && run(machine, word);
        if (machine && set) expect(completes(machine, set)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('counts to 100,000 with a counter, not with states', () => {
    const pda = toPda({
      rules: [],
      start: repeat(sequence(bytes('a'), choice(bytes(','), bytes(';'))), 99_999, 100_000),
    });
    expect(pda.stateCount).toBeLessThan(12);
    const machine = new Machine(pda);
    let set: Machine['start'] | null = machine.start;
    const count = (turns: number) => {
      for (let i = 0; i < turns && set; i++) {
        set = machine.step(set, 0x61);
        if (set) set = machine.step(set, 0x2c);
      }
    };
    count(99_998);
    expect(set?.accepting).toBe(false);
    count(1);
    expect(set?.accepting).toBe(true);
    count(1);
    expect(set && machine.step(set, 0x61)).toBe(null);
  });

  it('keeps nested counters apart', () => {
    const inner = sequence(repeat(bytes('a'), 2, 3), bytes('b'));
    const machine = new Machine(toPda({ rules: [], start: repeat(inner, 2, 2) }));
    const accepts = (text: string) => run(machine, new TextEncoder().encode(text))?.accepting ?? false;
    expect([
      accepts('aabaaab'),
      accepts('aaabaab'),
      accepts('aab'),
      accepts('aabab'),
      accepts('aabaabaab'),
    ]).toEqual([true, true, false, false, false]);
  });

  it('needs no stack for references in last place', () => {
    const builder = new GrammarBuilder();
    const list = builder.declare('list');
    builder.define(list, sequence(bytes('a'), choice(list, bytes('b'))));
    const machine = new Machine(toPda(builder.build(list)));
    const deep = run(machine, new Uint8Array(5000).fill(0x61));
    expect(deep).toBe(run(machine, Uint8Array.of(0x61)));
  });
});
