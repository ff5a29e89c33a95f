// Host names with encoded labels (`xn--…`, RFC 5891): no automaton knows Punycode, so these names are a grammar in which each
// such label is captured and checked (TextCheck). It stands beside the format's automaton as long as nothing else restricts
// the strings.
import {
  acceptsSymbols,
  type ClassedAutomaton,
  type Dfa,
  intersectDfa,
  passesCheck,
  type TextCheck,
  unionDfa,
} from '../../automata/index.js';
import { bytes, choice, type Node, op, regular, repeat, sequence } from '../../grammar/index.js';
import { regexToDfa } from '../regex/index.js';
import { type LabelRules, labelRules } from './idn-formats.js';
import { codePoints, type WholeFormat } from './shape.js';

/** Labels of names with encoded ones, prefix included; four of them and three separators stay below 253 characters. */
const LONGEST_LABEL = 60;
const MOST_LABELS = 4;
const PREFIX = 'xn--';
const LONGEST_TEXT = LONGEST_LABEL - PREFIX.length;
/** Greek alpha: a letter that may stand anywhere in a label that is written from left to right. */
const FILLER = 0x3b1;

/** Labels of letters, digits and hyphens; an encoded label in a name with them passes `check`. */
interface NameFamily {
  readonly ascii: Dfa;
  readonly check: TextCheck;
}

let families: readonly NameFamily[] | undefined;

/**
 * Names without labels from right to left, and names that may have some: there no label begins with a digit, and those beyond
 * ASCII begin and end with a letter.
 */
function nameFamilies(label: (longest: number) => string): readonly NameFamily[] {
  if (families) return families;
  const { leftToRight, rightToLeft, symbols } = labelRules();
  const ascii = regexToDfa(label(LONGEST_LABEL));
  const lettered = intersectDfa(leftToRight, regexToDfa('[aAlgK].*(?<=[aAl0gK])'));
  const check = (automaton: Dfa): TextCheck => ({
    longest: LONGEST_TEXT,
    filler: FILLER,
    automaton: classed(automaton, symbols),
  });
  families = [
    { ascii, check: check(leftToRight) },
    {
      ascii: intersectDfa(ascii, regexToDfa('[A-Za-z].*')),
      check: check(unionDfa(lettered, rightToLeft)),
    },
  ];
  return families;
}

/** An automaton over kinds as one over classes of code points. */
function classed(dfa: Dfa, symbols: LabelRules['symbols']): ClassedAutomaton {
  const kinds = [...symbols.keys()];
  const intervals = kinds
    .flatMap((kind, index) => symbols.get(kind)!.map(([first, last]) => [first, last, index] as const))
    .sort((a, b) => a[0] - b[0]);
  const next = new Int32Array(dfa.edges.length * kinds.length).fill(-1);
  dfa.edges.forEach((edges, state) => {
    for (const { lo, hi, to } of edges)
      kinds.forEach((kind, index) => {
        const symbol = kind.codePointAt(0)!;
        if (lo <= symbol && symbol <= hi) next[state * kinds.length + index] = to;
      });
  });
  return { intervals, classCount: kinds.length, accept: dfa.accept, next };
}

/**
 * The names of a format as a whole: those of its automaton, and those with encoded labels.
 * @param label the pattern of an ASCII label of at most so many characters that is not encoded
 * @param separators what stands between two labels
 * @param within an automaton that takes every name of the format by its specification
 */
export function namesWithEncodedLabels(
  language: Dfa,
  label: (longest: number) => string,
  separators: readonly string[],
  within: Dfa,
): WholeFormat {
  const encoder = new TextEncoder();
  return {
    within,
    test: (text) =>
      acceptsSymbols(language, codePoints(text)) ||
      nameFamilies(label).some((family) => isName(text.split(separatorOf(separators)), family)),
    node: (spell) => {
      const dots = choice(...separators.map((separator) => bytes(encoder.encode(separator))));
      const names = nameFamilies(label).map((family) => {
        const name = choice(regular(family.ascii), encodedLabel(family.check));
        return sequence(name, repeat(sequence(dots, name), 0, MOST_LABELS - 1));
      });
      return choice(regular(spell(language)), ...names);
    },
  };
}

const separatorOf = (separators: readonly string[]) => new RegExp(`[${separators.join('')}]`, 'u');

let encodedText: Dfa | undefined;

function encodedLabel(check: TextCheck): Node {
  encodedText ??= regexToDfa(`[a-z0-9\\-]{0,${LONGEST_TEXT - 1}}[a-z0-9]`);
  return sequence(
    bytes(PREFIX),
    op({ kind: 'capture', check }),
    regular(encodedText),
    op({ kind: 'verify', check }),
  );
}

function isName(labels: readonly string[], { ascii, check }: NameFamily): boolean {
  const encoder = new TextEncoder();
  const isLabel = (label: string) =>
    acceptsSymbols(ascii, codePoints(label)) ||
    (label.startsWith(PREFIX) && passesCheck(check, encoder.encode(label.slice(PREFIX.length))));
  return labels.length <= MOST_LABELS && labels.every(isLabel);
}
