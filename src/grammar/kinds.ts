// Which kinds of node a grammar has, found in one walk: most grammars can do without the passes that look for one kind.
import type { Grammar } from './ir.js';
import { addReferences, Kinds } from './rules-that.js';

/** By rule what its body has, and what the start has, as bits of {@link Kinds}. */
interface Survey {
  readonly start: number;
  readonly rules: Uint8Array;
}

/** Passes ask in a row, mostly of the same grammar. */
const known = new WeakMap<Grammar, Survey>();

/** True when some node of the grammar is a repeat. */
export function hasRepeats(grammar: Grammar): boolean {
  return hasAny(grammar, Kinds.repeat);
}

/** True when some node of the grammar is a scope: then it uses registers. */
export function hasScopes(grammar: Grammar): boolean {
  return hasAny(grammar, Kinds.scope);
}

/** True when some node in the body of a rule is a repeat. */
export function repeatsIn(grammar: Grammar, rule: number): boolean {
  return (surveyOf(grammar).rules[rule] & Kinds.repeat) !== 0;
}

/** Keeps what a pass has found on its way, by rule and of the start. */
export function noteKinds(grammar: Grammar, rules: Uint8Array, start: number): void {
  known.set(grammar, { rules, start });
}

function hasAny(grammar: Grammar, kinds: number): boolean {
  const { start, rules } = surveyOf(grammar);
  if ((start & kinds) !== 0) return true;
  for (let rule = 0; rule < rules.length; rule++) if ((rules[rule] & kinds) !== 0) return true;
  return false;
}

function surveyOf(grammar: Grammar): Survey {
  let survey = known.get(grammar);
  if (!survey) {
    const rules = new Uint8Array(grammar.rules.length);
    for (let rule = 0; rule < rules.length; rule++) rules[rule] = addReferences(grammar.rules[rule].body, []);
    survey = { rules, start: addReferences(grammar.start, []) };
    known.set(grammar, survey);
  }
  return survey;
}
