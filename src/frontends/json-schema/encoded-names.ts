// Host names with encoded labels (`xn--…`, RFC 5891), and with labels beyond ASCII of any length that can be encoded: no
// automaton knows Punycode, so these names are a grammar in which each such label is captured and checked (TextCheck). It
// stands beside the format's automaton as long as nothing else restricts the strings.
import {
  acceptsText,
  type ClassedAutomaton,
  type Dfa,
  intersectDfa,
  passesCheck,
  type TextCheck,
  unionDfa,
  utf8Dfa,
} from '../../automata/index.js';
import { bytes, choice, type Node, op, regular, repeat, sequence } from '../../grammar/index.js';
import { regexToDfa } from '../regex/index.js';
import { type LabelRules, labelRules } from './idn-formats.js';
import type { WholeFormat } from './shape.js';

/** Labels in these names, encoded and with their prefix; four of them and three separators stay below 253 characters. */
const LONGEST_LABEL = 62;
const MOST_LABELS = 4;
const PREFIX = 'xn--';
const LONGEST_TEXT = LONGEST_LABEL - PREFIX.length;
/** Greek alpha: a letter that may stand anywhere in a label that is written from left to right. */
const FILLER = 0x3b1;

/** Labels of letters, digits and hyphens, and the checks of the labels that stand in a name with them. */
interface NameFamily {
  readonly ascii: Dfa;
  readonly encoded: TextCheck;
  readonly unicode: TextCheck;
}

type LabelPattern = (longest: number) => string;

const knownFamilies = new Map<LabelPattern, readonly NameFamily[]>();

/**
 * Names without labels from right to left, and names that may have some: there no label begins with a digit, and those beyond
 * ASCII begin and end with a letter.
 */
function nameFamilies(label: LabelPattern): readonly NameFamily[] {
  const known = knownFamilies.get(label);
  if (known) return known;
  const { leftToRight, rightToLeft, symbols } = labelRules();
  const ascii = regexToDfa(label(LONGEST_LABEL));
  const lettered = intersectDfa(leftToRight, regexToDfa('[aAlgK].*(?<=[aAl0gK])'));
  const checks = (labels: Dfa): Pick<NameFamily, 'encoded' | 'unicode'> => {
    const shared = { longest: LONGEST_TEXT, filler: FILLER, automaton: classed(labels, symbols) };
    return { encoded: { kind: 'encoded', ...shared }, unicode: { kind: 'unicode', ...shared } };
  };
  const families = [
    { ascii, ...checks(leftToRight) },
    {
      ascii: intersectDfa(ascii, regexToDfa('[A-Za-z].*')),
      ...checks(unionDfa(lettered, rightToLeft)),
    },
  ];
  knownFamilies.set(label, families);
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
 * @param isIdn whether labels may be in Unicode too
 */
export function namesWithEncodedLabels(
  language: Dfa,
  label: LabelPattern,
  separators: readonly string[],
  isIdn: boolean,
): NonNullable<WholeFormat['grammar']> {
  const encoder = new TextEncoder();
  return {
    test: (text) =>
      acceptsText(language, text) ||
      nameFamilies(label).some((family) => isName(text.split(separatorOf(separators)), family, isIdn)),
    node: (spell) => {
      const dots = choice(...separators.map((separator) => bytes(encoder.encode(separator))));
      const names = nameFamilies(label).map((family) => {
        const beyond = isIdn ? [unicodeLabel(family.unicode)] : [];
        const name = choice(regular(family.ascii), encodedLabel(family.encoded), ...beyond);
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
  return sequence(bytes(PREFIX), checked(encodedText, check));
}

let unicodeText: Dfa | undefined;

/** What the check leaves of these letters, digits and characters beyond ASCII. */
function unicodeLabel(check: TextCheck): Node {
  unicodeText ??= utf8Dfa(regexToDfa('[a-z0-9\\-\\u{80}-\\u{10FFFF}]+'));
  return checked(unicodeText, check);
}

function checked(text: Dfa, check: TextCheck): Node {
  return sequence(op({ kind: 'capture', check }), regular(text), op({ kind: 'verify', check }));
}

function isName(labels: readonly string[], family: NameFamily, isIdn: boolean): boolean {
  const { ascii, encoded, unicode } = family;
  const encoder = new TextEncoder();
  const isLabel = (label: string) =>
    acceptsText(ascii, label) ||
    (label.startsWith(PREFIX) && passesCheck(encoded, encoder.encode(label.slice(PREFIX.length)))) ||
    (isIdn && passesCheck(unicode, encoder.encode(label)));
  return labels.length <= MOST_LABELS && labels.every(isLabel);
}
