// The portable matcher over small vocabularies: a token is in the mask exactly when it can be accepted and its bytes keep
// the output a prefix of a sentence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePda, Machine, openPda } from '../../src/automata/index.js';
import { CompiledGrammar } from '../../src/compile/index.js';
import { CompileError, RequestError } from '../../src/errors.js';
import {
  bytes,
  choice,
  type Grammar,
  prepareGrammar,
  repeat,
  sequence,
  toPda,
} from '../../src/grammar/index.js';
import { MatcherFactory } from '../../src/matcher/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';
import { randomGrammar, wordsUpTo } from '../support/random-grammar.js';

const texts = [...wordsUpTo(4).slice(1), Uint8Array.of(0x63), Uint8Array.of(0x61, 0x63)];
const image = buildImageFromBytes([...texts, null, texts[3], null], [texts.length]);
const EOS = texts.length;
const ABSENT = texts.length + 2;

function compiled(grammar: Grammar): CompiledGrammar | undefined {
  try {
    return new CompiledGrammar(encodePda(toPda(prepareGrammar(grammar))));
  } catch (error) {
    if (error instanceof CompileError && error.code === 'unsatisfiable') return undefined;
    throw error;
  }
}

const isSet = (row: Int32Array, token: number) => ((row[token >>> 5] >>> (token & 31)) & 1) === 1;

describe('the matcher', () => {
  it('masks exactly the tokens that it accepts and that keep the output a prefix of a sentence', () => {
    fc.assert(
      fc.property(randomGrammar(true), fc.array(fc.nat(1000), { maxLength: 5 }), (source, choices) => {
        const grammar = compiled(source);
        if (!grammar) return;
        const matcher = grammar.matcher(image);
        const row = new Int32Array(matcher.words);
        let output: number[] = [];
        for (const pick of [...choices, 0]) {
          const count = matcher.fill(row);
          const allowed: number[] = [];
          for (let token = 0; token < image.vocabSize; token++) {
            const accepted = matcher.accept(token);
            if (accepted) matcher.rollback(1);
            expect(isSet(row, token)).toBe(accepted);
            if (accepted) allowed.push(token);
            const text =
              token === EOS || token === ABSENT
                ? undefined
                : image.tokenBytes.subarray(image.tokenByteStart[token], image.tokenByteStart[token + 1]);
            if (text)
              expect(grammar.classify(Uint8Array.from([...output, ...text])) !== 'dead').toBe(accepted);
          }
          expect(count).toBe(allowed.length);
          expect(isSet(row, EOS)).toBe(grammar.test(Uint8Array.from(output)));
          expect(count).toBeGreaterThan(0);
          const token = allowed[pick % allowed.length];
          expect(matcher.accept(token)).toBe(true);
          if (token === EOS) break;
          output = [
            ...output,
            ...image.tokenBytes.subarray(image.tokenByteStart[token], image.tokenByteStart[token + 1]),
          ];
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same masks with every memory off', () => {
    fc.assert(
      fc.property(randomGrammar(true), (source) => {
        const grammar = compiled(source);
        if (!grammar) return;
        const plain = new MatcherFactory(new Machine(openPda(grammar.image), { memo: false }), image, {
          maxMaskBytes: 0,
        });
        const matchers = [grammar.matcher(image), plain.open()];
        const rows = matchers.map((matcher) => new Int32Array(matcher.words));
        for (const token of [0, 1, 0, 3, 7]) {
          const counts = matchers.map((matcher, i) => matcher.fill(rows[i]));
          expect(counts[0]).toBe(counts[1]);
          expect(rows[0]).toEqual(rows[1]);
          const accepted = matchers.map((matcher) => matcher.accept(token));
          expect(accepted[0]).toBe(accepted[1]);
        }
      }),
      { numRuns: 100 },
    );
  });

  const letters = () =>
    compiled({
      rules: [],
      start: sequence(bytes('ab'), repeat(bytes('a'), 0, 2), choice(bytes('b'), bytes('c'))),
    }) as CompiledGrammar;

  it('finishes on end of sequence where a sentence is complete, and only there', () => {
    const matcher = letters().matcher(image);
    expect(matcher.accept(EOS)).toBe(false);
    const ab = texts.findIndex((text) => text.length === 2 && text[0] === 0x61 && text[1] === 0x62);
    expect([matcher.accept(ab), matcher.isAccepting, matcher.accept(1), matcher.isAccepting]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([matcher.accept(EOS), matcher.isFinished]).toEqual([true, true]);
    const row = new Int32Array(matcher.words).fill(-1);
    expect(matcher.fill(row)).toBe(0);
    expect(row.every((word) => word === 0)).toBe(true);
    matcher.rollback(1);
    expect([matcher.isFinished, matcher.isAccepting]).toEqual([false, true]);
  });

  it('says which bytes are forced', () => {
    const matcher = letters().matcher(image);
    expect(new TextDecoder().decode(matcher.forced())).toBe('ab');
    expect(matcher.forced(1)).toEqual(Uint8Array.of(0x61));
    matcher.accept(0);
    matcher.accept(1);
    expect(matcher.forced()).toEqual(new Uint8Array(0));
  });

  it('writes at an offset, and refuses a row that is too short', () => {
    const matcher = letters().matcher(image);
    const rows = new Int32Array(matcher.words * 2).fill(-1);
    matcher.fill(rows, matcher.words);
    expect(rows.subarray(0, matcher.words).every((word) => word === -1)).toBe(true);
    expect(isSet(rows.subarray(matcher.words), 0)).toBe(true);
    expect(() => matcher.fill(rows, matcher.words + 1)).toThrow(RequestError);
  });

  it('refuses a rollback past the start and tokens outside the vocabulary', () => {
    const matcher = letters().matcher(image);
    matcher.accept(0);
    expect(() => matcher.rollback(2)).toThrow(RequestError);
    expect([
      matcher.accept(-1),
      matcher.accept(image.vocabSize),
      matcher.accept(0.5),
      matcher.accept(ABSENT),
    ]).toEqual([false, false, false, false]);
  });

  it('forks into an independent matcher', () => {
    const matcher = letters().matcher(image);
    matcher.accept(0);
    const fork = matcher.fork();
    fork.accept(1);
    expect([matcher.isAccepting, matcher.accept(1), fork.accept(2)]).toEqual([false, true, true]);
    fork.rollback(3);
  });
});
