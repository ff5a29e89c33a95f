// What attributes and lookahead do to a rule. `lazy` and `max_chars` change its language; captures and lookahead do not:
// they are taken and listed as annotations; what only a running request could keep is refused by name.
import { type Dfa, shortestMatches } from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import { type GrammarBuilder, limitCharacters, type Node, regular } from '../../grammar/index.js';
import type { DeferredRules } from './deferred.js';
import type { Attribute, Expression, RuleDefinition } from './syntax.js';

/** Something that was read and does not change the language. */
export interface Annotation {
  /** Its line and column, as `3:14`. */
  readonly pointer: string;
  readonly keyword: string;
  readonly reason: string;
}

/** Attributes that name what is to be cut out of the output afterwards. */
const captures = new Set([
  'capture',
  'stop_capture',
  'capture_hidden_stop_bytes',
  'capture_hidden_suffix_bytes',
  'capture_hidden_body_rule_id',
  'capture_hidden_marker_rule_id',
]);

/** The largest limit on characters, as xgrammar has it. */
const MAX_CHARACTERS = 2 ** 31 - 1;

/**
 * The body of a rule with its attributes applied.
 * @throws CompileError `invalid_grammar` for an unknown attribute or a value of the wrong kind, `unsupported_keyword`
 */
export function withAttributes(
  { name, attributes = [] }: RuleDefinition,
  body: Node,
  builder: GrammarBuilder,
  deferred: DeferredRules,
): Node {
  const seen = new Set<string>();
  let result = body;
  for (const attribute of attributes) {
    if (seen.has(attribute.name)) throw fault(attribute, `attribute '${attribute.name}' stands twice`);
    seen.add(attribute.name);
    checkAttribute(attribute);
  }
  const lazy = attributes.find((attribute) => attribute.name === 'lazy');
  if (lazy) result = deferredRule(deferred, lazy, result, (dfa) => regular(shortestMatches(dfa)));
  const limit = attributes.find((attribute) => attribute.name === 'max_chars');
  if (limit)
    result = deferredRule(deferred, limit, result, (dfa) =>
      limitCharacters(builder, `${name}-max-chars`, dfa, Number(limit.value)),
    );
  return result;
}

/** What of the rule is taken and changes nothing. @throws CompileError for a lookahead of the wrong form */
export function annotationsOf({ attributes = [], lookahead }: RuleDefinition): Annotation[] {
  const notes = attributes
    .filter(({ name }) => captures.has(name))
    .map(({ name, position }) => ({
      pointer: `${position.line}:${position.column}`,
      keyword: name,
      reason: 'names a part of the output, whatever matches',
    }));
  if (!lookahead) return notes;
  checkLookahead(lookahead.body, lookahead.position);
  const { line, column } = lookahead.position;
  const reason = 'a hint that does not change the language';
  return [...notes, { pointer: `${line}:${column}`, keyword: 'lookahead assertion', reason }];
}

function deferredRule(
  deferred: DeferredRules,
  { name, position }: Attribute,
  body: Node,
  write: (dfa: Dfa) => Node,
): Node {
  return deferred.later(name, position, (languageOf) => write(languageOf(body)));
}

function checkAttribute(attribute: Attribute): void {
  const { name, value, position } = attribute;
  if (name === 'lazy') {
    if (value !== undefined) throw fault(attribute, 'lazy takes no value');
  } else if (name === 'max_chars') {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      throw fault(attribute, 'max_chars is a whole number from 0 on');
    if (value > MAX_CHARACTERS)
      throw new LimitError('max_chars', MAX_CHARACTERS, 'this number is too large', { ...position });
  } else if (name === 'max_tokens' || name === 'temperature')
    throw new CompileError('unsupported_keyword', `the rule attribute ${name} is not supported`, {
      ...position,
      keyword: name,
    });
  else if (!captures.has(name)) throw fault(attribute, `there is no rule attribute '${name}'`);
}

/** xgrammar takes one sequence of literals, classes and rules. */
function checkLookahead(body: Expression, position: RuleDefinition['position']): void {
  const wrong = (what: string) =>
    new CompileError('invalid_grammar', `a lookahead assertion must not hold ${what}`, { ...position });
  if (body.kind === 'choice') throw wrong('a choice');
  if (body.kind === 'macro') throw wrong(`${body.macro}(…)`);
  if (body.kind === 'sequence') {
    if (body.items.length === 0) throw wrong('nothing');
    for (const item of body.items) checkLookahead(item, position);
  }
  if (body.kind === 'repeat') checkLookahead(body.item, position);
}

function fault({ position }: Attribute, message: string): CompileError {
  return new CompileError('invalid_grammar', message, { ...position });
}
