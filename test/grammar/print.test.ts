import { describe, expect, it } from 'vitest';
import {
  bytes,
  choice,
  EMPTY,
  GrammarBuilder,
  optional,
  regular,
  repeat,
  sequence,
} from '../../src/grammar/index.js';
import { printGrammar } from '../../src/grammar/print.js';
import { sampleDfas } from './small-language.js';

describe('printGrammar', () => {
  it('prints every kind of node', () => {
    const builder = new GrammarBuilder();
    const list = builder.declare('list');
    const letter = builder.rule('letter', regular(sampleDfas[3]));
    builder.define(list, sequence(bytes('["\\\n'), choice(letter, sequence(list, bytes('é'))), bytes(']')));
    builder.rule('count', repeat(sequence(letter, list), 2, 5));
    builder.rule(
      'many',
      sequence(repeat(letter, 0, Infinity), repeat(list, 1, Infinity), repeat(list, 3, 3)),
    );
    builder.rule('lexeme', choice(regular(sampleDfas[1]), EMPTY));
    const root = builder.rule('letter', optional(list));
    expect(printGrammar(builder.build(root))).toBe(
      [
        String.raw`list ::= "[\"\\\n" (letter#1 | list "é") "]"`,
        'letter#1 ::= [ab]',
        'count ::= (letter#1 list){2,5}',
        'many ::= letter#1* list+ list{3}',
        'lexeme ::= /(ab)*/?',
        'letter#5 ::= list?',
        'start ::= letter#5',
        '',
      ].join('\n'),
    );
  });
});
