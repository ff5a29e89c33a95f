// The side table of states: it changes nothing of the automaton, and knows rules and places in terminals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigurationSet, EDGE_WORDS, Machine, readsByte } from '../../src/automata/index.js';
import { regexToDfa } from '../../src/frontends/regex/index.js';
import {
  bytes,
  GrammarBuilder,
  prepareGrammar,
  regular,
  sequence,
  toPda,
  tracedPda,
} from '../../src/grammar/index.js';
import { randomGrammar } from '../support/random-grammar.js';
import { randomSentence, seededRandom } from '../support/random-schema.js';

function accepts(machine: Machine, sentence: Uint8Array): boolean {
  let set: ConfigurationSet | null = machine.start;
  for (const byte of sentence) set = set && machine.step(set, byte);
  return set?.accepting ?? false;
}

describe('tracedPda', () => {
  it('reads what the automaton of toPda reads, and has an origin for every state that reads', () => {
    fc.assert(
      fc.property(randomGrammar(true), fc.integer(), (source, seed) => {
        let grammar = source;
        try {
          grammar = prepareGrammar(source);
        } catch {
          return; // nothing matches
        }
        const { pda, origins } = tracedPda(grammar);
        const traced = new Machine(pda);
        const plain = new Machine(toPda(grammar));
        for (const [one, other] of [
          [traced, plain],
          [plain, traced],
        ]) {
          const sentence = randomSentence(one, seededRandom(seed), 60);
          if (sentence) expect(accepts(other, sentence)).toBe(true);
        }
        expect(origins.rules.length).toBe(pda.stateCount);
        for (let state = 0; state < pda.stateCount; state++)
          for (let edge = pda.edgeStart[state]; edge < pda.edgeStart[state + 1]; edge++)
            if (readsByte(pda.edges[edge * EDGE_WORDS])) expect(origins.terminals[state]).toBeDefined();
      }),
    );
  });

  it('knows the rule and the byte of a literal, and of shared lexemes no rule', () => {
    const builder = new GrammarBuilder();
    const lexeme = regular(regexToDfa('abcde|[f-h]+xyz'));
    const first = builder.rule('first', sequence(bytes('12'), lexeme, bytes('3')));
    const second = builder.rule('second', sequence(lexeme, bytes('4')));
    const { pda, origins } = tracedPda(builder.build(sequence(first, second, bytes('!'))));
    const places = origins.terminals.map((place, state) =>
      place && !('edges' in place.terminal)
        ? `${origins.rules[state] ?? 'start'}:${place.terminal[place.at]}`
        : undefined,
    );
    const code = (text: string) => text.charCodeAt(0);
    expect(places.filter(Boolean).sort()).toEqual(
      [`0:${code('1')}`, `0:${code('2')}`, `0:${code('3')}`, `1:${code('4')}`, `start:${code('!')}`].sort(),
    );
    const inLexeme = origins.terminals.flatMap((place, state) =>
      place && 'edges' in place.terminal ? [state] : [],
    );
    expect(inLexeme.length).toBeGreaterThan(5);
    for (const state of inLexeme) expect(origins.rules[state]).toBeUndefined();
    expect(pda.stateCount).toBe(origins.terminals.length);
  });
});
