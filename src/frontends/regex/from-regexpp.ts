// Adapter of @eslint-community/regexpp, which reads all of ECMAScript 2025: its syntax tree to ours.
import type { AST } from '@eslint-community/regexpp';
import { RegExpParser } from '@eslint-community/regexpp';
import type { Intervals } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import { choiceNode, type RegexNode, sequenceNode } from './ast.js';
import { classSetNode, describe } from './class-sets.js';
import type { Flags } from './flags.js';
import {
  beginNode,
  characterNode,
  classNode,
  endNode,
  matchedBy,
  namedSet,
  wordBoundaryNode,
} from './sets.js';
import { joinClass, joinSequence } from './surrogates.js';

const parser = new RegExpParser({ ecmaVersion: 2025 });

/**
 * @throws CompileError `unsupported_regex` on backreferences
 * @throws RegExpSyntaxError of regexpp, with a 0-based `index`
 */
export function fromRegexpp(pattern: string, flags: Flags): RegexNode {
  const tree = parser.parsePattern(pattern, 0, pattern.length, {
    unicode: flags.unicode && !flags.unicodeSets,
    unicodeSets: flags.unicodeSets,
  });
  return alternatives(tree.alternatives, flags);
}

function alternatives(list: readonly AST.Alternative[], flags: Flags): RegexNode {
  const options: RegexNode[] = [];
  for (const alternative of list) options.push(alternativeNode(alternative, flags));
  return choiceNode(options);
}

function alternativeNode(alternative: AST.Alternative, flags: Flags): RegexNode {
  const elements = flags.unicode ? alternative.elements : joinSequence(alternative.elements);
  const items: RegexNode[] = [];
  for (const element of elements) items.push(elementNode(element, flags));
  return sequenceNode(items);
}

function elementNode(element: AST.Element, flags: Flags): RegexNode {
  switch (element.type) {
    case 'Character':
      return characterNode(element.value, flags);
    case 'CharacterSet':
      if (element.kind === 'property' && flags.unicodeSets) return classSetNode(element, flags);
      return { kind: 'set', set: matchedBy(namedSet(describe(element), flags), flags) };
    case 'CharacterClass':
      if (element.unicodeSets) return classSetNode(element, flags);
      return classNode(classParts(element.elements, flags), element.negate, flags);
    case 'ExpressionCharacterClass':
      return classSetNode(element, flags);
    case 'Group':
      return alternatives(element.alternatives, withModifiers(flags, element.modifiers));
    case 'CapturingGroup':
      return alternatives(element.alternatives, flags);
    case 'Quantifier':
      return {
        kind: 'repeat',
        item: elementNode(element.element, flags),
        min: element.min,
        max: element.max,
      };
    case 'Assertion':
      return assertionNode(element, flags);
    case 'Backreference':
      throw backreference(element);
  }
}

function assertionNode(assertion: AST.Assertion, flags: Flags): RegexNode {
  switch (assertion.kind) {
    case 'start':
      return beginNode(flags);
    case 'end':
      return endNode(flags);
    case 'word':
      return wordBoundaryNode(assertion.negate, flags);
    default:
      return {
        kind: 'look',
        behind: assertion.kind === 'lookbehind',
        negate: assertion.negate,
        body: alternatives(assertion.alternatives, flags),
      };
  }
}

function classParts(elements: readonly AST.ClassRangesCharacterClassElement[], flags: Flags): Intervals[] {
  const parts: Intervals[] = [];
  for (const part of flags.unicode ? elements : joinClass(elements)) parts.push(classPart(part, flags));
  return parts;
}

function classPart(part: AST.ClassRangesCharacterClassElement, flags: Flags): Intervals {
  if (part.type === 'Character') return [[part.value, part.value]];
  if (part.type === 'CharacterClassRange') return [[part.min.value, part.max.value]];
  return namedSet(describe(part), flags);
}

function withModifiers(flags: Flags, modifiers: AST.Modifiers | null): Flags {
  if (!modifiers) return flags;
  const { add, remove } = modifiers;
  const pick = (name: 'ignoreCase' | 'multiline' | 'dotAll') =>
    (flags[name] || add[name]) && !(remove?.[name] ?? false);
  return { ...flags, ignoreCase: pick('ignoreCase'), multiline: pick('multiline'), dotAll: pick('dotAll') };
}

function backreference(node: AST.Backreference): CompileError {
  return new CompileError(
    'unsupported_regex',
    `a backreference (${node.raw}) is no part of a regular language; rewrite the pattern without it`,
    { column: node.start + 1, keyword: 'backreference' },
  );
}
