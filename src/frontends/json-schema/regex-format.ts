// The format `regex`: texts that are an ECMAScript pattern with flag u. Its groups nest, so all of them are no regular
// language. As an automaton groups nest up to three deep, lookaround stands outside of them, and named groups are left out.
// As a grammar (`wholeRegex`) groups and lookaround nest as they like, and named groups stand up to three groups deep: a frame
// remembers their names. Left out of both: references by number, `\0`, ranges of a class but those within 0-9, a-z and A-Z, and
// {n,m} where the order of the two is not seen from their lengths or first digits.
import { complementDfa, MAX_CODE_POINT } from '../../automata/index.js';
import {
  bytes,
  choice,
  type Node,
  op,
  optional,
  regular,
  repeat,
  scope,
  sequence,
} from '../../grammar/index.js';
import type { WholeFormat } from './shape.js';
import { writtenLanguage } from './written-language.js';

const SYNTAX = '\\^$\\\\.*+?()[\\]{}|';
const HEX = '[0-9A-Fa-f]';
const CATEGORY = '(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfnos]?)';
const ESCAPE = `\\\\(?:[dDsSwWtnvfr/${SYNTAX}]|c[A-Za-z]|x${HEX}{2}|u(?:${HEX}{4}|\\{0*(?:${HEX}{1,5}|10${HEX}{4})\\})|[pP]\\{${CATEGORY}\\})`;

/** `a-c` and the like, first to last in order. */
const CLASS_RANGE = [
  ['0', '9'],
  ['A', 'Z'],
  ['a', 'z'],
]
  .flatMap(([first, last]) =>
    Array.from({ length: last.charCodeAt(0) - first.charCodeAt(0) + 1 }, (_, index) => {
      const from = String.fromCharCode(first.charCodeAt(0) + index);
      return `${from}-[${from}-${last}]`;
    }),
  )
  .join('|');
const CLASS_MEMBER = `(?:${CLASS_RANGE}|[^\\\\\\]\\-]|${ESCAPE}|\\\\[b\\-])`;
const CLASS = `\\[(?:\\^?-?${CLASS_MEMBER}*-?)\\]`;

/** {n,m} with n below m by the number of digits, or by the first of as many. */
const RISING = [
  ...Array.from({ length: 10 }, (_, n) => `${n},[${n}-9]`),
  ...Array.from({ length: 8 }, (_, n) => `${n + 1}\\d,[${n + 2}-9]\\d`),
  '\\d,[1-9]\\d{1,3}',
  '\\d{2},[1-9]\\d{2,3}',
].join('|');
const QUANTIFIER = `(?:[*+?]|\\{(?:\\d{1,4},?|${RISING})\\})\\??`;

const DEPTH = 3;

function disjunction(depth: number, lookaround: string): string {
  const group = depth === 0 ? '' : `|\\((?:\\?:)?${disjunction(depth - 1, '')}\\)`;
  const atom = `(?:[^${SYNTAX}]|\\.|${ESCAPE}|${CLASS}${group})`;
  return `(?:[|^$]|\\\\[bB]|${atom}(?:${QUANTIFIER})?${lookaround})*`;
}

export const REGEX_FORMAT = disjunction(DEPTH, `|\\(\\?<?[=!]${disjunction(DEPTH - 1, '')}\\)`);

/** How many groups may stand around a named one, itself included. */
const NAMED_DEPTH = 3;
const NAME = '[A-Za-z_$][A-Za-z0-9_$]*';
/** What begins with a quantifier or a closing bracket, or ends in a backslash that escapes nothing, is no pattern. */
const NO_PATTERN = '[*+?{}\\)\\]][^]*|(?:[^\\\\]|\\\\[^])*\\\\';

interface Lexemes {
  /** Anything but groups and lookaround. */
  readonly flat: Node;
  readonly quantifier: Node;
  readonly name: Node;
}

const text = (characters: string) => bytes(new TextEncoder().encode(characters));

/** The format as a grammar. */
export const WHOLE_REGEX: WholeFormat = {
  get within() {
    return complementDfa(writtenLanguage(NO_PATTERN), MAX_CODE_POINT);
  },
  grammar: {
    test: (source) => {
      try {
        return new RegExp(source, 'u') !== undefined;
      } catch {
        return false;
      }
    },
    node: (spell, builder) => {
      const lexeme = (source: string) => regular(spell(writtenLanguage(source)));
      const lexemes = {
        flat: lexeme(disjunction(0, '')),
        quantifier: optional(lexeme(QUANTIFIER)),
        name: lexeme(NAME),
      };
      const body = builder.declare('regex');
      builder.define(body, withGroups(lexemes, nameless(body, lexemes)));
      return scope(withNames(NAMED_DEPTH, nameless(body, lexemes), body, lexemes));
    },
  },
};

function withGroups({ flat }: Lexemes, group: Node): Node {
  return sequence(flat, repeat(sequence(group, flat), 0, Number.POSITIVE_INFINITY));
}

/** Groups and lookaround without names inside. */
function nameless(body: Node, { quantifier }: Lexemes): Node {
  const group = sequence(text('('), optional(text('?:')), body, text(')'), quantifier);
  const look = choice(...['(?=', '(?!', '(?<=', '(?<!'].map(text));
  return choice(group, sequence(look, body, text(')')));
}

/** A pattern in which named groups and references to them may stand so deep. */
function withNames(depth: number, groups: Node, body: Node, lexemes: Lexemes): Node {
  const { quantifier, name } = lexemes;
  const inner = depth > 1 ? withNames(depth - 1, groups, body, lexemes) : body;
  const named = sequence(text('(?<'), op({ kind: 'begin' }), name, op({ kind: 'distinct' }), text('>'));
  const recalled = sequence(op({ kind: 'begin', recalls: true }), name, op({ kind: 'known' }));
  const options = [
    groups,
    sequence(named, inner, text(')'), quantifier),
    sequence(text('\\\\k<'), recalled, text('>'), quantifier),
  ];
  if (depth > 1) options.push(sequence(text('('), optional(text('?:')), inner, text(')'), quantifier));
  return withGroups(lexemes, choice(...options));
}
