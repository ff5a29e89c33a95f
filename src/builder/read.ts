// From a text that an expression matches to the value that it stands for.
import type { Expression } from './expression.js';

/** Whether an expression's own grammar accepts a text. */
export type Accepts = (expression: Expression<unknown>, text: string) => boolean;

/**
 * The value of a text that `expression` matches: parsed and validated JSON, or the text itself. Among alternatives the first
 * that accepts the text decides. A promise where a schema's validation gives one.
 * @throws ParseError `invalid_value` when a schema refuses the parsed value
 */
export function readValue(expression: Expression<unknown>, text: string, accepts: Accepts): unknown {
  const readings = alternatives(expression);
  const hasJson = readings.some(({ form }) => form.kind === 'json');
  const reading =
    readings.length === 1 || !hasJson ? readings[0] : readings.find((one) => accepts(one, text));
  if (reading?.form.kind !== 'json') return text;
  const value: unknown = JSON.parse(text);
  return reading.form.validate ? reading.form.validate(value) : value;
}

/** What an expression comes down to through names, references and choices, in order. Cycles of these add nothing. */
function alternatives(expression: Expression<unknown>): Expression<unknown>[] {
  const found: Expression<unknown>[] = [];
  const seen = new Set<Expression<unknown>>();
  const pending = [expression];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const { form } = next;
    if (form.kind === 'rule') pending.push(form.body());
    else if (form.kind === 'reference') pending.push(form.target());
    else if (form.kind === 'choice') pending.push(...[...form.options].reverse());
    else found.push(next);
  }
  return found;
}
