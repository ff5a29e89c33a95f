// GBNF and xgrammar's EBNF: grammars with sentences, non-sentences and beginnings of sentences.
import type { GrammarSource } from '../../../src/compile/index.js';
import type { Case, Judgement, TokenPart } from '../case.js';
import type { Adapter } from './adapter.js';

interface EbnfRow {
  readonly id: string;
  readonly dialect: string;
  readonly root: string;
  readonly grammar: string;
  readonly class: string;
  readonly grammar_ok?: Readonly<Record<string, boolean>>;
  readonly expect_grammar_error?: string;
  readonly tests: readonly {
    readonly text?: string;
    /** In place of the text where tokens are named. */
    readonly parts?: readonly TokenPart[];
    readonly accept: boolean;
    readonly incomplete?: boolean;
  }[];
}

export const ebnf: Adapter = {
  name: 'gbnf-ebnf',
  reads: (row) => 'grammar' in row && 'dialect' in row && !String(row.dialect).startsWith('lark'),
  cases: (row) => {
    const ebnfRow = row as unknown as EbnfRow;
    const { id, dialect, root, grammar } = ebnfRow;
    const { judgements, unjudged } = judgementsOf(ebnfRow);
    return [{ id, kind: `ebnf/${dialect}`, source: sourceOf(dialect, grammar, root), judgements, unjudged }];
  },
};

/** Grammars that both engines read are left to the detection of the dialect. */
function sourceOf(dialect: string, grammar: string, root: string): GrammarSource {
  if (dialect === 'xgrammar') return { ebnf: grammar, root, dialect };
  return dialect.includes('+') ? { ebnf: grammar, root } : { gbnf: grammar, root };
}

function judgementsOf(row: EbnfRow): Pick<Case, 'judgements' | 'unjudged'> {
  const { class: kind, grammar_ok, expect_grammar_error, tests } = row;
  switch (kind) {
    case 'must-not-compile': {
      // Left recursion and large counts are refused by one engine and taken by another: no fault of the grammar.
      const disputed =
        expect_grammar_error === 'left recursion' || Object.values(grammar_ok ?? {}).includes(true);
      return { judgements: disputed ? [] : [{ expect: 'refused' }], unjudged: disputed ? 1 : 0 };
    }
    case 'no-engine-compiles':
      return { judgements: [], unjudged: 1 };
    case 'compile-only':
      return { judgements: [{ expect: 'compiles' }], unjudged: 0 };
    case 'needs-token-vocabulary':
      if (tests.length === 0) return { judgements: [{ expect: 'compiles' }], unjudged: 0 };
      return { judgements: tests.flatMap(judgementsOfText), unjudged: 0 };
    default:
      return { judgements: tests.flatMap(judgementsOfText), unjudged: 0 };
  }
}

function judgementsOfText({ text = '', parts, accept, incomplete }: EbnfRow['tests'][number]): Judgement[] {
  if (parts) return [{ expect: accept ? 'accept' : 'reject', parts }];
  const whole: Judgement = { expect: accept ? 'accept' : 'reject', text };
  return incomplete ? [whole, { expect: 'viable', text }] : [whole];
}
