// Walks over syntax trees: renaming, and visiting what is named.
import type { Expression } from './syntax.js';

/** The expression with `change` applied to its parts, outermost first; undefined leaves a part to be walked into. */
export function mapped(
  expression: Expression,
  change: (part: Expression) => Expression | undefined,
): Expression {
  const changed = change(expression);
  if (changed) return changed;
  const inside = (part: Expression) => mapped(part, change);
  switch (expression.kind) {
    case 'sequence':
    case 'both':
      return { ...expression, items: expression.items.map(inside) };
    case 'choice':
      return { ...expression, options: expression.options.map(inside) };
    case 'repeat':
    case 'alias':
    case 'not':
    case 'if':
      return { ...expression, item: inside(expression.item) };
    case 'template':
      return { ...expression, args: expression.args.map(inside) };
    default:
      return expression;
  }
}

/** The expression with other names of rules, terminals and templates. */
export function renamed(expression: Expression, rename: (name: string) => string): Expression {
  return mapped(expression, (part) => {
    if (part.kind === 'name' || part.kind === 'apply') return { ...part, name: rename(part.name) };
    if (part.kind === 'template')
      return { ...part, name: rename(part.name), args: part.args.map((arg) => renamed(arg, rename)) };
    return undefined;
  });
}

/** Visits every part. */
export function visit(expression: Expression, see: (part: Expression) => void): void {
  mapped(expression, (part) => {
    see(part);
    return undefined;
  });
}
