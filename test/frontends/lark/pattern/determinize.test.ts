// A terminal's automaton against the runtime's own backtracking matcher, which tries in the same order as Python's: the end
// that survives its shadow is the end of the first match. fast-check prints the seed of a failure.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAD, FREE, type TokenAutomaton } from '../../../../src/automata/index.js';
import { orderedNfa, parsePattern, tokenAutomaton } from '../../../../src/frontends/lark/pattern/index.js';

const options = { dialect: 'python', flags: '', maxDepth: 50, maxRepeat: 100, location: {} } as const;
const encoder = new TextEncoder();

function automatonOf(source: string): TokenAutomaton {
  return tokenAutomaton(orderedNfa(parsePattern(source, '', options), 5000), {}, {});
}

/** The ends, in bytes, whose condition holds for the text that follows. */
function validEnds(automaton: TokenAutomaton, text: Uint8Array): number[] {
  const { next, classOf, classCount, ends, endStart } = automaton;
  const found: number[] = [];
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    state = next[state * classCount + classOf[text[at]]];
    if (state < 0) break;
    const shadows = ends.subarray(endStart[state], endStart[state + 1]);
    if (shadows.some((shadow) => holds(automaton, shadow, text.subarray(at + 1)))) found.push(at + 1);
  }
  return found;
}

function holds(
  { next, classOf, classCount, holdsAtEnd, runCount }: TokenAutomaton,
  shadow: number,
  rest: Uint8Array,
) {
  let state = shadow;
  for (const byte of rest) {
    if (state === FREE) return true;
    state = next[state * classCount + classOf[byte]];
    if (state === BAD) return false;
  }
  return state === FREE || holdsAtEnd[state - runCount] === 1;
}

/** Patterns whose loops have bodies that read something: empty rounds are the one thing that matchers differ in. */
const reading: fc.Arbitrary<string> = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c', '[ab]', '[^a]', '.', 'é', 'ab'),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('+', '+?', '{1,2}', '{2}', '{1,3}?'))
      .map(([a, op]) => `(?:${a})${op}`),
    fc
      .tuple(tie('pattern'), tie('pattern'), fc.constantFrom('*', '*?', '?', '??'))
      .map(([a, b, op]) => `(?:${a})${op}${b}`),
    fc
      .tuple(
        tie('pattern'),
        fc.constantFrom('(?!a)', '(?=b)', '(?!ab)', '(?=[bc]é?)', '$', '(?<!a)', '(?<=b)'),
      )
      .map(([a, look]) => a + look),
  ),
})).pattern;

describe('the automaton of a terminal', () => {
  it('ends where the first match in the order of trial ends, and nowhere else', () => {
    fc.assert(
      fc.property(
        reading,
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '\n'), maxLength: 9 }), {
          maxLength: 6,
        }),
        (source, texts) => {
          const automaton = automatonOf(source);
          for (const text of texts) {
            // Python's `$` also holds before a last newline.
            const match = new RegExp(source.replaceAll('$', '(?=\\n?$)'), 'uy').exec(text)?.[0];
            const ends = match ? [encoder.encode(match).length] : [];
            expect(
              validEnds(automaton, encoder.encode(text)),
              `/${source}/ on ${JSON.stringify(text)}`,
            ).toEqual(ends);
          }
        },
      ),
      { numRuns: 1500 },
    );
  }, 120_000);

  it('refuses by name to look at what stands before it', () => {
    for (const source of ['(?<=a)b', '\\bx', '^a'])
      expect(() => automatonOf(source), source).toThrow(
        expect.objectContaining({ code: 'unsupported_regex' }),
      );
  });
});
