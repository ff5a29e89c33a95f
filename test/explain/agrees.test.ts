// Explaining runs the grammar in its author's rules: on random grammars and schemas it says of every text what the compiled
// grammar says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine, openPda } from '../../src/automata/index.js';
import { type CompiledGrammar, compile } from '../../src/compile/index.js';
import { CompileError } from '../../src/errors.js';
import { randomGrammar, wordsUpTo } from '../support/random-grammar.js';
import { randomSchema, randomSentence, seededRandom } from '../support/random-schema.js';

const VERDICTS = { accepted: 'accepted', refused: 'dead', incomplete: 'prefix' } as const;

function agrees(grammar: CompiledGrammar, text: string | Uint8Array): void {
  const explained = grammar.explainText(text);
  expect(VERDICTS[explained.verdict]).toBe(grammar.classify(text));
  if (explained.verdict !== 'refused') return;
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  expect(grammar.classify(bytes.subarray(0, explained.place.offset))).not.toBe('dead');
}

describe('explainText says what the compiled grammar says', () => {
  it('on random grammars', () => {
    fc.assert(
      fc.property(randomGrammar(false), (source) => {
        const grammar = satisfiable(() => compile({ grammar: source }));
        if (!grammar) return;
        for (const word of wordsUpTo(5)) agrees(grammar, word);
        expect(String(grammar)).toMatch(/^start ::= /m);
        expect(grammar.railroad().length).toBeGreaterThan(100);
      }),
      { numRuns: 150 },
    );
  });

  it('on random schemas, sentences and damaged ones', () => {
    const damage = fc.record({ at: fc.nat(200), put: fc.constantFrom(...'"{}[],:1a \\') });
    fc.assert(
      fc.property(randomSchema, fc.nat(), damage, (schema, seed, { at, put }) => {
        const grammar = satisfiable(() => compile({ schema }, { lenient: true }));
        if (!grammar) return;
        const sentence = randomSentence(new Machine(openPda(grammar.image)), seededRandom(seed), 400);
        if (sentence === undefined) return;
        agrees(grammar, sentence);
        const damaged = sentence.slice();
        if (damaged.length > 0) damaged[at % damaged.length] = put.charCodeAt(0);
        agrees(grammar, damaged);
      }),
      { numRuns: 150 },
    );
  });
});

/** Undefined where nothing matches. */
function satisfiable(make: () => CompiledGrammar): CompiledGrammar | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof CompileError && error.code === 'unsatisfiable') return undefined;
    throw error;
  }
}
