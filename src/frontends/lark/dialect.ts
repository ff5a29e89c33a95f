// Which dialect a grammar is written in: that of llguidance and xgrammar where it uses what Lark does not know.
import type { Statement } from './syntax.js';
import { visit } from './walk.js';

const EXTENSIONS = new Set([
  'special',
  'json',
  'substring',
  'nested',
  'grammar',
  'apply',
  'if',
  'both',
  'not',
]);

export function usesExtensions(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    if (statement.kind === 'options') return true;
    if (statement.kind !== 'definition') return false;
    let uses = statement.parametric || statement.attributes.length > 0;
    visit(statement.body, (part) => {
      if (EXTENSIONS.has(part.kind)) uses = true;
    });
    return uses;
  });
}

/** Whether the grammar holds others, which have terminals of their own. */
export function holdsGrammars(statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    let holds = false;
    if (statement.kind === 'definition')
      visit(statement.body, (part) => {
        if (part.kind === 'nested' || part.kind === 'grammar') holds = true;
      });
    return holds;
  });
}
