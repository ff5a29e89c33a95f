// The side table of states: it changes nothing of the automaton, and knows rules and places in terminals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EDGE_WORDS, readsByte } from '../../src/automata/index.js';
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

describe('tracedPda', () => {
  it('gives the automaton of toPda, and an origin for every state that reads', () => {
    fc.assert(
      fc.property(randomGrammar(true), (source) => {
        let grammar = source;
        try {
          grammar = prepareGrammar(source);
        } catch {
          return; // nothing matches
        }
        const { pda, origins } = tracedPda(grammar);
        expect(pda).toEqual(toPda(grammar));
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
