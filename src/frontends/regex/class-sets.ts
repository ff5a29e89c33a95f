// Classes of the v flag: sets of code points and of strings, with union, intersection and difference (ECMA-262
// §22.2.2.9). Under i the standard works on folded members; here every set is closed under case instead, which is the
// same algebra: a folded member stands for its whole class, and complements of closed sets are closed.
import type { AST } from '@eslint-community/regexpp';
import { type Intervals, intersectIntervals, unionIntervals } from '../../automata/index.js';
import { choiceNode, type RegexNode } from './ast.js';
import { foldCase } from './case-folding.js';
import { complement } from './classes.js';
import { stringsOfProperty } from './emoji.js';
import type { Flags } from './flags.js';
import { matchedBy, type NamedSet, namedSet } from './sets.js';
import { wordTree } from './word-tree.js';

type ClassNode =
  | AST.UnicodeSetsCharacterClass
  | AST.ExpressionCharacterClass
  | AST.UnicodeSetsCharacterClassElement
  | AST.ClassSetOperand
  | AST.ClassIntersection
  | AST.ClassSubtraction;

interface ClassSet {
  /** Closed under case where i is on. */
  readonly codePoints: Intervals;
  /** Members that are not one code point long, by their folded spelling. */
  readonly strings: ReadonlyMap<string, readonly number[]>;
}

const NO_STRINGS: ReadonlyMap<string, readonly number[]> = new Map();

export function classSetNode(node: ClassNode, flags: Flags): RegexNode {
  const { codePoints, strings } = evaluate(node, flags);
  const set: RegexNode = { kind: 'set', set: codePoints };
  if (strings.size === 0) return set;
  return choiceNode([set, wordTree([...strings.values()], (some) => matchedBy(some, flags))]);
}

function evaluate(node: ClassNode, flags: Flags): ClassSet {
  switch (node.type) {
    case 'Character':
      return ofCodePoints([[node.value, node.value]], flags);
    case 'CharacterClassRange':
      return ofCodePoints([[node.min.value, node.max.value]], flags);
    case 'CharacterSet':
      if (node.kind === 'property' && node.strings) return ofStrings(stringsOfProperty(node.key), flags);
      // A complement is taken of the closed set, unlike that of flag u.
      return negated(ofCodePoints(namedSet({ ...describe(node), negate: false }, flags), flags), node.negate);
    case 'ClassStringDisjunction':
      return ofStrings(
        node.alternatives.map(({ elements }) => elements.map(({ value }) => value)),
        flags,
      );
    case 'CharacterClass':
      return negated(union(node.elements.map((element) => evaluate(element, flags))), node.negate);
    case 'ExpressionCharacterClass':
      return negated(evaluate(node.expression, flags), node.negate);
    case 'ClassIntersection':
    case 'ClassSubtraction': {
      const left = evaluate(node.left, flags);
      const right = evaluate(node.right, flags);
      return node.type === 'ClassIntersection' ? intersection(left, right) : difference(left, right);
    }
  }
}

/** A set of regexpp in the adapters' common terms. */
export function describe(set: AST.CharacterSet): NamedSet {
  if (set.kind === 'any') return { kind: 'any' };
  if (set.kind !== 'property') return { kind: set.kind, negate: set.negate };
  return {
    kind: 'property',
    negate: set.negate,
    property: set.value === null ? set.key : `${set.key}=${set.value}`,
  };
}

function ofCodePoints(set: Intervals, flags: Flags): ClassSet {
  return { codePoints: matchedBy(set, flags), strings: NO_STRINGS };
}

function ofStrings(words: readonly (readonly number[])[], flags: Flags): ClassSet {
  const single = words
    .filter((word) => word.length === 1)
    .map(([codePoint]) => [codePoint, codePoint] as const);
  const strings = new Map<string, readonly number[]>();
  for (const word of words)
    if (word.length !== 1) strings.set((flags.ignoreCase ? word.map(foldCase) : word).join(), word);
  return { codePoints: matchedBy(unionIntervals(single, []), flags), strings };
}

/** Only sets without strings can be negated; the parsers see to it. */
function negated(set: ClassSet, negate: boolean): ClassSet {
  return negate ? { codePoints: complement(set.codePoints), strings: NO_STRINGS } : set;
}

function union(sets: readonly ClassSet[]): ClassSet {
  return {
    codePoints: sets.reduce<Intervals>((all, { codePoints }) => unionIntervals(all, codePoints), []),
    strings: new Map(sets.flatMap(({ strings }) => [...strings])),
  };
}

function intersection(a: ClassSet, b: ClassSet): ClassSet {
  return {
    codePoints: intersectIntervals(a.codePoints, b.codePoints),
    strings: new Map([...a.strings].filter(([key]) => b.strings.has(key))),
  };
}

function difference(a: ClassSet, b: ClassSet): ClassSet {
  return {
    codePoints: intersectIntervals(a.codePoints, complement(b.codePoints)),
    strings: new Map([...a.strings].filter(([key]) => !b.strings.has(key))),
  };
}
