// A rule's attributes in brackets: which of them restrict the text, and to what; the rest is checked and named.
import {
  type AutomatonLimits,
  concatDfa,
  type Dfa,
  intersectDfa,
  repeatDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { CompileError, LimitError } from '../../errors.js';
import type { Definition } from './definitions.js';
import type { PlainTerminals } from './plain-terminals.js';
import { dfaOf, shortestWords } from './regular.js';
import { type Attribute, isTerminalName } from './syntax.js';

/** What they say about the tree, the sampling or the captured text, but not about which texts fit. */
const SILENT = new Set(['capture', 'stop_capture', 'temperature']);
const RESTRICTING = new Set(['lazy', 'stop', 'suffix', 'max_chars']);
/** Most characters that `max_chars` counts by states. */
const MAX_COUNTED_CHARACTERS = 10_000;

/** Whether the rule is one lexeme because of its attributes. */
export function isLexeme({ attributes }: Definition): boolean {
  return attributes.some(({ name, value }) => RESTRICTING.has(name) && !isEmptyStop(name, value));
}

/** @throws CompileError `invalid_grammar`; `unsupported_keyword` for what counts tokens */
export function checkAttributes({ attributes, parametric }: Definition): void {
  const names = attributes.map(({ name }) => name);
  attributes.forEach((attribute, i) => {
    const { name, position } = attribute;
    if (name === 'max_tokens' && attribute.value?.kind === 'number')
      throw new CompileError(
        'unsupported_keyword',
        'max_tokens counts tokens, which a grammar of texts cannot',
        {
          ...position,
          keyword: 'max_tokens',
        },
      );
    if (!SILENT.has(name) && !RESTRICTING.has(name))
      throw invalid(
        attribute,
        names.includes(name) && name === 'max_tokens' ? 'needs a number' : 'is unknown',
      );
    if (names.indexOf(name) < i) throw invalid(attribute, 'is given twice');
    if (parametric && name !== 'capture') throw invalid(attribute, 'cannot be used in a parametric rule');
    checkValue(attribute);
  });
  const [stop, suffix] = [names.includes('stop'), names.includes('suffix')];
  if (stop && suffix) throw invalid(attributes[names.indexOf('suffix')], "cannot be combined with 'stop'");
  if (names.includes('stop_capture') && !stop && !suffix)
    throw invalid(attributes[names.indexOf('stop_capture')], "needs 'stop' or 'suffix'");
}

/** The texts of a rule that is one lexeme: its body, up to the first marker or as short as can be. */
export function lexemeDfa(
  { body, attributes }: Definition,
  terminals: PlainTerminals,
  limits: AutomatonLimits,
): Dfa {
  let dfa = terminals.dfa(body!);
  const find = (name: string) => attributes.find((attribute) => attribute.name === name);
  const limit = find('max_chars');
  if (limit) dfa = atMost(dfa, limit, limits);
  const stop = find('stop') ?? find('suffix');
  const hasMarker = stop && !isEmptyStop(stop.name, stop.value);
  if (hasMarker) dfa = concatDfa(dfa, markerDfa(stop, terminals, limits), limits);
  return hasMarker || find('lazy') ? shortestWords(dfa) : dfa;
}

function atMost(dfa: Dfa, { value, position }: Attribute, limits: AutomatonLimits): Dfa {
  const max = value?.kind === 'number' ? Number(value.text) : Number.NaN;
  if (max > MAX_COUNTED_CHARACTERS)
    throw new LimitError('max_chars', MAX_COUNTED_CHARACTERS, 'this is too long to count', { ...position });
  return intersectDfa(dfa, repeatDfa(utf8Dfa(symbolsDfa([[0, 0x10ffff]])), 0, max, limits), limits);
}

function markerDfa({ value, position }: Attribute, terminals: PlainTerminals, limits: AutomatonLimits): Dfa {
  if (value?.kind === 'name') return dfaOf(terminals.ofTerminal(value.text), limits);
  if (value?.kind === 'string' || value?.kind === 'regex') return terminals.dfa(value);
  throw new CompileError('invalid_grammar', 'a marker is a string, a regular expression or a terminal', {
    ...position,
  });
}

function checkValue(attribute: Attribute): void {
  const { name, value } = attribute;
  switch (name) {
    case 'lazy':
      if (value) throw invalid(attribute, 'has no value');
      return;
    case 'temperature':
      if (value?.kind !== 'number') throw invalid(attribute, 'needs a number');
      return;
    case 'max_chars':
      if (value?.kind !== 'number' || !/^\d+$/.test(value.text))
        throw invalid(attribute, 'needs a whole number');
      return;
    case 'capture':
    case 'stop_capture':
      if (value ? value.kind !== 'string' || !/^[\w.-]+$/.test(value.text) : name === 'stop_capture')
        throw invalid(attribute, 'needs a name of letters, digits, _, - and .');
      return;
    default:
      if (
        value?.kind === 'name'
          ? !isTerminalName(value.text)
          : value?.kind !== 'string' && value?.kind !== 'regex'
      )
        throw invalid(attribute, 'needs a string, a regular expression or a terminal');
      if (name === 'suffix' && value?.text === '') throw invalid(attribute, 'is empty');
  }
}

/** llguidance's `stop=""`: the body goes on to its own end. */
function isEmptyStop(name: string, value: Attribute['value']): boolean {
  return name === 'stop' && value?.kind === 'string' && value.text === '';
}

function invalid({ name, position }: Attribute, message: string): CompileError {
  return new CompileError('invalid_grammar', `attribute '${name}' ${message}`, {
    ...position,
    keyword: name,
  });
}
