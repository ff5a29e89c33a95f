// Lark grammars: the Python library's, llguidance's and xgrammar's dialects. A row is compiled with the options of the
// engine whose labels it has.
import type { CompileOptions } from '../../../src/compile/index.js';
import type { Case, Judgement } from '../case.js';
import type { Adapter } from './adapter.js';

interface LarkRow {
  readonly id: string;
  readonly dialect: string;
  readonly root: string;
  readonly grammar: string;
  readonly class: string;
  readonly reference: string;
  readonly options?: {
    readonly regex_module?: boolean;
    readonly g_regex_flags?: number;
    readonly postlex?: string;
    readonly named_grammars?: Readonly<Record<string, string>>;
  } | null;
  readonly grammar_ok?: Readonly<Record<string, boolean>>;
  readonly tests: readonly {
    readonly text?: string;
    readonly accept: boolean;
    readonly incomplete?: boolean;
    readonly disputed_by?: readonly string[];
  }[];
}

/** Python's `re` flags by bit. */
const FLAGS: readonly (readonly [number, string])[] = [
  [2, 'i'],
  [8, 'm'],
  [16, 's'],
  [64, 'x'],
];

export const lark: Adapter = {
  name: 'lark',
  reads: (row) => 'grammar' in row && String(row.dialect).startsWith('lark'),
  cases: (row) => {
    const larkRow = row as unknown as LarkRow;
    const { id, dialect, root, grammar } = larkRow;
    const { judgements, unjudged } = judgementsOf(larkRow);
    const isForeign = dialect === 'lark-llguidance' || dialect === 'lark-xgrammar';
    const source = { lark: grammar, root, ...(isForeign && { dialect: 'llguidance' as const }) };
    return [{ id, kind: `lark/${dialect}`, source, options: optionsOf(larkRow), judgements, unjudged }];
  },
};

function optionsOf({ reference, options }: LarkRow): CompileOptions {
  const { regex_module, g_regex_flags = 0, named_grammars } = options ?? {};
  const flags = FLAGS.flatMap(([bit, letter]) => (g_regex_flags & bit ? [letter] : [])).join('');
  const lexer = /^lark:[^/]*\/(basic|contextual|dynamic|dynamic_complete)$/.exec(reference)?.[1];
  return {
    ...(lexer ? { lexer: lexer as NonNullable<CompileOptions['lexer']> } : {}),
    ...(regex_module ? { regexModule: true } : {}),
    ...(flags ? { terminalFlags: flags } : {}),
    ...(named_grammars ? { grammars: named_grammars } : {}),
  };
}

function judgementsOf(row: LarkRow): Pick<Case, 'judgements' | 'unjudged'> {
  const { class: kind, grammar_ok, tests } = row;
  switch (kind) {
    case 'must-not-compile': {
      // What one engine takes is no fault of the grammar; Lark's own conflicts are its parser's limits.
      const disputed = Object.values(grammar_ok ?? {}).includes(true) || isParserLimit(row);
      return { judgements: disputed ? [] : [{ expect: 'refused' }], unjudged: disputed ? 1 : 0 };
    }
    case 'no-engine-compiles':
      return { judgements: [], unjudged: 1 };
    case 'compile-only':
    case 'needs-token-vocabulary':
      return {
        judgements: Array.from({ length: Math.max(1, tests.length) }, () => ({ expect: 'compiles' })),
        unjudged: 0,
      };
    default: {
      const judged = tests.filter((test) => isJudged(row, test));
      return { judgements: judged.flatMap(judgementsOfText), unjudged: tests.length - judged.length };
    }
  }
}

/**
 * Labels that engines dispute are advisory. A text says nothing of the tokens that `<…>` stands for. And llguidance lets it
 * depend on the keyword which spellings of a string it takes; our JSON Schema takes all.
 */
function isJudged(
  { grammar }: LarkRow,
  { text = '', accept, disputed_by }: LarkRow['tests'][number],
): boolean {
  if (disputed_by && disputed_by.length > 0) return false;
  if (accept && /<\[|<\|/.test(grammar)) return false;
  return accept || !(grammar.includes('json_allow_general_unicode_escapes') && text.includes('\\u'));
}

function isParserLimit({ reference }: LarkRow): boolean {
  return reference.startsWith('lark:lalr/-');
}

function judgementsOfText({ text = '', accept, incomplete }: LarkRow['tests'][number]): Judgement[] {
  const whole: Judgement = { expect: accept ? 'accept' : 'reject', text };
  return incomplete ? [whole, { expect: 'viable', text }] : [whole];
}
