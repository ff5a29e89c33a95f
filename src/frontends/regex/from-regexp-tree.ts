// Adapter of regexp-tree, the first choice: its syntax tree to ours, for the constructs that it reads as ECMAScript does.
// It declines all others (see the table in docs/automata.md), and regexpp reads the pattern instead.
import regexpTree from 'regexp-tree';
import type { Intervals } from '../../automata/index.js';
import { choiceNode, EMPTY_NODE, type RegexNode, sequenceNode } from './ast.js';
import type { Flags } from './flags.js';
import {
  beginNode,
  characterNode,
  classNode,
  endNode,
  matchedBy,
  type NamedSet,
  namedSet,
  wordBoundaryNode,
} from './sets.js';

/** The parts of regexp-tree's tree that are read here; its own types lack properties. */
type TreeNode =
  | { type: 'Char'; kind: string; value: string; codePoint?: number }
  | { type: 'CharacterClass'; negative?: true; expressions: TreeNode[] }
  | { type: 'ClassRange'; from: TreeNode; to: TreeNode }
  | {
      type: 'UnicodeProperty';
      name: string;
      value: string;
      negative: boolean;
      shorthand: boolean;
      binary: boolean;
    }
  | { type: 'Alternative'; expressions: TreeNode[] }
  | { type: 'Disjunction'; left: TreeNode | null; right: TreeNode | null }
  | { type: 'Group'; name?: string; expression: TreeNode | null }
  | { type: 'Repetition'; expression: TreeNode; quantifier: Quantifier }
  | { type: 'Assertion'; kind: string }
  | { type: 'Backreference' };

type Quantifier = { kind: '+' | '*' | '?' } | { kind: 'Range'; from: number; to?: number };

/** Thrown inside this file where the tree cannot be trusted. */
class Declined extends Error {}

const NAMED_SETS: ReadonlyMap<string, NamedSet> = new Map([
  ['.', { kind: 'any' }],
  ['\\d', { kind: 'digit' }],
  ['\\D', { kind: 'digit', negate: true }],
  ['\\s', { kind: 'space' }],
  ['\\S', { kind: 'space', negate: true }],
  ['\\w', { kind: 'word' }],
  ['\\W', { kind: 'word', negate: true }],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['\\t', 0x09],
  ['\\n', 0x0a],
  ['\\v', 0x0b],
  ['\\f', 0x0c],
  ['\\r', 0x0d],
]);
const BACKSPACE = 0x08;
/** Characters of more than one UTF-16 unit come out in halves, and without u \\c is misread; so neither is given to it. */
const READABLE = /^(?:[\x20-\x5b\x5d-\x7e]|\\[\x20-\x62\x64-\x7e])*$/;
/** Its time grows with the square of the length of a sequence. */
const MAX_LENGTH = 2000;

/** The syntax tree of a valid pattern, or undefined where regexp-tree is no judge of it. */
export function fromRegexpTree(pattern: string, flags: Flags): RegexNode | undefined {
  if (flags.unicodeSets || pattern.length > MAX_LENGTH || !READABLE.test(pattern)) return undefined;
  let body: TreeNode | null;
  try {
    const literal = `/${new RegExp(pattern).source}/${flags.unicode ? 'u' : ''}`;
    body = regexpTree.parse(literal).body as TreeNode | null;
  } catch {
    return undefined;
  }
  try {
    return node(body, flags);
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

function node(tree: TreeNode | null, flags: Flags): RegexNode {
  switch (tree?.type) {
    case undefined:
      return EMPTY_NODE;
    case 'Char': {
      const named = NAMED_SETS.get(tree.value);
      if (tree.kind === 'meta' && named)
        return { kind: 'set', set: matchedBy(namedSet(named, flags), flags) };
      return characterNode(codePoint(tree), flags);
    }
    case 'UnicodeProperty':
    case 'CharacterClass': {
      if (tree.type === 'UnicodeProperty')
        return { kind: 'set', set: matchedBy(classPart(tree, flags), flags) };
      const parts = tree.expressions.map((part) => classPart(part, flags));
      return classNode(parts, tree.negative === true, flags);
    }
    case 'Alternative':
      return sequenceNode(tree.expressions.map((item) => node(item, flags)));
    case 'Disjunction':
      return choiceNode(options(tree).map((option) => node(option, flags)));
    case 'Group':
      if (tree.name !== undefined) throw new Declined();
      return node(tree.expression, flags);
    case 'Repetition':
      return { kind: 'repeat', item: node(tree.expression, flags), ...bounds(tree.quantifier) };
    case 'Assertion':
      return assertion(tree.kind, flags);
    default:
      throw new Declined();
  }
}

/** Disjunctions lean to the left, as deep as there are options. */
function options(tree: TreeNode): (TreeNode | null)[] {
  const result: (TreeNode | null)[] = [];
  let left: TreeNode | null = tree;
  while (left?.type === 'Disjunction') {
    result.push(left.right);
    left = left.left;
  }
  result.push(left);
  return result.reverse();
}

function bounds(quantifier: Quantifier): { min: number; max: number } {
  switch (quantifier.kind) {
    case '*':
      return { min: 0, max: Number.POSITIVE_INFINITY };
    case '+':
      return { min: 1, max: Number.POSITIVE_INFINITY };
    case '?':
      return { min: 0, max: 1 };
    case 'Range':
      return { min: quantifier.from, max: quantifier.to ?? Number.POSITIVE_INFINITY };
  }
}

function assertion(kind: string, flags: Flags): RegexNode {
  switch (kind) {
    case '^':
      return beginNode(flags);
    case '$':
      return endNode(flags);
    case '\\b':
    case '\\B':
      return wordBoundaryNode(kind === '\\B', flags);
    default:
      throw new Declined();
  }
}

function classPart(part: TreeNode, flags: Flags): Intervals {
  switch (part.type) {
    case 'UnicodeProperty': {
      const { name, value, negative, shorthand, binary } = part;
      return namedSet(
        { kind: 'property', negate: negative, property: shorthand || binary ? value : `${name}=${value}` },
        flags,
      );
    }
    case 'ClassRange':
      return [[codePoint(part.from, true), codePoint(part.to, true)]];
    case 'Char': {
      const named = part.kind === 'meta' ? NAMED_SETS.get(part.value) : undefined;
      if (named) return namedSet(named, flags);
      const value = codePoint(part, true);
      return [[value, value]];
    }
    default:
      throw new Declined();
  }
}

function codePoint(tree: TreeNode, inClass = false): number {
  if (tree.type !== 'Char') throw new Declined();
  if (tree.kind === 'meta') {
    const control = inClass && tree.value === '\\b' ? BACKSPACE : CONTROLS.get(tree.value);
    if (control === undefined) throw new Declined();
    return control;
  }
  const readable =
    tree.kind === 'simple' || tree.kind === 'hex' || tree.kind === 'unicode' || tree.value === '\\0';
  if (!readable || typeof tree.codePoint !== 'number' || Number.isNaN(tree.codePoint)) throw new Declined();
  if (tree.codePoint >= 0xd800 && tree.codePoint <= 0xdfff) throw new Declined();
  return tree.codePoint;
}
