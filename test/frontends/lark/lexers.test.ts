// How terminals are matched: each lexer on texts where it differs from the others. Every verdict here is Lark's own
// (1.3.1; `dynamic` and `dynamic_complete` with Earley, the others with Earley or LALR).
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile } from '../../../src/compile/index.js';

type Lexer = NonNullable<CompileOptions['lexer']>;

function accepts(lark: string, text: string, lexer: Lexer, options: CompileOptions = {}): boolean {
  return compile({ lark }, { ...options, lexer }).test(text);
}

describe('lexers', () => {
  it('dynamic gives a terminal one match at a place, dynamic_complete any', () => {
    const lark = 'start: A A\nA: "a"+';
    expect(accepts(lark, 'aaa', 'dynamic')).toBe(false);
    expect(accepts(lark, 'aaa', 'dynamic_complete')).toBe(true);
    expect(accepts('start: A "b" c\nA: "a"+\nc: "abc"', 'aaababc', 'dynamic')).toBe(true);
  });

  it('basic tries all terminals everywhere, contextual those that the parser can take', () => {
    const lark = 'start: "[" NAME "]" "=" VALUE\nNAME: /\\w+/\nVALUE: /.+/';
    expect(accepts(lark, '[a]=b]', 'contextual')).toBe(true);
    expect(accepts(lark, '[a]=b]', 'basic')).toBe(false);
  });

  it('orders terminals by priority, then width, then length of their text', () => {
    expect(accepts('start: A | B B\nA.2: "a"\nB: /aa?/', 'aa', 'basic')).toBe(false);
    expect(accepts('start: A A | B\nA.2: "a"\nB: /aa?/', 'aa', 'basic')).toBe(true);
    expect(accepts('start: A A | B\nA: "a"\nB: /aa?/', 'aa', 'basic')).toBe(true);
  });

  it('takes a string that a regular expression matches too as a keyword', () => {
    const lark = 'start: "if" NAME | NAME "="\nNAME: /[a-z]+/\n%ignore " "';
    for (const lexer of ['basic', 'contextual'] as const) {
      expect(accepts(lark, 'if x', lexer)).toBe(true);
      expect(accepts(lark, 'iffy =', lexer)).toBe(true);
      expect(accepts(lark, 'if =', lexer)).toBe(false);
      expect(accepts(lark, 'ifx', lexer)).toBe(false);
    }
    expect(accepts(lark, 'if =', 'dynamic')).toBe(true);
  });

  it('goes back to the last match when a longer one fails', () => {
    const lark = 'start: (DOT | DOTS | W)+\nDOT: "."\nDOTS: "..."\nW: "w"';
    expect(accepts(lark, '..w', 'basic')).toBe(true);
    const exact = 'start: DOT DOT W | DOTS W\nDOT: "."\nDOTS: "..."\nW: "w"';
    expect(accepts(exact, '..w', 'contextual')).toBe(true);
    expect(accepts(exact, '...w', 'contextual')).toBe(true);
    expect(accepts('start: DOT DOT DOT\nDOT: "."\nX: "..."', '...', 'contextual')).toBe(true);
    expect(accepts('start: (DOT DOT DOT) | DOTS "!"\nDOT: "."\nDOTS: "..."', '...', 'basic')).toBe(false);
  });

  it('ignores what is ignored between, before and after', () => {
    for (const lexer of ['basic', 'contextual', 'dynamic', 'dynamic_complete'] as const) {
      expect(accepts('start: "a" "b"\n%ignore /\\s+/', ' a \n b ', lexer)).toBe(true);
      expect(accepts('start: "ab"\n%ignore /\\s+/', 'a b', lexer)).toBe(false);
    }
  });

  it('masks lead nowhere but on: each allowed byte has a continuation', () => {
    const grammar = compile(
      { lark: 'start: NAME "=" NUM\nNAME: /[a-z]+/\nNUM: /[0-9]+/\n%ignore " "' },
      { lexer: 'basic' },
    );
    expect(grammar.classify('a1')).toBe('dead');
    expect(grammar.classify('a =')).toBe('prefix');
    expect(grammar.classify('= ')).toBe('dead');
  });
});

describe('INDENT and DEDENT', () => {
  const lark = `
    start: _NL* tree
    tree: NAME _NL [_INDENT tree+ _DEDENT]
    NAME: /[a-z]+/
    _NL: /(\\r?\\n[\\t ]*)+/
    %declare _INDENT _DEDENT
  `;
  const judge = (text: string, options: CompileOptions = {}) => compile({ lark }, options).classify(text);

  it('come where a line is deeper or less deep', () => {
    expect(judge('a\n')).toBe('accepted');
    expect(judge('a\n  b\n  c\n    d\n')).toBe('accepted');
    expect(judge('a\n  b\n    c\n  d\n')).toBe('accepted');
    expect(judge('a\nb\n')).toBe('dead');
    expect(judge('a\n    b\n  c\n')).toBe('dead');
  });

  it('count a tab as eight columns, or as the caller says', () => {
    const fourColumns = { newline: '_NL', indent: '_INDENT', dedent: '_DEDENT', tabLength: 4 };
    expect(judge('a\n        b\n\tc\n')).toBe('accepted');
    expect(judge('a\n\tb\n    c\n')).toBe('dead');
    expect(judge('a\n\tb\n    c\n', { indenter: fourColumns })).toBe('accepted');
  });

  it('count nothing between brackets', () => {
    const text =
      'start: stmt+\nstmt: NAME "(" NAME* ")" _NL\nNAME: /[a-z]+/\n_NL: /\\n[ ]*/\n%declare _INDENT _DEDENT\n%ignore " "';
    expect(compile({ lark: text }).classify('f(a\n   b\n c)\ng()\n')).toBe('accepted');
    expect(compile({ lark: text }).classify('f(a\n   b\n c)\n  g()\n')).toBe('dead');
  });

  it('need a lexer', () => {
    expect(() => compile({ lark }, { lexer: 'dynamic' })).toThrow(/need lexer 'contextual' or 'basic'/);
  });
});

describe('built-in terminals', () => {
  const seed = `?start: function_def
function_def: "def" NAME "(" [parameters] "):" suite
parameters: parameter ("," parameter)*
parameter: NAME
suite: simple_stmt | NEWLINE INDENT stmt+ DEDENT
`;

  it('are not taken unless asked for: every undefined name is listed', () => {
    expect(() => compile({ lark: seed })).toThrow(
      /'NAME' \(line 2.*'simple_stmt' \(line 5.*'NEWLINE' \(line 5.*'INDENT' \(line 5.*'stmt' \(line 5.*'DEDENT' \(line 5/,
    );
  });

  it('complete a grammar of Python-like blocks', () => {
    const lark = `${seed}stmt: simple_stmt | function_def\nsimple_stmt: ("pass" | "return" NAME) NEWLINE\n`;
    const grammar = compile({ lark }, { builtins: true });
    for (const text of [
      'def f(): pass\n',
      'def f(a, b):\n    return a\n',
      'def f(a):  # c\n  def g():\n     pass\n  pass\n',
    ])
      expect(grammar.classify(text), text).toBe('accepted');
    for (const text of ['def f():\nreturn a\n', 'def f():\n    pass\n  pass\n'])
      expect(grammar.classify(text), text).toBe('dead');
  });
});
