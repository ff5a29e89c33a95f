// An expression as data, for a thread that knows nothing else: a list of forms, in which expressions are named by their
// places. What an expression makes of a text (validation) is code and stays behind; compiling does not need it.
import { Expression, type Form } from './expression.js';

/** The first form is the expression's own; values are as JSON can write them. */
export type ExpressionData = readonly { readonly kind: Form['kind']; readonly [field: string]: unknown }[];

/** Expressions beyond this number are compiled where they are: a reference may make new ones without end. */
const MAX_SENT = 100_000;

/** Fields that hold expressions, or a function that gives one. */
const NESTED: { readonly [kind in Form['kind']]?: readonly string[] } = {
  sequence: ['items'],
  choice: ['options'],
  repeat: ['item', 'separator'],
  rule: ['body'],
  reference: ['target'],
};
const LISTS = new Set(['items', 'options']);
const LATE = new Set(['body', 'target']);

/** Undefined where there is no end to it. @throws what a rule's or a reference's function throws */
export function expressionData(expression: Expression<unknown>): ExpressionData | undefined {
  const places = new Map([[expression, 0]]);
  const placeOf = (found: Expression<unknown>): number => {
    const place = places.get(found) ?? places.size;
    places.set(found, place);
    return place;
  };
  const data: { kind: Form['kind']; [field: string]: unknown }[] = [];
  for (const { form } of places.keys()) {
    if (places.size > MAX_SENT) return undefined;
    const fields: Record<string, unknown> = { ...form, validate: undefined };
    if (form.kind === 'repeat') fields.max = form.max === Number.POSITIVE_INFINITY ? null : form.max;
    for (const name of NESTED[form.kind] ?? []) {
      const value = fields[name];
      if (LISTS.has(name)) fields[name] = (value as Expression<unknown>[]).map(placeOf);
      else if (LATE.has(name)) fields[name] = placeOf((value as () => Expression<unknown>)());
      else if (value !== undefined) fields[name] = placeOf(value as Expression<unknown>);
    }
    data.push({ ...fields, kind: form.kind });
  }
  return data;
}

/** The expression again, without what it makes of texts. */
export function expressionFromData(data: ExpressionData): Expression<unknown> {
  // First all expressions, then what they hold: they may hold each other.
  const forms = data.map((fields) => ({ ...fields }) as Record<string, unknown>);
  const expressions = forms.map((form) => new Expression(form as unknown as Form));
  for (const form of forms) {
    if (form.kind === 'repeat') form.max ??= Number.POSITIVE_INFINITY;
    for (const name of NESTED[form.kind as Form['kind']] ?? []) {
      const value = form[name];
      if (LISTS.has(name)) form[name] = (value as number[]).map((place) => expressions[place]);
      else if (LATE.has(name)) form[name] = () => expressions[value as number];
      else if (value !== undefined) form[name] = expressions[value as number];
    }
  }
  return expressions[0];
}
